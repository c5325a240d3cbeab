/// A template and what stays the same over all its runs.
struct Setting {
  var program: Program
  var specials: SpecialTexts
  var date: CalendarDate?

  /// One rendering, and the steps of work that it took.
  func run(_ conversation: Conversation, addingGenerationPrompt: Bool) throws(TemplateError) -> (
    content: MarkedBytes, work: Int
  ) {
    var variables: [String: Value] = [
      "messages": .list(conversation.values), "tools": .none, "documents": .none,
      "add_generation_prompt": .bool(addingGenerationPrompt),
    ]
    let texts = [
      "bos_token": specials.bos, "eos_token": specials.eos, "unk_token": specials.unknown,
      "pad_token": specials.padding,
    ]
    for (name, text) in texts { if let text { variables[name] = .string(text) } }
    let bytes = conversation.messages.reduce(0) { sum, message in
      message.fields.reduce(sum + message.role.utf8.count + message.content.utf8.count) {
        $0 + $1.key.utf8.count + $1.value.utf8.count
      }
    }
    let renderer = Renderer(
      program, variables: variables,
      assistants: Set(conversation.messages.indices.filter { conversation.messages[$0].role == "assistant" }),
      date: date,
      // Small fixed allowance, each byte of the input some times over, each message a few times the whole template.
      workLimit: 200_000 + 2 * bytes + (conversation.messages.count + 1) * 4 * (program.nodeCount + 16))
    let content = try renderer.run()
    return (content, renderer.work)
  }
}
