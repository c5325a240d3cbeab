import ChatTemplates
import Foundation

/// What a reference program made of a template: a text, or a refusal.
enum Reference: Decodable, Equatable {
  case text(String)
  case error(kind: String, message: String)

  private enum Key: CodingKey { case error, message }

  init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self = .text(text)
    } else {
      let fields = try decoder.container(keyedBy: Key.self)
      self = .error(
        kind: try fields.decode(String.self, forKey: .error), message: try fields.decode(String.self, forKey: .message))
    }
  }
}

/// Files of Scripts/make-template-fixtures.py.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  struct Templates: Decodable {
    var conversations: [String: [[String: String]]]
    /// By template and conversation: without and with generation prompt.
    var renderings: [String: [String: [Reference]]]
  }

  struct Expressions: Decodable {
    struct Case: Decodable {
      var template: String
      var result: Reference
    }
    var messages: [[String: String]]
    var cases: [Case]
  }

  static func templates() throws -> Templates { try decoded("templates.json") }
  static func expressions() throws -> Expressions { try decoded("expressions.json") }

  static func source(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "templates/\(name).jinja"), encoding: .utf8)
  }

  static let names = [
    "chatml", "deepseek-llm", "deepseek-r1", "deepseek-v2", "gemma", "gemma3", "llama2", "llama3", "llama31", "llama32",
    "macros",
    "mistral-v01", "mistral-v03", "phi3", "qwen2", "qwen25", "qwen3", "smollm2", "smollm3", "tinyllama", "vicuna",
    "yi", "yi15", "zephyr",
  ]

  private static func decoded<T: Decodable>(_ name: String) throws -> T {
    try JSONDecoder().decode(T.self, from: Data(contentsOf: folder.appending(path: name)))
  }
}

/// The special tokens and the date of the fixtures.
let specials = SpecialTexts(bos: "<s>", eos: "</s>")
let date = CalendarDate(year: 2025, month: 3, day: 9, hour: 14, minute: 5, second: 7)

func messages(_ fields: [[String: String]]) -> [ChatMessage] {
  fields.map { fields in
    ChatMessage(
      role: fields["role"] ?? "", content: fields["content"] ?? "",
      fields: fields.filter { $0.key != "role" && $0.key != "content" })
  }
}

/// Messages of user and assistant in turn, the user first.
func turns(_ contents: String...) -> [ChatMessage] {
  contents.enumerated().map { ChatMessage(role: $0 % 2 == 0 ? "user" : "assistant", content: $1) }
}

extension RenderedChat {
  /// The texts of the spans.
  var spoken: [String] {
    let bytes = Array(text.utf8)
    return assistantSpans.map { String(decoding: bytes[$0.range], as: UTF8.self) }
  }
}
