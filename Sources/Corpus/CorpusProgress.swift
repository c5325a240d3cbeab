/// What is going on while a corpus is built.
public enum CorpusProgress: Equatable, Sendable, CustomStringConvertible {
  /// The cache fits and is used as it is.
  case reused(path: String)
  /// Records are being found: bytes of the file read so far, of how many.
  case reading(file: String, bytes: Int, of: Int, conversations: Int)
  /// Records are being cleaned or counted: records done, of how many, and their bytes.
  case preparing(records: Int, of: Int, bytes: Int, ofBytes: Int)
  /// Documents are being encoded: records done, of how many.
  case encoding(records: Int, of: Int, tokens: Int)
  /// Another process is encoding the same data; its cache will do.
  case waiting(path: String)
  /// Something the user should hear.
  case notice(String)

  public var description: String {
    switch self {
    case .reused(let path): "using the token cache \(path)"
    case .reading(let file, let bytes, let all, let count):
      "reading \(file): \(bytes / 1_000_000) of \(all / 1_000_000) MB, \(count) conversations"
    case .preparing(let records, let all, _, _): "preparing: \(records) of \(all) records"
    case .encoding(let records, let all, let tokens): "encoding: \(records) of \(all) records, \(tokens) tokens"
    case .waiting(let path): "waiting for another process that writes \(path)"
    case .notice(let text): text
    }
  }
}
