import FoundationEssentials
import HDF5Storage

/// Writes a token cache document by document; memory holds the documents' table, not their tokens.
struct TokenCacheWriter: ~Copyable {
  private let file: HDF5File
  private var tokens: HDF5Dataset
  private var labels: HDF5Dataset
  private var offsets: [Int64] = [0]
  private var predictions: [Int64] = []
  private var keys: [Int64] = []
  private var ids: [String] = []

  init(creating path: String) throws(HDF5Error) {
    let file = try HDF5File(creating: path, sealable: true)
    let tokens = try file.createDataset("tokens", of: Int32.self, shape: [0], chunkRows: TokenCache.chunkRows)
    let labels = try file.createDataset("labelled", of: UInt8.self, shape: [0], chunkRows: TokenCache.chunkRows)
    self.init(file, tokens, labels)
  }

  private init(_ file: consuming HDF5File, _ tokens: consuming HDF5Dataset, _ labels: consuming HDF5Dataset) {
    self.file = file
    self.tokens = tokens
    self.labels = labels
  }

  /// Adds documents; their tokens go to the file in one piece.
  mutating func append(_ documents: [(document: EncodedDocument, key: UInt64)]) throws(HDF5Error) {
    var joined: (tokens: [Int32], labelled: [UInt8]) = ([], [])
    for (document, key) in documents {
      joined.tokens += document.tokens
      joined.labelled += document.labelled
      offsets.append(offsets[offsets.count - 1] + Int64(document.tokens.count))
      predictions.append(document.labelled.dropFirst().reduce(0) { $0 + Int64($1) })
      keys.append(Int64(bitPattern: key))
      ids.append(document.id.replacing("\0", with: "\u{fffd}"))
    }
    try tokens.append(joined.tokens.span)
    try labels.append(joined.labelled.span)
  }

  /// Writes the documents' table, the report and what describes it all; then seals the file.
  consuming func finish(fingerprint: String, sources: [String], report: CorpusReport) throws {
    let count = ids.count
    try file.createGroup("documents")
    try file.write(offsets.span, shape: [count + 1], to: "documents/offsets")
    try file.write(predictions.span, shape: [count], to: "documents/predictions")
    try file.write(keys.span, shape: [count], to: "documents/keys")
    try file.write(ids, to: "documents/ids")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try file.write([String(decoding: try encoder.encode(report), as: UTF8.self)], to: "report")
    let root: [(String, HDF5Attribute)] = [
      ("format", .string(TokenCache.format)), ("version", .integer(TokenCache.version)),
      ("fingerprint", .string(fingerprint)), ("sources", .string(sources.joined(separator: "\n"))),
      ("documents", .integer(Int64(count))), ("tokens", .integer(offsets[count])),
      ("labelled_tokens", .integer(Int64(report.labelledTokens))),
    ]
    for (name, value) in root { try file.setAttribute(name, value) }
    let units: [(String, String)] = [
      ("tokens", "token ids of all documents, one after the other"),
      ("labelled", "1 where the token is to be learned, else 0; as many as tokens"),
      ("documents/offsets", "index of each document's first token; one more at the end"),
      ("documents/predictions", "labelled tokens of each document, its first token not counted"),
      ("documents/keys", "hash of the chat, as 64 bits; decides what is held out"),
      ("documents/ids", "id of the record that the document began with"),
      ("report", "what became of the sources, as JSON"),
    ]
    for (name, meaning) in units { try file.setAttribute("meaning", .string(meaning), on: name) }
    try file.closeSealed(notes: ["fingerprint": fingerprint])
  }
}
