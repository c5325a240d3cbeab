import FoundationEssentials

/// Walks through a file's header; every step is checked against the end of the file, and every refusal says
/// where, and how many bytes are missing.
struct ByteCursor {
  let path: String
  /// What the bytes being read belong to, for messages.
  var subject = GGUFError.Subject.header
  private let data: Data
  private(set) var position = 0

  init(_ data: Data, path: String) {
    self.data = data
    self.path = path
  }

  /// ggml's limit for strings and arrays, used here for all counts.
  static let largestCount: UInt64 = 1 << 30

  /// Keys and tensors of a file; the largest models have a tenth of them. In memory an entry takes many times what a
  /// short one takes in the file, so this bounds what a hostile header costs.
  static let mostKeys = 1 << 12, mostTensors = 1 << 13

  /// Refuses more entries than any model has.
  func refuse(_ count: Int, above most: Int, _ what: String) throws(GGUFError) {
    if count <= most { return }
    throw GGUFError(
      .countTooLarge, path: path, position: position, subject: subject, found: "\(count) \(what)",
      allowed: "at most \(most)", repair: "The header is damaged; download or convert the file again.")
  }

  /// Makes sure that `count` items of at least `size` bytes can still follow.
  func expect(_ count: Int = 1, of size: Int, _ what: @autoclosure () -> String) throws(GGUFError) {
    // No overflow: counts are at most 2^30, sizes a few dozen bytes.
    let missing = position + count * size - data.count
    if missing <= 0 { return }
    throw GGUFError(
      .truncated(missingBytes: missing), path: path, position: position, subject: subject,
      found: "\(data.count - position) bytes left for \(what()), at least \(missing) bytes are missing",
      allowed: "\(count * size) bytes or more",
      repair: "The file is cut off or damaged; download or convert it again.")
  }

  /// The next little-endian number.
  mutating func number<Number: FixedWidthInteger>(
    _ what: StaticString, as _: Number.Type = Number.self
  ) throws(GGUFError) -> Number {
    try expect(of: Number.bitWidth / 8, "\(what)")
    return next()
  }

  /// The next count of strings' bytes, array elements, keys or tensors.
  mutating func count(_ what: StaticString) throws(GGUFError) -> Int {
    let value = try number(what, as: UInt64.self)
    if value <= ByteCursor.largestCount { return Int(value) }
    throw GGUFError(
      .countTooLarge, path: path, position: position - 8, subject: subject, found: "\(value) as \(what)",
      allowed: "at most \(ByteCursor.largestCount)",
      repair: "The header is damaged; download or convert the file again.")
  }

  /// The next string: an 8-byte length, then UTF-8.
  mutating func string(_ what: StaticString) throws(GGUFError) -> String {
    let start = position
    let length = try count(what)
    try expect(length, of: 1, "\(what)")
    let utf8 = try? UTF8Span(validating: data.span.extracting(position..<position + length))
    guard let utf8 else {
      throw GGUFError(
        .invalidText, path: path, position: start, subject: subject, found: "\(what) that is not UTF-8",
        allowed: "UTF-8", repair: "The header is damaged; download or convert the file again.")
    }
    position += length
    return String(copying: utf8)
  }

  /// `count` numbers, whose bytes the caller has made sure of.
  mutating func numbers<Number: FixedWidthInteger>(_ count: Int, _: Number.Type = Number.self) -> [Number] {
    var result = [Number]()
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(next()) }
    return result
  }

  private mutating func next<Number: FixedWidthInteger>() -> Number {
    let bytes = data.span
    var bits: UInt64 = 0
    for index in 0..<Number.bitWidth / 8 { bits |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += Number.bitWidth / 8
    return Number(truncatingIfNeeded: bits)
  }
}
