import ChatTemplates
import TestSupport
import Testing

@Suite struct SpanTests {
  func render(_ source: String, _ messages: [ChatMessage]) throws -> RenderedChat {
    try ChatTemplate(source).render(messages, specials: specials, date: date)
  }

  @Test func `a span is what the assistant wrote, without the end of turn`() throws {
    let chat = try render(try Fixtures.source("smollm2"), turns("Hi", "Hello!", "Why?", "Because."))
    #expect(chat.spoken == ["Hello!", "Because."])
    #expect(chat.assistantSpans.map(\.messageIndex) == [1, 3])
    let bytes = Array(chat.text.utf8)
    for span in chat.assistantSpans {
      #expect(bytes[span.range.upperBound...].starts(with: "<|im_end|>".utf8))
      #expect(bytes[..<span.range.lowerBound].suffix(22) == ArraySlice("<|im_start|>assistant\n".utf8))
    }
  }

  /// Some generated contents would be taken apart by templates that know about thinking.
  static let templates = Fixtures.names.filter { !["smollm3"].contains($0) }

  @Test(arguments: templates) func `spans hold the trimmed contents in order, for random conversations`(name: String)
    throws
  {
    let template = try ChatTemplate(try Fixtures.source(name))
    var random = SplitMix64(seed: 7)
    let pieces = [
      "a", "assistant", " ", "\n", "é", "世界", "👩‍👩‍👧", "{{ x }}", "{% if %}", "<|im_end|>", "user", "Hello", "\t", "</s>",
      "[/INST]",
    ]
    for _ in 0..<60 {
      var contents: [String] = []
      for _ in 0..<2 * Int.random(in: 1...6, using: &random) {
        contents.append(
          (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined())
      }
      let conversation = contents.enumerated().map {
        ChatMessage(role: $0 % 2 == 0 ? "user" : "assistant", content: $1)
      }
      let chat = try template.render(conversation, specials: specials, date: date)
      let wanted = conversation.filter { $0.role == "assistant" }.map { trimmed($0.content) }
      #expect(chat.spoken.map(trimmed) == wanted, "\(name)")
      #expect(
        zip(chat.assistantSpans, chat.assistantSpans.dropFirst()).allSatisfy {
          $0.range.upperBound <= $1.range.lowerBound
        })
    }
  }

  func trimmed(_ text: String) -> String {
    var scalars = Substring(text).unicodeScalars
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    return String(scalars)
  }

  @Test(arguments: Fixtures.names) func `equal contents everywhere still give the right places`(name: String) throws {
    let template = try ChatTemplate(try Fixtures.source(name))
    let chat = try template.render(turns("a", "a", "a", "a", "a", "a"), specials: specials, date: date)
    #expect(chat.assistantSpans.map(\.messageIndex) == [1, 3, 5])
    // Another letter in one assistant message changes the text exactly there.
    for (span, index) in zip(chat.assistantSpans, [1, 3, 5]) {
      var other = turns("a", "a", "a", "a", "a", "a")
      other[index].content = "b"
      let changed = Array(try template.render(other, specials: specials, date: date).text.utf8)
      let bytes = Array(chat.text.utf8)
      let differing = bytes.indices.filter { bytes[$0] != changed[$0] }
      #expect(differing.count == 1 && span.range.contains(differing[0]), "\(name)")
      if name != "smollm3" { #expect(span.range.count == 1, "\(name)") }
    }
  }

  @Test func `untrained messages and other roles have no spans`() throws {
    var conversation = turns("Hi", "Hello", "Why?", "So.")
    conversation[1].isTrained = false
    #expect(try render(try Fixtures.source("llama3"), conversation).assistantSpans.map(\.messageIndex) == [3])
  }

  @Test func `trims, slices, joins, macros and blocks keep spans`() throws {
    let body = [
      "{{ m.content | trim }}", "{{ m.content.strip() }}", "{{ 'x' + m.content.lstrip() + 'y' }}",
      "{{ 'x' ~ m.content ~ 'y' }}",
      "{{ [m.role, m.content] | join(': ') }}", "{{ ': '.join([m.role, m.content]) }}", "{{ m['content'][0:] }}",
      "{% set c %}[{{ m.content }}]{% endset %}{{ c }}", "{{ f(m.content) }}",
      "{{ m.content if m.content else 'none' }}",
      "{% for c in m.content %}{{ c }}{% endfor %}", "{{ m.get('content') }}", "{{ (m.content ~ '|').split('|')[0] }}",
      "{{ m.content | default('d') }}", "{{ '%s!' % m.content }}", "{{ '<{}>'.format(m.content) }}",
      "{{ m.values() | list | last }}",
      "{% filter trim %} {{ m.content }} {% endfilter %}", "{{ m.content[:3] }}{{ m.content[3:] }}",
      "{{ messages[loop.index].content | string }}",
      "{{ messages | map(attribute='content') | list | last }}", "{{ (m.content + '\\n').splitlines() | first }}",
      "{{ 'pre-' + m.content | indent(2) }}", "{{ m.content | replace('zzz', '') }}",
      "{% call g() %}{{ m.content }}{% endcall %}",
    ]
    for each in body {
      let source =
        "{% macro f(x) %}<{{ x }}>{% endmacro %}{% macro g() %}({{ caller() }}){% endmacro %}"
        + "{% for m in messages if m.role == 'assistant' %}\(each){% endfor %}"
      let chat = try render(
        source, [ChatMessage(role: "user", content: "x"), ChatMessage(role: "assistant", content: "Héllo x")])
      #expect(chat.spoken == ["Héllo x"], "\(each)")
    }
  }

  @Test func `an empty answer has an empty span where it would stand`() throws {
    let chat = try render(try Fixtures.source("chatml"), turns("Hi", "", "Why?", " \n"))
    #expect(chat.spoken == ["", " \n"])
    #expect(Array(chat.text.utf8)[chat.assistantSpans[0].range.upperBound...].starts(with: "<|im_end|>".utf8))
    let trimming = try render(try Fixtures.source("llama3"), turns("Hi", " \n"))
    #expect(trimming.spoken == [""])
    #expect(Array(trimming.text.utf8)[trimming.assistantSpans[0].range.upperBound...].starts(with: "<|eot_id|>".utf8))
  }

  @Test func `generation blocks say themselves what is labelled`() throws {
    let source =
      "{% for m in messages %}{% if m.role == 'assistant' %}A:{% generation %}{{ m.content | upper | tojson }}<end>{% endgeneration %}\n"
      + "{% else %}U:{{ m.content }}\n{% endif %}{% endfor %}"
    let chat = try render(source, turns("Hi", "yes", "So", "no"))
    #expect(chat.spoken == ["\"YES\"<end>", "\"NO\"<end>"])
    #expect(chat.assistantSpans.map(\.messageIndex) == [1, 3])
    let smollm3 = try render(try Fixtures.source("smollm3"), turns("Hi", "\nyes", "So", "no"))
    // Without the header, which the generation prompt writes.
    #expect(smollm3.spoken == ["yes<|im_end|>\n", "no<|im_end|>\n"])
    let system = ChatMessage(role: "system", content: "/no_think")
    let silent = try render(try Fixtures.source("smollm3"), [system] + turns("Hi", "yes"))
    #expect(silent.spoken == ["yes<|im_end|>\n"] && silent.text.contains("</think>\nyes"))
  }

  @Test func `content written in pieces is found by rendering prefixes`() throws {
    // Qwen3 takes thinking out of older turns and sets the last one's apart.
    let source = try Fixtures.source("qwen3")
    let thought = "<think>\nsum\n</think>\n\n4"
    let last = try render(source, turns("2+2?", thought))
    #expect(last.spoken == [thought])
    let both = try render(source, turns("2+2?", thought, "3+3?", "<think>again</think>6"))
    #expect(both.spoken == ["4", "<think>\nagain\n</think>\n\n6"])
    let changed =
      "{% for m in messages %}<{{ m.role }}>{{ m.content | tojson }}</>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
    let chat = try render(changed, turns("a", "a", "b", "\u{1}\"0"))
    // From the generation prompt's end to where the text no longer depends on the content.
    #expect(chat.spoken == ["\"a", "\"\\u0001\\\"0"])
  }

  @Test func `a template that hides or moves an answer is refused by message`() throws {
    let hiding =
      "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}A:{% endif %}"
    let counting = "{{ messages | length }}{% for m in messages %}{{ m.content | tojson }}{% endfor %}"
    let twice = "{{ messages[1].content }}:{% for m in messages %}{{ m.content }};{% endfor %}"
    let refusing =
      "{% if messages | length < 3 %}{{ raise_exception('too short') }}{% endif %}{% for m in messages %}{{ m.content | tojson }}{% endfor %}"
    let silent = "{% for m in messages %}{{ m.role }};{% endfor %}"
    for (source, word) in [
      (hiding, "differently"), (counting, "differently"), (twice, "piece"), (refusing, "too short"),
      (silent, "does not write"),
    ] {
      let error = #expect(throws: TemplateError.self) { try render(source, turns("Hi", "Hello", "So", "Yes")) }
      #expect(error?.kind == .unlabelled(messageIndex: 1))
      #expect(error?.description.contains("message 1") ?? false)
      #expect(error?.message.contains(word) ?? false, "\(error?.description ?? "")")
      // The same is fine where nothing is to be labelled.
      let untrained = turns("Hi", "Hello", "So", "Yes").map {
        ChatMessage(role: $0.role, content: $0.content, isTrained: false)
      }
      #expect(try render(source, untrained).assistantSpans.isEmpty)
    }
  }

  @Test func `without a date templates write the date they carry`() throws {
    let template = try ChatTemplate(try Fixtures.source("llama32"))
    #expect(try template.render(turns("Hi"), specials: specials).text.contains("Today Date: 26 Jul 2024"))
    #expect(try template.render(turns("Hi"), specials: specials, date: date).text.contains("Today Date: 09 Mar 2025"))
  }

  @Test func `a prompt may leave out what was said before, which could not be trained`() throws {
    let template = try ChatTemplate(
      "{% for m in messages %}{% if m.role == 'user' %}[user]{{ m.content }}{% endif %}{% endfor %}[assistant]")
    let messages = turns("Hi", "Hello!", "Why?")
    #expect(throws: TemplateError.self) { try template.render(messages, addingGenerationPrompt: true) }
    #expect(try template.prompt(messages) == "[user]Hi[user]Why?[assistant]")
    for name in Fixtures.names {
      let known = try ChatTemplate(try Fixtures.source(name)), chat = turns("Hi", "Hello!", "Why?")
      let rendered = try known.render(chat, addingGenerationPrompt: true, specials: specials, date: date).text
      #expect(try known.prompt(chat, specials: specials, date: date) == rendered)
    }
  }
}
