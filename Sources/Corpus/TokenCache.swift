import FoundationEssentials
import AtomicFiles
import HDF5Storage

/// Labelled tokens of all documents in one HDF5 file, read by slices.
///
/// Datasets: `tokens` [N] int32, `labelled` [N] uint8, `documents/offsets` [D+1] int64 (document d is tokens
/// offsets[d] ..< offsets[d+1]), `documents/predictions` [D] int64 (labelled tokens, the document's first not counted),
/// `documents/keys` [D] int64 (hash of the chat, which decides what is held out), `documents/ids` [D] texts, and
/// `report` [1], the `CorpusReport` as JSON. The file is sealed: any changed byte is noticed when it is opened.
final class TokenCache: Sendable {
  /// Raised when the layout changes; other versions are rebuilt.
  static let version: Int64 = 1
  static let format = "extend token cache"
  /// Rows of a chunk: 256 KiB of tokens, 64 KiB of labels.
  static let chunkRows = 1 << 16

  let path: String
  /// Hash of everything that decides the content, as 32 hexadecimal digits.
  let fingerprint: String
  /// What became of the sources.
  let report: CorpusReport
  /// [D+1] token offsets of documents.
  let offsets: [Int64]
  let predictions: [Int64]
  let keys: [Int64]
  private let file: HDF5File
  private let tokens: HDF5Dataset
  private let labels: HDF5Dataset
  private let ids: HDF5Dataset

  /// Opens a cache and proves that it is whole.
  ///
  /// - Throws: `missingFile`; `notACache` for another program's file or another version; `damagedCache`.
  init(opening path: String) throws(CorpusError) {
    self.path = path
    guard FileSystem.byteCount(of: path) != nil else {
      throw CorpusError(
        .missingFile, file: path, found: "no file", allowed: "a token cache", repair: "build it from the sources")
    }
    do {
      _ = try HDF5Seal.verify(path)
      file = try HDF5File(opening: path, isVerified: true)
      let attributes = try file.attributes()
      guard attributes["format"] == .string(Self.format), attributes["version"] == .integer(Self.version),
        case .string(let fingerprint)? = attributes["fingerprint"]
      else {
        throw CorpusError(
          .notACache, file: path,
          found: "format \(attributes["format"]?.description ?? "none"), "
            + "version \(attributes["version"]?.description ?? "none")",
          allowed: "\(Self.format), version \(Self.version)", repair: "remove the file; it is built again")
      }
      self.fingerprint = fingerprint
      tokens = try file.dataset("tokens")
      labels = try file.dataset("labelled")
      ids = try file.dataset("documents/ids")
      offsets = try file.dataset("documents/offsets").read()
      predictions = try file.dataset("documents/predictions").read()
      keys = try file.dataset("documents/keys").read()
      let json = try file.dataset("report").readStrings().first ?? ""
      report = try JSONDecoder().decode(CorpusReport.self, from: Data(json.utf8))
    } catch {
      throw Self.damage(error, path)
    }
    let count = offsets.count - 1
    guard count >= 0, offsets[0] == 0, offsets[count] == tokens.rowCount, labels.rowCount == tokens.rowCount,
      zip(offsets, offsets.dropFirst()).allSatisfy(<), predictions.count == count, keys.count == count,
      ids.rowCount == count
    else {
      throw CorpusError(
        .damagedCache, file: path, found: "offsets that do not fit \(tokens.rowCount) tokens",
        allowed: "ascending offsets from 0 to the number of tokens", repair: "remove the file; it is built again")
    }
  }

  /// The number of documents.
  var documentCount: Int { offsets.count - 1 }
  /// Tokens of all documents.
  var tokenCount: Int { Int(offsets[documentCount]) }
  /// Tokens of one document.
  func length(of document: Int) -> Int { Int(offsets[document + 1] - offsets[document]) }

  /// The id of the record that a document began with.
  func id(of document: Int) throws(CorpusError) -> String {
    do { return try ids.readStrings(rows: document..<document + 1).first ?? "" } catch {
      throw Self.damage(error, path)
    }
  }

  /// Tokens and labels (1 or 0) of a part of a document, without reading more.
  ///
  /// - Requires: `range` inside the document.
  func read(
    _ document: Int, _ range: Range<Int>
  ) throws(CorpusError) -> (tokens: [Int32], labelled: [UInt8]) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= length(of: document),
      "token cache: document \(document) has \(length(of: document)) tokens; asked for \(range)")
    let start = Int(offsets[document])
    let rows = start + range.lowerBound..<start + range.upperBound
    do { return (try tokens.read(rows: rows), try labels.read(rows: rows)) } catch { throw Self.damage(error, path) }
  }

  /// A whole document.
  func document(_ document: Int) throws(CorpusError) -> (tokens: [Int32], labelled: [UInt8]) {
    try read(document, 0..<length(of: document))
  }

  /// How many next tokens are labelled along a run of a document.
  func labelledPredictions(of piece: Piece) throws(CorpusError) -> Int {
    let length = length(of: piece.document)
    if piece.length == length { return Int(predictions[piece.document]) }
    let start = Int(offsets[piece.document])
    let rows = start + piece.start + 1..<start + min(piece.start + piece.length + 1, length)
    do { return try labels.read(UInt8.self, rows: rows).reduce(0) { $0 + Int($1) } } catch {
      throw Self.damage(error, path)
    }
  }

  private static func damage(_ error: any Error, _ path: String) -> CorpusError {
    if let error = error as? CorpusError { return error }
    return CorpusError(
      .damagedCache, file: path, found: "\(error)", allowed: "a whole token cache",
      repair: "remove the file; it is built again")
  }
}
