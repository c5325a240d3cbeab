import ChatTemplates
import EvaluationSuites
import Foundation
import Kernels
import LlamaModel
import ModelFiles
import Tokenization

/// A model that is evaluated: its file, opened, and how it is asked.
struct EvaluationSubject {
  /// The name of the file without its ending, or of the folder; the path where two have one name. With another RoPE base
  /// ` theta 303000` behind it.
  private(set) var name: String
  let file: ModelFile
  let tokenizer: Tokenizer
  let encoder: PromptEncoder
  /// Nil for a model without one, and where it is left aside.
  let template: String?
  /// Changes when the file does.
  private(set) var fingerprint: String
  /// How positions become angles; the file's, or the same with another base.
  private var rope: RoPEDescription
  /// Whether only the file decides what is computed.
  private(set) var isAsItIs = true

  /// Every model as it is, each followed by itself with every other RoPE base.
  ///
  /// - Parameter plain: leaves the chat template aside.
  static func all(_ paths: [String], thetas: [Double], plain: Bool) throws -> [EvaluationSubject] {
    let names = paths.map(ModelFile.name)
    let subjects = try zip(paths, names).flatMap { path, name in
      let model = try EvaluationSubject(path, name: names.count { $0 == name } > 1 ? path : name, plain: plain)
      return try [model] + thetas.map(model.withTheta)
    }
    for (name, same) in Dictionary(grouping: subjects, by: \.name) where same.count > 1 {
      throw UsageError("two models have the name \(name); rename one of the files")
    }
    return subjects
  }

  private init(_ path: String, name: String, plain: Bool) throws {
    self.name = name
    file = try ModelFile(path: path)
    rope = file.configuration.rope
    let tokenizer = try Tokenizer(of: file), chat = try ChatPrompt(tokenizer, of: path)
    self.tokenizer = tokenizer
    encoder = PromptEncoder(tokenizer, plain ? nil : chat)
    template = plain ? nil : tokenizer.description.chatTemplate
    fingerprint = Self.fingerprint(path)
  }

  /// The same model with another RoPE base, nothing else changed and nothing trained.
  private func withTheta(_ theta: Double) throws -> EvaluationSubject {
    var subject = self
    do throws(RoPEError) {
      subject.rope = try rope.applying(
        .theta(.number(theta)), context: rope.trainedContext, headSize: file.configuration.headSize)
    } catch {
      throw UsageError("--theta for \(file.path): \(error)")
    }
    let number = Int(exactly: theta).map(String.init) ?? "\(theta)"
    subject.name += " theta \(number)"
    subject.fingerprint += ", theta \(number)"
    subject.isAsItIs = false
    return subject
  }

  /// Size and date of a file, or of a folder's files together.
  private static func fingerprint(_ path: String) -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path))?.map { path + "/" + $0 } ?? [path]
    let attributes = names.compactMap { name in
      try? FileManager.default.attributesOfItem(atPath: URL(filePath: name).resolvingSymlinksInPath().path)
    }
    let files = attributes.filter { $0[.type] as? FileAttributeType == .typeRegular }
    let size = files.reduce(0) { $0 + (($1[.size] as? NSNumber)?.intValue ?? 0) }
    let date = files.compactMap { ($0[.modificationDate] as? Date)?.timeIntervalSince1970 }.max() ?? 0
    return "\(size) bytes of \(Int(date))"
  }

  /// Refuses tests that this machine's memory cannot hold, before any is made.
  func checkMemory(_ plan: EvaluationPlan) throws {
    let weights = file.storedBytes, longest = plan.lengths.max() ?? 0
    if plan.suites.contains(where: \.asksQuestions) {
      try Machine.checkMemory(
        weights + file.configuration.readingBytes(context: longest, cache: plan.cache),
        for: "a question of \(longest) tokens to \(name)",
        otherwise: "choose --cache bf16 or int8, or leave the length out of --lengths")
    }
    if plan.suites.contains(.perplexity) {
      try Machine.checkMemory(
        weights + file.configuration.scoringBytes(length: longest),
        for: "the perplexity of \(longest) tokens for \(name)", otherwise: "leave the length out of --lengths")
    }
  }

  /// Reads the weights.
  func load(_ precision: Precision) throws -> Llama {
    var model = try precision.applied(to: file.loadStored())
    model.configuration.rope = rope
    return model
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
