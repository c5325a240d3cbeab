/// Which data set's manner a record is written in.
enum RecordShape: String, Sendable, Codable, CaseIterable {
  case shareGPT = "ShareGPT"
  case messages = "OpenAI messages"
  case ultraChat = "UltraChat"
  case alpaca = "Alpaca"
  case completion = "prompt and completion"
  case text = "plain text"

  /// The shape of a record with a list of turns.
  init(listNamed key: String) {
    self = key == "messages" ? .messages : key == "data" ? .ultraChat : .shareGPT
  }

  /// The shape of a record with these texts and no list of turns; nil for none.
  init?(textsNamed keys: some Collection<String>) {
    if keys.contains("instruction"), keys.contains("output") {
      self = .alpaca
    } else if keys.contains("prompt"), keys.contains("completion") {
      self = .completion
    } else if keys.contains("text") {
      self = .text
    } else {
      return nil
    }
  }

  /// The keys of the shapes without a list of turns.
  static let textKeys: Set<String> = ["instruction", "input", "output", "prompt", "completion", "text"]

  /// The turns of a record of texts.
  ///
  /// Alpaca's input, where there is one, stands behind its instruction after an empty line.
  func turns(from texts: [String: String]) -> [Turn] {
    func text(_ key: String) -> String { texts[key] ?? "" }
    switch self {
    case .alpaca:
      let input = text("input")
      let question = input.allSatisfy(\.isWhitespace) ? text("instruction") : text("instruction") + "\n\n" + input
      return [Turn(.user, question), Turn(.assistant, text("output"))]
    case .completion: return [Turn(.user, text("prompt")), Turn(.assistant, text("completion"))]
    case .text: return [Turn(.text, text("text"))]
    case .shareGPT, .messages, .ultraChat: return []
    }
  }
}
