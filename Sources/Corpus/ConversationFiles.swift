import ChatTemplates
import Foundation
public import Tokenization

/// Files of conversations, their records found and joined as for training, no word of them encoded yet.
public struct ConversationFiles {
  private let stream: DocumentStream
  private let report: CorpusReport
  /// Changes when the files' bytes do.
  public let fingerprint: String

  /// Whether a file's first whole record is a chat; not so for texts, and for what cannot be read.
  public static func hasChats(_ path: String) -> Bool {
    guard let reader = try? ConversationReader(file: path), reader.report.format != .text else { return false }
    return (try? reader.next()).map { !$0.isText } ?? false
  }

  /// Reads the files once, for their records' places.
  ///
  /// - Throws: `CorpusError` for files that cannot be read; what can be read of others is told by `warnings`.
  public init(_ files: [String], progress: (CorpusProgress) -> Void = { _ in }) throws(CorpusError) {
    var digests: [String] = [], report = CorpusReport()
    for file in files { digests.append(try SourceFile.digest(of: file).description) }
    fingerprint = digests.joined(separator: " ")
    stream = try DocumentStream(
      files: files, rules: ConversationRules(), scratch: NSTemporaryDirectory(), length: { $0.utf8.count }, &report,
      progress: progress)
    self.report = report
  }

  /// What was not read: files that end early, and records with faults.
  public var warnings: [String] {
    let faults = report.files.issueCounts.map { "\($0.count) with \($0.kind)" }.joined(separator: ", ")
    return report.warnings + (faults.isEmpty ? [] : ["records of conversations with faults: \(faults)"])
  }

  /// Gives the tokens of one conversation after another, in the files' order, to `visit` until it says false.
  ///
  /// Each is rendered and encoded when it is asked for. What the template refuses is left out, as in training.
  ///
  /// - Parameter template: the chat template; without one the words of the turns follow each other.
  public func encode(
    _ tokenizer: Tokenizer, template: String?, _ visit: ([TokenID]) throws -> Bool
  ) throws {
    struct Enough: Error {}
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: template)
    var stream = stream, report = report, selection = DocumentSelection(ConversationRules())
    do {
      try stream.forEachBatch(&report, progress: { _ in }) { batch, report in
        for (conversation, _) in selection.documents(from: batch, &report.rules) {
          let document = try? encoder.encode(template == nil ? conversation.asText : conversation)
          if let document, try !visit(document.tokens) { throw Enough() }
        }
      }
    } catch is Enough {}
  }
}

extension Conversation {
  /// The words of all turns as one plain text.
  fileprivate var asText: Conversation {
    Conversation(
      id: id, turns: [Turn(.text, turns.map(\.content).joined(separator: "\n\n"))], location: location)
  }
}
