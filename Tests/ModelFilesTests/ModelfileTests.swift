import ChatTemplates
import Foundation
import LlamaModel
import TestSupport
import Testing
import Tokenization

@testable import ModelFiles

/// Templates of well-known families as Go writes them. `EXTEND_GO` names the `go` program; without it, that test is skipped.
@Suite(.serialized) struct ModelfileTests {
  static let go = ProcessInfo.processInfo.environment["EXTEND_GO"]
  static let specials = SpecialTexts(bos: "<s>", eos: "</s>")
  static let conversations: [[ChatMessage]] = {
    func chat(_ turns: String...) -> [ChatMessage] {
      turns.map { turn in
        let parts = turn.split(separator: ":", maxSplits: 1)
        return ChatMessage(role: String(parts[0]), content: String(parts[1]))
      }
    }
    return [
      chat("user:Hi"), chat("user:Hi", "assistant:Hello \"you\"", "user:{{ .Content }} \\n"),
      chat("system:Be brief.", "user:Why?"),
      chat("system:Be brief.", "user:Why?", "assistant:So.", "user:Line one\nline two  .", "assistant:Ünï", "user:日本"),
    ]
  }()

  static func format(_ name: String) throws -> TurnFormat {
    let template = try ChatTemplate(try #require(ChatTemplate.knownSources[name]))
    return try #require(TurnFormat(template, specials: specials))
  }

  @Test(arguments: ChatTemplate.knownSources.keys.sorted())
  func `every known template is taken apart and put together again`(name: String) throws {
    let format = try Self.format(name), template = try ChatTemplate(try #require(ChatTemplate.knownSources[name]))
    for conversation in Self.conversations where conversation[0].role != "system" || format.beforeSystem != nil {
      let text = try template.render(conversation, addingGenerationPrompt: true, specials: Self.specials).text
      #expect(format.rendered(conversation) == text)
    }
    #expect((format.beforeSystem == nil) == ["gemma", "mistral"].contains(name))
  }

  @Test func `a template that is more than turns has no format`() throws {
    for source in [
      "{{ messages | length }}", "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
      "{% for m in messages %}{{ loop.index ~ m.content }}{% endfor %}", "{{ raise_exception('no') }}",
    ] {
      #expect(TurnFormat(try ChatTemplate(source), specials: Self.specials) == nil, "\(source)")
    }
  }

  @Test(.enabled(if: go != nil), arguments: ChatTemplate.knownSources.keys.sorted())
  func `Go renders a template as Jinja does`(name: String) throws {
    struct Case: Encodable {
      struct Message: Encodable {
        var Role, Content: String
      }
      var template: String
      var messages: [Message]
    }
    let format = try Self.format(name)
    let chats = Self.conversations.filter { $0[0].role != "system" || format.beforeSystem != nil }
    let cases = chats.flatMap { chat in
      [nil, "<s>"].map { bos in
        Case(
          template: format.goTemplate(without: bos),
          messages: chat.map { Case.Message(Role: $0.role, Content: $0.content) })
      }
    }
    let rendered = try withTemporaryDirectory { folder in
      try JSONEncoder().encode(cases).write(to: URL(filePath: folder + "/cases.json"))
      let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scripts/render-go-templates.go").path
      let process = Process()
      process.executableURL = URL(filePath: try #require(Self.go))
      process.arguments = ["run", script, folder + "/cases.json", folder + "/texts.json"]
      process.environment = ProcessInfo.processInfo.environment.merging(
        ["GOCACHE": folder + "/cache", "GOFLAGS": "-mod=mod", "GO111MODULE": "off"]) { $1 }
      try process.run()
      process.waitUntilExit()
      return try JSONDecoder().decode([String].self, from: Data(contentsOf: URL(filePath: folder + "/texts.json")))
    }
    #expect(rendered.count == cases.count)
    for (chat, texts) in zip(chats, stride(from: 0, to: rendered.count, by: 2).map { rendered[$0..<$0 + 2] }) {
      let expected = format.rendered(chat)
      #expect(texts.first == expected)
      #expect(texts.last == (expected.hasPrefix("<s>") ? String(expected.dropFirst(3)) : expected))
    }
  }

  @Test func `the Modelfile has the model, the template, every stop token and the context`() throws {
    var description = try TokenizerDescription(gguf: sourceMetadata())
    description.chatTemplate = ChatTemplate.knownSources["zephyr"]
    let tokenizer = try Tokenizer(description)
    let configuration = randomModel(RoPECase.all[3].rope).configuration
    let file = OllamaModelfile(
      model: "tiny.gguf", description: "Two\nlines", configuration: configuration, tokenizer: tokenizer)
    let lines = file.text.split(separator: "\n").map(String.init)
    #expect(file.hasTemplate)
    #expect(lines.contains("FROM ./tiny.gguf") && lines.contains("PARAMETER num_ctx 256"))
    #expect(lines.contains("PARAMETER stop \"</s>\"") && lines.contains("# Two lines"))
    #expect(file.text.components(separatedBy: "\"\"\"").count == 3)
    // 2 layers × 2 (keys, values) × 256 tokens × 2 heads × 16 × 2 bytes = 64 KiB, told as at least a mebibyte.
    #expect(file.text.contains("1 MiB of memory in F16"))
    #expect(file.text.contains(#"{{ "<|user|>\n" }}"#))

    description.chatTemplate = nil
    let base = OllamaModelfile(
      model: "b.gguf", description: nil, configuration: configuration, tokenizer: try Tokenizer(description))
    #expect(!base.hasTemplate && base.text.contains("TEMPLATE \"{{ .Prompt }}\""))
    description.chatTemplate = "{{ messages | length }}"
    let odd = OllamaModelfile(
      model: "c.gguf", description: nil, configuration: configuration, tokenizer: try Tokenizer(description))
    #expect(!odd.hasTemplate && !odd.text.contains("TEMPLATE"))
  }
}
