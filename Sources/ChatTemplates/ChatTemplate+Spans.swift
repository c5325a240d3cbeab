/// Where the assistant speaks: from the marks that contents carry through the template, or else by comparing renderings.
extension Setting {
  func spans(in content: MarkedBytes, of conversation: Conversation) throws(TemplateError)
    -> [RenderedChat.AssistantSpan]
  {
    var marks: [Int: [Mark]] = [:]
    for mark in content.marks { marks[mark.message, default: []].append(mark) }
    var spans: [RenderedChat.AssistantSpan] = []
    var work = 0
    var header: [UInt8]?
    for (index, message) in conversation.messages.enumerated() where message.role == "assistant" && message.isTrained {
      let own = marks[index] ?? []
      let blocks = own.filter(\.isGeneration)
      if !blocks.isEmpty {
        // The template says so itself, and may say it in pieces; what a generation prompt writes is never to be said.
        let prompt = header ?? generationPrompt(behind: conversation.prefix(index))
        header = prompt
        for block in blocks {
          let isHeaded = content.bytes[block.lower..<block.upper].starts(with: prompt)
          let range = block.lower + (isHeaded ? prompt.count : 0)..<block.upper
          spans.append(.init(messageIndex: index, range: range))
        }
      } else if let range = Self.range(of: own) {
        spans.append(.init(messageIndex: index, range: range))
      } else if !message.content.unicodeScalars.allSatisfy(\.isPythonWhitespace) {
        let range = try prefixSpan(of: index, in: content, of: conversation, &work)
        spans.append(.init(messageIndex: index, range: range))
      }
    }
    return spans.sorted { ($0.range.lowerBound, $0.messageIndex) < ($1.range.lowerBound, $1.messageIndex) }
  }

  /// What the template adds behind a conversation for the assistant to go on from; nothing where it cannot be rendered.
  private func generationPrompt(behind conversation: Conversation) -> [UInt8] {
    guard let bare = try? run(conversation, addingGenerationPrompt: false).content.bytes,
      let prompted = try? run(conversation, addingGenerationPrompt: true).content.bytes, prompted.starts(with: bare)
    else { return [] }
    return Array(prompted[bare.count...])
  }

  /// The one place that all marks of a message make, if they make one.
  private static func range(of marks: [Mark]) -> Range<Int>? {
    let filled = marks.filter { $0.lower < $0.upper }
    let candidates = filled.isEmpty ? marks : filled
    guard let first = candidates.first, candidates.allSatisfy({ $0 == first }) else { return nil }
    return candidates.count == 1 || filled.isEmpty ? first.lower..<first.upper : nil
  }

  /// The most steps of work that comparing renderings may take for one conversation: some seconds.
  private static let workLimit = 1 << 25

  /// The span of a message that the template writes changed or in pieces.
  ///
  /// It begins where the rendering of all before it, with generation prompt, ends. It ends where renderings that differ in
  /// this content only become equal again. Both need a template that is prefix-preserving here, which is checked.
  private func prefixSpan(
    of index: Int, in content: MarkedBytes, of conversation: Conversation, _ work: inout Int
  ) throws(TemplateError) -> Range<Int> {
    func failure(_ reason: String) -> TemplateError {
      TemplateError(
        kind: .unlabelled(messageIndex: index), line: 0, column: 0,
        message: "the assistant's content does not stand in one piece in the rendered text, and \(reason); "
          + "use a template with '{% generation %}' blocks, or leave this message untrained")
    }
    func run(_ conversation: Conversation, addingGenerationPrompt: Bool = false) throws(TemplateError) -> [UInt8] {
      do {
        let run = try self.run(conversation, addingGenerationPrompt: addingGenerationPrompt)
        work += run.work
        return run.content.bytes
      } catch {
        throw failure("the conversation up to it cannot be rendered: \(error)")
      }
    }
    if work > Self.workLimit { throw failure("the conversation is too long to be rendered message by message") }
    let through = conversation.prefix(index + 1)
    let before = try run(conversation.prefix(index), addingGenerationPrompt: true)
    let whole = try run(through)
    guard whole.starts(with: before) else {
      throw failure("the template writes what stands before it differently once it is there")
    }
    var tail = whole.count - before.count
    var isWritten = false
    for other in ["0", "1"] {
      let changed = try run(through.replacingLastContent(other))
      guard changed.starts(with: before) else { throw failure("the text before it depends on it") }
      isWritten = isWritten || changed != whole
      let limit = min(tail, changed.count - before.count)
      tail = zip(whole.reversed(), changed.reversed()).prefix(limit).prefix { $0 == $1 }.count
    }
    if !isWritten { throw failure("the template does not write it at all") }
    let end = whole.count - tail
    guard content.bytes.starts(with: whole[..<end]) else {
      throw failure("the template writes it differently once more follows")
    }
    return before.count..<end
  }
}
