import ChatTemplates
import Foundation
import TextCleaning
public import Tokenization

/// Looks through conversation files: formats, roles, languages, broken records and lengths.
public struct DataInspector: Sendable {
  let files: [String]
  let rules: ConversationRules
  let measure: Measure
  let lengths: [Int]

  /// What conversations are measured in.
  enum Measure: Sendable {
    case characters
    /// As training would encode them; words only where the template refuses a conversation, or there is none.
    case tokens(ConversationEncoder)
  }

  /// - Parameters:
  ///   - tokenizer: measures lengths in tokens; without one they are counted in characters.
  ///   - template: the chat template to render by, most often the model's own.
  ///   - lengths: context lengths to count conversations by, ascending.
  /// - Throws: `TemplateError` for a template that cannot be parsed.
  public init(
    files: [String], rules: ConversationRules, tokenizer: Tokenizer?, template: String?, lengths: [Int]
  ) throws {
    (self.files, self.rules, self.lengths) = (files, rules, lengths)
    if let tokenizer {
      measure = .tokens(try ConversationEncoder(tokenizer: tokenizer, template: template))
    } else {
      measure = .characters
    }
  }

  /// Reads the files, twice: for the records' places, then chat by chat.
  ///
  /// - Throws: `CorpusError` for files that cannot be read; broken records are in the result.
  public func inspect(progress: (CorpusProgress) -> Void = { _ in }) throws -> DataInspection {
    var report = CorpusReport()
    var stream = try DocumentStream(
      files: files, rules: rules, scratch: NSTemporaryDirectory(), length: { $0.unicodeScalars.count }, &report,
      progress: progress)
    var result = DataInspection(unit: unit, reach: lengths)
    let measure = measure
    try stream.forEachBatch(&report, progress: progress) { documents, _ in
      let looks = parallelMap(documents.map(\.conversation)) { conversation in
        (Language(of: conversation.turns.map(\.content)), measure.length(of: conversation), conversation.turns.count)
      }
      for (language, length, turns) in looks { result.count(language, length, turns: turns) }
    }
    result.finish(report)
    return result
  }

  private var unit: String { if case .tokens = measure { "tokens" } else { "characters" } }
}

extension DataInspector.Measure {
  /// A conversation's length, and whether the chat template refused it.
  fileprivate func length(of conversation: Conversation) -> (count: Int, isRefused: Bool) {
    guard case .tokens(let encoder) = self else {
      return (conversation.turns.reduce(0) { $0 + $1.content.unicodeScalars.count }, false)
    }
    do throws(ConversationEncoder.Refusal) {
      return (try encoder.encode(conversation).tokens.count, false)
    } catch {
      let words = conversation.turns.reduce(0) {
        $0 + encoder.tokenizer.encode($1.content, parsingSpecials: false).count
      }
      if case .template = error { return (words, true) }
      return (words, false)
    }
  }
}
