/// The names and keys of a model in several files, as llama.cpp's `gguf-split` has them.
public enum GGUFSplit {
  /// The part's number, from 0; u16.
  public static let numberKey = "split.no"
  /// How many parts there are; u16.
  public static let countKey = "split.count"
  /// Tensors of all parts together; i32.
  public static let tensorCountKey = "split.tensors.count"
  /// The most parts that the keys can number.
  public static let mostParts = Int(UInt16.max)

  /// `model.gguf` → `model-00002-of-00005.gguf` for number 1 of 5.
  public static func path(_ path: String, number: Int, count: Int) -> String {
    stem(path) + ending(number: number, count: count)
  }

  /// The other way round, from part 1: `model-00001-of-00005.gguf` → `model.gguf`; nil for another name.
  static func whole(ofFirst path: String, count: Int) -> String? {
    let first = ending(number: 0, count: count)
    return path.hasSuffix(first) ? path.dropLast(first.count) + ".gguf" : nil
  }

  private static func stem(_ path: String) -> Substring { path.hasSuffix(".gguf") ? path.dropLast(5) : path[...] }

  private static func ending(number: Int, count: Int) -> String {
    func five(_ value: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(value)".count)) + "\(value)" }
    return "-\(five(number + 1))-of-\(five(count)).gguf"
  }
}

extension GGUFFile {
  /// Opens the other parts of a split model and takes in their tensors.
  mutating func joinParts() throws(GGUFError) {
    guard let count: Int = try metadata.find(GGUFSplit.countKey), count > 1 else { return }
    func refuse(_ kind: GGUFError.Kind, _ key: String, _ found: String, _ allowed: String, _ path: String) -> GGUFError
    {
      GGUFError(
        kind, path: path, subject: .key(key), found: found, allowed: allowed,
        repair: "Keep all parts of the model in one folder under the names they were given.")
    }
    let number: Int = try metadata.require(GGUFSplit.numberKey)
    guard number == 0 else {
      throw refuse(
        .invalidSplit, GGUFSplit.numberKey, "part \(number + 1) of \(count)", "part 1, which names the others", path)
    }
    guard count <= GGUFSplit.mostParts, let whole = GGUFSplit.whole(ofFirst: path, count: count) else {
      let name = GGUFSplit.path("NAME.gguf", number: 0, count: count)
      throw refuse(.invalidSplit, GGUFSplit.countKey, "a file of another name than its \(count) parts", name, path)
    }
    for number in 1..<count {
      let partPath = GGUFSplit.path(whole, number: number, count: count)
      let part = try GGUFFile(GGUFFile.map(partPath), path: partPath)
      let (itsNumber, itsCount): (Int, Int) = (
        try part.metadata.require(GGUFSplit.numberKey), try part.metadata.require(GGUFSplit.countKey)
      )
      guard itsNumber == number, itsCount == count else {
        throw refuse(
          .invalidSplit, GGUFSplit.numberKey, "part \(itsNumber + 1) of \(itsCount)", "part \(number + 1) of \(count)",
          partPath)
      }
      for var tensor in part.tensors {
        guard find(tensor.name) == nil else {
          throw GGUFError(
            .duplicateTensor, path: partPath, subject: .tensor(tensor.name), found: "a tensor of an earlier part",
            allowed: "every name once", repair: "Split the model again.")
        }
        tensor.part = number
        indices[tensor.name] = tensors.count
        tensors.append(tensor)
      }
      parts += part.parts
      paths += part.paths
      byteCount += part.byteCount
    }
    if let total: Int = try metadata.find(GGUFSplit.tensorCountKey), total != tensors.count {
      throw refuse(
        .invalidSplit, GGUFSplit.tensorCountKey, "\(tensors.count) tensors in all parts", "\(total), by the first part",
        path)
    }
  }
}
