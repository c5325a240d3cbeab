import Foundation

/// A file read from front to back by pieces, or by ranges of bytes.
struct SourceFile {
  /// Bytes read at once: large enough for the disk, small enough for the cache.
  static let pieceLength = 1 << 18

  let path: String
  private let handle: FileHandle

  init(path: String) throws(CorpusError) {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    guard let attributes else {
      throw CorpusError(
        .missingFile, file: path, found: "no file", allowed: "a conversation file (JSON or JSON Lines)",
        repair: "check the path; relative paths start at the current folder")
    }
    func unreadable(_ found: String, _ repair: String) -> CorpusError {
      CorpusError(.unreadable, file: path, found: found, allowed: "a readable file", repair: repair)
    }
    switch attributes[.type] as? FileAttributeType {
    case .typeRegular?: break
    case .typeDirectory?: throw unreadable("a folder", "name the files in it")
    // It is read more than once, and opening a pipe would wait for a writer.
    default: throw unreadable("a pipe or a device", "write its content to a file first")
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw unreadable("a file that cannot be opened", "check its permissions")
    }
    (self.path, self.handle) = (path, handle)
  }

  /// The next piece, empty at the end of the file.
  func next() throws(CorpusError) -> [UInt8] {
    try read(Self.pieceLength, at: nil)
  }

  /// Exactly these bytes, or fewer where the file ends.
  func bytes(_ range: Range<Int>) throws(CorpusError) -> [UInt8] {
    try read(range.count, at: range.lowerBound)
  }

  private func read(_ count: Int, at offset: Int?) throws(CorpusError) -> [UInt8] {
    do {
      if let offset { try handle.seek(toOffset: UInt64(offset)) }
      return try handle.read(upToCount: count).map { [UInt8]($0) } ?? []
    } catch {
      throw CorpusError(
        .unreadable, file: path, byte: offset, found: "an error while reading (\(error.localizedDescription))",
        allowed: "a readable file", repair: "check the disk and the file's permissions")
    }
  }

  /// XXH3-128 of the whole file.
  static func digest(of path: String) throws(CorpusError) -> ContentDigest {
    let file = try SourceFile(path: path)
    var hash = ContentHash()
    while true {
      let piece = try file.next()
      if piece.isEmpty { return hash.digest }
      hash.add(piece.span)
    }
  }
}
