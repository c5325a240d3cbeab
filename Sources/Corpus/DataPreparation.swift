import Foundation
import AtomicFiles
public import Tokenization

/// Reads conversation files, joins and cleans by the rules, and writes what is left as one file of JSON Lines.
public struct DataPreparation: Sendable {
  let files: [String]
  let rules: ConversationRules
  let form: ConversationForm
  let tokenizer: Tokenizer?

  /// - Parameters:
  ///   - files: conversation files; the conversations keep their order.
  ///   - rules: of them the joining of parts, the layout of plain texts and the cleaning rules.
  ///   - tokenizer: measures lengths for `split_long`; without one they are counted in characters.
  public init(files: [String], rules: ConversationRules, form: ConversationForm, tokenizer: Tokenizer? = nil) {
    (self.files, self.rules, self.form, self.tokenizer) = (files, rules, form, tokenizer)
  }

  /// Writes the file, whole or not at all; memory holds a table of the records and some megabytes of text.
  ///
  /// - Throws: `CorpusError` for files that cannot be read and when nothing is left (nothing is written then);
  ///   `FileError` when the output cannot be written.
  public func write(to path: String, progress: (CorpusProgress) -> Void = { _ in }) throws -> DataPreparationReport {
    try refuseOverwriting(path)
    let length: @Sendable (String) -> Int =
      if let tokenizer {
        { tokenizer.encode($0, parsingSpecials: false).count }
      } else {
        { $0.unicodeScalars.count }
      }
    var report = CorpusReport()
    var stream = try DocumentStream(
      files: files, rules: rules, scratch: URL(fileURLWithPath: path).deletingLastPathComponent().path, length: length,
      &report, progress: progress)
    var written = DataPreparationReport(output: path, form: form, rules: rules)
    written.lengthUnit = tokenizer == nil ? "characters" : "tokens"
    try AtomicFile.write(to: path) { partial in
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: partial))
      defer { try? handle.close() }
      try stream.forEachBatch(&report, progress: progress) { documents, _ in
        var bytes: [UInt8] = []
        for document in documents where !document.conversation.turns.isEmpty {
          written.count(document.conversation)
          form.append(document.conversation, to: &bytes)
        }
        written.bytes += bytes.count
        try handle.write(contentsOf: bytes)
      }
      written.take(report)
      if written.conversations == 0 {
        throw CorpusError(
          .noConversations, file: files.joined(separator: ", "), found: "nothing that the rules leave:\n\(written)",
          allowed: "at least one conversation", repair: "use fewer rules")
      }
    }
    return written
  }

  /// The sources are read twice and belong to the user.
  private func refuseOverwriting(_ path: String) throws(CorpusError) {
    func place(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
    guard let source = files.first(where: { place($0) == place(path) }) else { return }
    throw CorpusError(
      .unreadable, file: source, found: "the same file as source and as output", allowed: "two files",
      repair: "give another output")
  }
}
