import Foundation

/// A file read from front to back by pieces, or by ranges of bytes; gzip data are unpacked on the way.
struct SourceFile {
  /// Bytes read at once: large enough for the disk, small enough for the cache.
  static let pieceLength = 1 << 18

  let path: String
  /// Bytes of the file as it stands on the disk.
  let byteCount: Int
  private let handle: FileHandle
  private let gzip: GzipStream?

  init(path: String) throws(CorpusError) {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    guard let attributes else {
      throw CorpusError(
        .missingFile, file: path, found: "no file",
        allowed: "a file of conversations or text (JSON, JSON Lines or plain text, also packed by gzip)",
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
    let byteCount = (attributes[.size] as? NSNumber)?.intValue ?? 0
    let head = try Self.read(GzipStream.magic.count, at: 0, of: handle, path)
    self.init(path, handle, byteCount, head == GzipStream.magic ? GzipStream() : nil)
    _ = try Self.read(0, at: 0, of: handle, path)
  }

  private init(_ path: String, _ handle: FileHandle, _ byteCount: Int, _ gzip: GzipStream?) {
    (self.path, self.handle, self.byteCount, self.gzip) = (path, handle, byteCount, gzip)
  }

  /// Whether the file is packed by gzip; places of records are then those of the unpacked bytes.
  var isPacked: Bool { gzip != nil }
  /// Why the packed data ended early; nil when they did not.
  var packingFailure: GzipStream.Failure? { gzip?.failure }
  /// Bytes of the file read so far.
  var position: Int { (try? handle.offset()).map(Int.init) ?? 0 }

  /// The next piece, empty at the end of the file.
  func next() throws(CorpusError) -> [UInt8] {
    guard let gzip else { return try Self.read(Self.pieceLength, at: nil, of: handle, path) }
    return try gzip.next(Self.pieceLength) { () throws(CorpusError) in
      try Self.read(Self.pieceLength / 4, at: nil, of: handle, path)
    }
  }

  /// Exactly these bytes, or fewer where the file ends.
  ///
  /// - Requires: the file is not packed; see `unpacked(in:)`.
  func bytes(_ range: Range<Int>) throws(CorpusError) -> [UInt8] {
    precondition(!isPacked, "source file: \(path) is packed, so it has no ranges")
    return try Self.read(range.count, at: range.lowerBound, of: handle, path)
  }

  /// The file itself, or its unpacked bytes in a file without a name, which goes with the value.
  ///
  /// - Throws: `unreadable` when the folder cannot hold them.
  func unpacked(in folder: String) throws(CorpusError) -> SourceFile {
    guard isPacked else { return self }
    let scratch = folder + "/unpacked-" + UUID().uuidString + ".partial"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: scratch))
      let copy = try FileHandle(forUpdating: URL(fileURLWithPath: scratch))
      try FileManager.default.removeItem(atPath: scratch)
      let source = try SourceFile(path: path)
      var count = 0
      while case let piece = try source.next(), !piece.isEmpty {
        try copy.write(contentsOf: piece)
        count += piece.count
      }
      return SourceFile(path, copy, count, nil)
    } catch let error as CorpusError {
      throw error
    } catch {
      throw CorpusError(
        .unreadable, file: path, found: "an error while unpacking into \(folder) (\(error.localizedDescription))",
        allowed: "room for the unpacked file", repair: "free disk space, or unpack it elsewhere with gunzip")
    }
  }

  private static func read(
    _ count: Int, at offset: Int?, of handle: FileHandle, _ path: String
  ) throws(CorpusError) -> [UInt8] {
    do {
      if let offset { try handle.seek(toOffset: UInt64(offset)) }
      return try handle.read(upToCount: count).map { [UInt8]($0) } ?? []
    } catch {
      throw CorpusError(
        .unreadable, file: path, byte: offset, found: "an error while reading (\(error.localizedDescription))",
        allowed: "a readable file", repair: "check the disk and the file's permissions")
    }
  }

  /// XXH3-128 of the whole file as it stands on the disk.
  static func digest(of path: String) throws(CorpusError) -> ContentDigest {
    let file = try SourceFile(path: path)
    var hash = ContentHash()
    while true {
      let piece = try read(Self.pieceLength, at: nil, of: file.handle, path)
      if piece.isEmpty { return hash.digest }
      hash.add(piece.span)
    }
  }
}
