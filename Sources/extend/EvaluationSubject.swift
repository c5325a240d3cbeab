import ChatTemplates
import EvaluationSuites
import Foundation
import LlamaModel
import ModelFiles
import Tokenization

/// A model that is evaluated: its file, opened, and how it is asked.
struct EvaluationSubject {
  /// The file's name without its ending; the path where two files have one name.
  let name: String
  let path: String
  let file: ModelFile
  let tokenizer: Tokenizer
  let encoder: PromptEncoder
  /// Changes when the file does.
  let fingerprint: String

  /// - Parameter plain: leaves the chat template aside.
  static func all(_ paths: [String], plain: Bool) throws -> [EvaluationSubject] {
    let names = paths.map { URL(filePath: $0).deletingPathExtension().lastPathComponent }
    return try zip(paths, names).map { path, name in
      try EvaluationSubject(path, name: names.count { $0 == name } > 1 ? path : name, plain: plain)
    }
  }

  private init(_ path: String, name: String, plain: Bool) throws {
    (self.name, self.path) = (name, path)
    file = try ModelFile(path: path)
    let tokenizer = try Tokenizer(of: file), chat = try ChatPrompt(tokenizer)
    self.tokenizer = tokenizer
    encoder = PromptEncoder(tokenizer, plain ? nil : chat)
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    fingerprint = "\(size) bytes of \(Int(date))"
  }
}

extension PromptEncoder {
  /// - Parameter chat: nil for prompts in plain text.
  init(_ tokenizer: Tokenizer, _ chat: ChatPrompt?) {
    self.init(
      tokens: { prompt in try chat?.tokens(of: prompt) ?? tokenizer.promptTokens(prompt.plainText) },
      text: { tokenizer.encode($0, parsingSpecials: false) })
  }
}

extension ChatPrompt {
  /// The tokens of a test's prompt, up to the beginning of the answer.
  func tokens(of prompt: Prompt) throws -> [TokenID] {
    func tokens(_ messages: [ChatMessage]) throws -> [TokenID] {
      try self.tokens(messages, answerStart: prompt.answerStart, plain: prompt.plainText)
    }
    guard let system = prompt.system else { return try tokens([ChatMessage(role: "user", content: prompt.user)]) }
    do {
      return try tokens([
        ChatMessage(role: "system", content: system), ChatMessage(role: "user", content: prompt.user),
      ])
    } catch {
      // Some templates refuse a system's turn; what it says then leads the user's.
      return try tokens([ChatMessage(role: "user", content: system + "\n\n" + prompt.user)])
    }
  }
}
