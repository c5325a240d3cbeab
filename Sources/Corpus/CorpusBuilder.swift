public import ChatTemplates
import Foundation
import AtomicFiles
public import Tokenization

/// Makes a `Corpus` out of conversation files: reads, joins, renders, encodes and labels them, once.
///
/// The result is kept in the cache folder under the fingerprint of everything that decides it, and used again while
/// that fits. Memory holds a table of the records and a few megabytes of text, not the files.
public struct CorpusBuilder: Sendable {
  let files: [String]
  let encoder: ConversationEncoder
  let template: String?
  let rules: ConversationRules
  let cacheFolder: String

  /// Collects what decides the corpus.
  ///
  /// - Parameters:
  ///   - files: conversation files; their order matters.
  ///   - template: the Jinja text of the chat template, most often `tokenizer.description.chatTemplate`; nil will do for
  ///     plain texts.
  ///   - date: what the template's `strftime_now` writes. Without it the function is undefined, and templates take the
  ///     date they carry. It counts into the fingerprint only where the template asks for it.
  ///   - cacheFolder: where token caches are kept; made if missing.
  /// - Throws: the template's own error, with line and column.
  public init(
    files: [String], tokenizer: Tokenizer, template: String?, date: CalendarDate? = nil,
    rules: ConversationRules = ConversationRules(), cacheFolder: String
  ) throws(TemplateError) {
    self.files = files
    encoder = try ConversationEncoder(tokenizer: tokenizer, template: template, date: date)
    self.template = template
    self.rules = rules
    self.cacheFolder = cacheFolder
  }

  /// The fingerprint of what `build` would make.
  func fingerprint() throws(CorpusError) -> ContentDigest {
    var digests: [ContentDigest] = []
    for file in files { digests.append(try SourceFile.digest(of: file)) }
    return CorpusFingerprint.make(
      sources: digests, tokenizer: encoder.tokenizer.description,
      template: (template ?? "") + (encoder.date.map { "\n" + $0.dayText } ?? ""), rules: rules)
  }

  /// Gives the corpus, from the cache if one fits.
  ///
  /// - Parameter heldOutShare: share of the chats, in 0..<1, that training never sees.
  /// - Throws: anything that keeps the data from being trained on, see `CorpusError.Kind`. Broken records and files
  ///   that end early do not: they are in the report.
  public func build(
    heldOutShare: Double = 0, progress: (CorpusProgress) -> Void = { _ in }
  ) throws(CorpusError) -> Corpus {
    guard !files.isEmpty else {
      throw CorpusError(.missingFile, found: "no files", allowed: "one or more", repair: "name a conversation file")
    }
    let fingerprint = try fingerprint().description
    let path = cacheFolder + "/tokens-\(fingerprint).h5"
    var told: Set<String> = []
    func notice(_ text: String) {
      if told.insert(text).inserted { progress(.notice(text)) }
    }
    func corpus(_ cache: TokenCache) -> Corpus {
      cache.report.warnings.forEach(notice)
      return Corpus(cache, heldOutShare: heldOutShare)
    }
    while true {
      if let cache = usableCache(at: path, fingerprint: fingerprint, notice) {
        progress(.reused(path: path))
        return corpus(cache)
      }
      if try writeCache(to: path, fingerprint: fingerprint, progress) { return corpus(try TokenCache(opening: path)) }
      progress(.waiting(path: path))
      Thread.sleep(forTimeInterval: 0.2)
    }
  }

  /// The cache that is there, if it is whole and of these data.
  private func usableCache(at path: String, fingerprint: String, _ notice: (String) -> Void) -> TokenCache? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let cache = try TokenCache(opening: path)
      if cache.fingerprint == fingerprint { return cache }
      notice("\(path) was made from other data; it is built again")
    } catch {
      notice("the token cache cannot be used and is built again: \(error)")
    }
    return nil
  }

  // MARK: Writing

  /// Makes the cache; false when another process is making it just now.
  private func writeCache(
    to path: String, fingerprint: String, _ progress: (CorpusProgress) -> Void
  ) throws(CorpusError) -> Bool {
    do {
      try FileManager.default.createDirectory(atPath: cacheFolder, withIntermediateDirectories: true)
      try AtomicFile.write(to: path) { partial in
        try write(to: partial, fingerprint: fingerprint, progress: progress)
      }
      return true
    } catch let error as FileError where error.isHeld {
      return false
    } catch {
      if let error = error as? CorpusError { throw error }
      throw CorpusError(
        .unwritableCache, file: path, found: FileError.reason(of: error), allowed: "a folder that can be written to",
        repair: "choose another cache folder or free disk space")
    }
  }

  private func write(to path: String, fingerprint: String, progress: (CorpusProgress) -> Void) throws {
    var report = CorpusReport()
    let tokenizer = encoder.tokenizer
    var stream = try DocumentStream(
      files: files, rules: rules, scratch: cacheFolder,
      length: { tokenizer.encode($0, parsingSpecials: false).count }, &report, progress: progress)
    var writer = try TokenCacheWriter(creating: path)
    var selection = DocumentSelection(rules)
    var tokens = 0
    func tell(_ event: CorpusProgress) {
      guard case .preparing(let done, let all, _, _) = event else { return }
      progress(.encoding(records: done, of: all, tokens: tokens))
    }
    try stream.forEachBatch(&report, progress: tell) { batch, report in
      try encode(selection.documents(from: batch, &report.rules), &writer, &report)
      tokens = report.tokens
    }
    try check(report)
    try writer.finish(fingerprint: fingerprint, sources: files, report: report)
  }

  /// Encodes a batch on all cores and writes it in its own order.
  private func encode(
    _ batch: [(conversation: Conversation, key: UInt64)], _ writer: inout TokenCacheWriter,
    _ report: inout CorpusReport
  ) throws {
    var documents: [(document: EncodedDocument, key: UInt64)] = []
    for (result, item) in zip(encoder.encode(batch.map(\.conversation)), batch) {
      if case .failure(.noTemplate) = result {
        throw CorpusError(
          .noTemplate, file: item.conversation.location.file, line: item.conversation.location.line,
          found: "a chat, and neither the model nor the recipe has a chat template",
          allowed: "plain texts, or a chat template", repair: "set data.template to a known name or a Jinja file")
      }
      report.note(result, of: item.conversation)
      if case .success(let document) = result { documents.append((document, item.key)) }
    }
    try writer.append(documents)
  }

  /// Refuses data that could not teach a model to answer and to end its answer.
  private func check(_ report: CorpusReport) throws(CorpusError) {
    let file = files.count == 1 ? files[0] : "\(files[0]) and \(files.count - 1) more"
    guard report.conversations > 0 else {
      throw CorpusError(
        .noConversations, file: file,
        found: report.files.flatMap(\.firstIssues).first.map { "only malformed records; the first: \($0)" }
          ?? "no whole record",
        allowed: ConversationFormat.known,
        repair: "convert the file; if one record takes several lines, write it in one: jq -c . FILE")
    }
    guard report.documents > 0 || report.rules.withoutAssistant < report.conversations else {
      throw CorpusError(
        .noAssistantTurn, file: file, found: "\(report.conversations) conversations without an assistant turn",
        allowed: "at least one turn of an assistant (roles \(Role.knownNames))",
        repair: "check the role names, or use other data")
    }
    guard report.encoding.assistantTurns == 0 || report.encoding.endedTurns > 0 else {
      throw CorpusError(
        .noEndOfTurn, file: file,
        found: "\(report.encoding.assistantTurns) assistant turns, none followed by a stop token of the tokenizer",
        allowed: "a chat template that writes an end-of-turn token behind each answer",
        repair: "use the model's own template, or set the tokenizer's eos or eot token")
    }
    guard report.documents > 0 else {
      throw CorpusError(
        .noConversations, file: file,
        found: "no document with labelled tokens, out of \(report.conversations) "
          + "conversations (\(report.encoding.firstRefusals.first ?? "no answer is to be learned"))",
        allowed: "at least one", repair: "read the report:\n\(report)")
    }
  }
}
