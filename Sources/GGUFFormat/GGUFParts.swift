import FoundationEssentials

/// A model as one GGUF file, or as several where it is larger than a file may be.
///
/// The first part carries all metadata; every part carries its number, the count and the number of tensors in all, as
/// llama.cpp reads them.
public struct GGUFParts: Sendable {
  let writers: [GGUFWriter]

  /// Plans the parts: tensors in order, a new file where the next would make one larger than `partBytes`.
  ///
  /// Throws ``GGUFError`` as ``GGUFWriter`` does, and of kind `invalidSplit` for more than 65,535 parts.
  public init(metadata: Metadata, tensors: [TensorPlan], partBytes: Int?) throws(GGUFError) {
    var rest = metadata
    for key in [GGUFSplit.numberKey, GGUFSplit.countKey, GGUFSplit.tensorCountKey] { rest[key] = nil }
    let whole = try GGUFWriter(metadata: rest, tensors: tensors)
    guard let partBytes, whole.byteCount > partBytes else {
      writers = [whole]
      return
    }
    let runs = try GGUFParts.runs(whole, partBytes: partBytes)
    guard runs.count > 1 else {
      writers = [whole]
      return
    }
    guard let count = UInt16(exactly: runs.count), let total = Int32(exactly: tensors.count) else {
      throw GGUFError(
        .invalidSplit, found: "\(runs.count) parts of at most \(partBytes) bytes",
        allowed: "at most \(GGUFSplit.mostParts) parts", repair: "Allow larger parts.")
    }
    var writers: [GGUFWriter] = []
    for (number, run) in runs.enumerated() {
      var part = number == 0 ? rest : Metadata()
      if number > 0, let alignment = rest["general.alignment"] { part["general.alignment"] = alignment }
      part[GGUFSplit.numberKey] = .uint16(UInt16(truncatingIfNeeded: number))
      part[GGUFSplit.countKey] = .uint16(count)
      part[GGUFSplit.tensorCountKey] = .int32(total)
      writers.append(try GGUFWriter(metadata: part, tensors: Array(tensors[run])))
    }
    self.writers = writers
  }

  /// Ranges of tensors, at least one in each.
  private static func runs(_ whole: GGUFWriter, partBytes: Int) throws(GGUFError) -> [Range<Int>] {
    var runs: [Range<Int>] = [], start = 0, size = whole.header.count
    for (index, byteCount) in try GGUFWriter.sizes(of: whole.tensors).enumerated() {
      if index > start, size + byteCount > partBytes {
        runs.append(start..<index)
        (start, size) = (index, 0)
      }
      size += byteCount
    }
    return runs + [start..<whole.tensors.count]
  }

  /// Writes all parts; see ``GGUFWriter/write(to:inspect:supply:)``. A single part gets the name `path`; several get
  /// the names of ``GGUFSplit``, all at once at the end, the first last, and `inspect` sees the first of them in a
  /// folder beside.
  @discardableResult public func write(
    to path: String, inspect: (_ temporary: String) throws -> Void = { _ in },
    supply: (TensorPlan, inout TensorSink) throws -> Void
  ) throws -> [(path: String, byteCount: Int)] {
    if writers.count == 1 {
      try writers[0].write(to: path, inspect: inspect, supply: supply)
      return [(path, writers[0].byteCount)]
    }
    let files = FileManager.default, folder = path + ".partial"
    try? files.removeItem(atPath: folder)
    do { try files.createDirectory(atPath: folder, withIntermediateDirectories: false) } catch {
      throw GGUFError(
        .cannotWrite, path: folder, found: "a folder that cannot be made", allowed: "a folder beside the model",
        repair: "Check the folder and its permissions.")
    }
    defer { try? files.removeItem(atPath: folder) }
    let name = URL(filePath: path).lastPathComponent
    func place(_ base: String, _ number: Int) -> String { GGUFSplit.path(base, number: number, count: writers.count) }
    for (number, writer) in writers.enumerated() {
      try writer.write(to: place(folder + "/" + name, number), supply: supply)
    }
    try inspect(place(folder + "/" + name, 0))
    for number in writers.indices.reversed() {
      let target = place(path, number)
      try? files.removeItem(atPath: target)
      try files.moveItem(atPath: place(folder + "/" + name, number), toPath: target)
    }
    return writers.enumerated().map { (place(path, $0), $1.byteCount) }
  }
}
