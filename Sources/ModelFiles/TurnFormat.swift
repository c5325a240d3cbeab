import ChatTemplates
import JSONText

/// A chat template taken apart: the text between one message's content and the next, which is all there is to most
/// templates.
///
/// Found by rendering short chats, and proved by putting longer ones together again; a template that does more than
/// this has none.
struct TurnFormat: Equatable {
  /// Before a first message of the user; of the system, if the template takes one.
  var beforeUser: String
  var beforeSystem: String?
  /// Between contents.
  var systemToUser: String?
  var userToAssistant: String
  var assistantToUser: String
  /// After the last message of the user: the beginning of the answer.
  var prompt: String

  /// The format of a template; nil if it is not of this kind.
  init?(_ template: ChatTemplate, specials: SpecialTexts) {
    func text(_ messages: [ChatMessage]) -> String? {
      (try? template.render(messages, addingGenerationPrompt: true, specials: specials))?.text
    }
    let (system, user, assistant) = (Self.system(0), Self.user(0), Self.assistant(0))
    guard let single = text([user]), let first = Self.cut(single, at: [user]),
      let double = text([user, assistant, Self.user(1)]),
      let gaps = Self.cut(double, at: [user, assistant, Self.user(1)]), gaps[0] == first[0], gaps[3] == first[1]
    else { return nil }
    (beforeUser, prompt) = (first[0], first[1])
    (userToAssistant, assistantToUser) = (gaps[1], gaps[2])
    if let withSystem = text([system, user]), let parts = Self.cut(withSystem, at: [system, user]), parts[2] == prompt {
      (beforeSystem, systemToUser) = (parts[0], parts[1])
    }
    let long = [user, assistant, Self.user(1), Self.assistant(1), Self.user(2)]
    let proofs = [[user], long] + (beforeSystem == nil ? [] : [[system] + long])
    guard proofs.allSatisfy({ text($0) == rendered($0) }) else { return nil }
  }

  /// A chat in this format, with the beginning of an answer at the end if the user spoke last.
  func rendered(_ messages: [ChatMessage]) -> String {
    var (text, last) = ("", "")
    for message in messages {
      switch (last, message.role) {
      case ("", "system"): text += beforeSystem ?? beforeUser
      case ("", _): text += beforeUser
      case ("system", "user"): text += systemToUser ?? "\n\n"
      case (_, "assistant"): text += userToAssistant
      default: text += assistantToUser
      }
      (text, last) = (text + message.content, message.role)
    }
    return text + (last == "user" ? prompt : "")
  }

  private static func system(_ number: Int) -> ChatMessage {
    ChatMessage(role: "system", content: "System text \(number)")
  }
  private static func user(_ number: Int) -> ChatMessage { ChatMessage(role: "user", content: "User text \(number)") }
  private static func assistant(_ number: Int) -> ChatMessage {
    ChatMessage(role: "assistant", content: "Answer text \(number)")
  }

  /// What stands before, between and after the contents, each of which must occur once and in order.
  private static func cut(_ text: String, at messages: [ChatMessage]) -> [String]? {
    var parts: [String] = [], rest = text[...]
    for message in messages {
      let pieces = rest.split(separator: message.content, omittingEmptySubsequences: false)
      guard pieces.count == 2 else { return nil }
      parts.append(String(pieces[0]))
      rest = pieces[1]
    }
    return parts + [String(rest)]
  }
}

extension TurnFormat {
  /// The format in Go's template language, for Ollama; it sees `.Messages` with `.Role` and `.Content`.
  ///
  /// Text stands in quoted strings only, so that no white space is lost or gained. A string of JSON is one of Go too.
  ///
  /// - Parameter bos: taken off the beginning, where the program that runs the model adds it.
  func goTemplate(without bos: String?) -> String {
    func opening(_ text: String) -> String {
      guard let bos, text.hasPrefix(bos) else { return text }
      return String(text.dropFirst(bos.count))
    }
    func literal(_ text: String) -> String { text.isEmpty ? "" : "{{ \(JSONValue.string(text).text()) }}" }
    let user = opening(beforeUser), system = opening(beforeSystem ?? beforeUser)
    return """
      {{- $last := "" }}
      {{- range .Messages }}
      {{- if eq .Role "system" }}
      {{- if eq $last "" }}\(literal(system)){{ else }}{{ "\\n\\n" }}{{ end }}{{ .Content }}
      {{- else if eq .Role "assistant" }}
      {{- if ne $last "" }}\(literal(userToAssistant)){{ end }}{{ .Content }}
      {{- else }}
      {{- if eq $last "" }}\(literal(user)){{ else if eq $last "system" }}\(literal(systemToUser ?? "\n\n"))\
      {{ else }}\(literal(assistantToUser)){{ end }}{{ .Content }}
      {{- end }}
      {{- $last = .Role }}
      {{- end }}
      {{- if and (ne $last "assistant") (ne $last "") }}\(literal(prompt)){{ end }}
      """
  }
}
