import JSONText

/// The header of a safetensors file: a JSON object of tensors, and `__metadata__`.
struct SafetensorsHeader {
  /// The format's own limit.
  static let mostBytes = 100_000_000
  /// Tensors of one file; the largest models have a thousandth of it in a shard. Bounds what a hostile header costs.
  static let mostTensors = 1 << 17
  static let mostExtents = 8
  static let mostMetadata = 1 << 16
  static let metadataKey = "__metadata__"

  /// A tensor as the header states it, before its place is known to be right.
  struct Entry {
    var name, type: String
    var shape: [Int]
    var begin, end: Int
    /// Where the header says so, counted from its own first byte.
    var position: Int
  }

  var entries: [Entry] = []
  var metadata: [String: String] = [:]

  init(_ bytes: [UInt8]) throws(JSONError) {
    // Five values and a few extents for each tensor.
    var cursor = JSONCursor(bytes, mostValues: Self.mostTensors * (6 + Self.mostExtents) + Self.mostMetadata)
    var header = (entries: [Entry](), metadata: [String: String]())
    try cursor.object { (key, cursor) throws(JSONError) in
      let start = cursor.position
      if key == Self.metadataKey {
        try cursor.object { (key, cursor) throws(JSONError) in header.metadata[key] = try cursor.string() }
        return
      }
      if header.entries.count == Self.mostTensors {
        throw JSONError(
          position: start, found: "more than \(Self.mostTensors) tensors", allowed: "at most \(Self.mostTensors)")
      }
      header.entries.append(try Self.entry(key, &cursor))
    }
    try cursor.end()
    (entries, metadata) = header
  }

  private static func entry(_ name: String, _ cursor: inout JSONCursor) throws(JSONError) -> Entry {
    let start = cursor.position
    var (type, shape, offsets) = (String?.none, [Int]?.none, [Int]?.none)
    func numbers(_ cursor: inout JSONCursor, most: Int) throws(JSONError) -> [Int] {
      var numbers: [Int] = []
      try cursor.array { (cursor) throws(JSONError) in
        if numbers.count == most {
          throw JSONError(position: cursor.position, found: "more than \(most) numbers", allowed: "at most \(most)")
        }
        numbers.append(try cursor.count())
      }
      return numbers
    }
    try cursor.object { (key, cursor) throws(JSONError) in
      switch key {
      case "dtype": type = try cursor.string()
      case "shape": shape = try numbers(&cursor, most: mostExtents)
      case "data_offsets": offsets = try numbers(&cursor, most: 2)
      default:
        throw JSONError(
          position: cursor.position, found: "the key \(quoted(key)) in tensor \(quoted(name))",
          allowed: "dtype, shape, data_offsets")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw JSONError(
        position: start, found: "tensor \(quoted(name)) without all of them",
        allowed: "dtype, shape and two data_offsets")
    }
    return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1], position: start)
  }
}
