import JSONText

/// The header of a safetensors file: a JSON object of tensors, and `__metadata__`.
struct SafetensorsHeader {
  /// The format's own limit.
  static let mostBytes = 100_000_000
  /// Tensors and entries of `__metadata__` of one file; the largest models have a tenth of them in a shard. In memory one
  /// takes many times what a short one takes in the file, so this bounds what a hostile header costs.
  static let mostTensors = 1 << 13, mostMetadata = 1 << 12
  static let mostExtents = 8
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
        try cursor.object { (key, cursor) throws(JSONError) in
          try Self.refuse(header.metadata.count, of: Self.mostMetadata, "entries", at: cursor.position)
          header.metadata[key] = try cursor.string()
        }
        return
      }
      try Self.refuse(header.entries.count, of: Self.mostTensors, "tensors", at: start)
      header.entries.append(try Self.entry(key, &cursor))
    }
    try cursor.end()
    (entries, metadata) = header
  }

  /// Refuses one more where there are as many as may be.
  private static func refuse(_ count: Int, of most: Int, _ what: String, at position: Int) throws(JSONError) {
    if count == most {
      throw JSONError(position: position, found: "more than \(most) \(what)", allowed: "at most \(most)")
    }
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
