import Kernels

extension ByteCursor {
  /// A tensor as the header states it, before its place in the file is known to be right.
  struct Entry {
    var name: String
    var extents: [Int]
    var type: TensorType
    var offset: UInt64
    var offsetPosition: Int
    var byteCount: Int
  }

  /// All tensor entries; refuses bad names, shapes and types.
  mutating func tensorEntries(count: Int) throws(GGUFError) -> [Entry] {
    subject = .header
    // The shortest entry: the length of a name, one character, no extents, their number, a type, an offset.
    try expect(count, of: 25, "\(count) tensor entries")
    try refuse(count, above: Self.mostTensors, "tensors")
    var entries = [Entry]()
    entries.reserveCapacity(count)
    var names = Set<String>(minimumCapacity: count)
    for number in 0..<count {
      subject = .tensorNumber(number)
      let name = try tensorName(unlikeAnyOf: &names)
      subject = .tensor(name)
      let start = position
      let extents = try extents()
      let type = try tensorType()
      let byteCount = try TensorRules.byteCount(extents, type, subject, path: path, position: start)
      let offset: UInt64 = try self.number("a tensor's offset")
      entries.append(
        Entry(
          name: name, extents: extents, type: type, offset: offset, offsetPosition: position - 8,
          byteCount: byteCount))
    }
    return entries
  }

  private mutating func tensorName(unlikeAnyOf names: inout Set<String>) throws(GGUFError) -> String {
    let start = position
    let name = try string("a tensor name")
    if name.isEmpty || name.utf8.count > TensorRules.longestName {
      throw GGUFError(
        .invalidTensorName, path: path, position: start, subject: subject,
        found: "a name of \(name.utf8.count) bytes, \(quoted(name))",
        allowed: "1 to \(TensorRules.longestName) bytes", repair: "Convert the model again with shorter names.")
    }
    if !names.insert(name).inserted {
      throw GGUFError(
        .duplicateTensor, path: path, position: start, subject: .tensor(name), found: "the name a second time",
        allowed: "every name once", repair: "Convert the model again.")
    }
    return name
  }

  private mutating func extents() throws(GGUFError) -> [Int] {
    let start = position
    let count: UInt32 = try number("the number of extents")
    if count > TensorRules.mostExtents {
      throw GGUFError(
        .invalidShape, path: path, position: start, subject: subject, found: "\(count) extents",
        allowed: "at most \(TensorRules.mostExtents)",
        repair: "The header is damaged; download or convert the file again.")
    }
    var extents = [Int]()
    for _ in 0..<count {
      let extent: UInt64 = try number("an extent")
      // What does not fit is beyond every limit; the shape's rules say so.
      extents.append(Int(clamping: extent))
    }
    return extents
  }

  private mutating func tensorType() throws(GGUFError) -> TensorType {
    let number: UInt32 = try number("a tensor type")
    if let type = TensorType(rawValue: number) { return type }
    throw GGUFError(
      .unsupportedTensorType, path: path, position: position - 4, subject: subject,
      found: "tensor type \(number), \(TensorType.name(ofNumber: number))", allowed: TensorType.supportedNames,
      repair: "Use a file in one of these types, such as F16 or Q8_0.")
  }
}
