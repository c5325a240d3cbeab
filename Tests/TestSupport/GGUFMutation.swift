/// Where a sound GGUF file has its numbers, and damage done to exactly those.
public struct GGUFMutation: Sendable {
  private let bytes: [UInt8]
  /// Counts, lengths, types, extents and offsets: where, and how many bytes wide.
  private var fields: [(position: Int, width: Int)] = []
  /// Keys with their values, and tensor entries.
  private var keys: [Range<Int>] = [], tensors: [Range<Int>] = []
  private var position = 0

  /// Walks through a file that is known to be sound.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 4
    _ = field(4)
    let tensorCount = field(8), keyCount = field(8)
    for _ in 0..<keyCount {
      let start = position
      string()
      value(of: field(4))
      keys.append(start..<position)
    }
    for _ in 0..<tensorCount {
      let start = position
      string()
      for _ in 0..<field(4) { _ = field(8) }
      _ = field(4)
      _ = field(8)
      tensors.append(start..<position)
    }
  }

  /// The file with some numbers changed, an entry doubled, taken out or exchanged, or plain damage.
  public func mutated(using random: inout SplitMix64) -> [UInt8] {
    var result = bytes
    switch Int.random(in: 0..<10, using: &random) {
    case 0: result = exchanged(keys, countAt: 16, using: &random)
    case 1: result = exchanged(tensors, countAt: 8, using: &random)
    case 2: return Fuzzing.damaged(bytes, fragments: [[0xff, 0xff], [0], []], using: &random)
    default:
      for _ in 0...Int.random(in: 0..<2, using: &random) {
        guard let field = fields.randomElement(using: &random) else { break }
        let present = Self.number(result, field)
        Self.write(Fuzzing.number(near: present, size: result.count, using: &random), to: field, in: &result)
      }
    }
    if Int.random(in: 0..<8, using: &random) == 0 {
      result = Fuzzing.damaged(result, fragments: [[0xff], [0]], using: &random)
    }
    return result
  }

  /// Takes an entry out, doubles it or puts another in its place; the count says so most of the time.
  private func exchanged(_ entries: [Range<Int>], countAt: Int, using random: inout SplitMix64) -> [UInt8] {
    guard let one = entries.randomElement(using: &random), let other = entries.randomElement(using: &random) else {
      return bytes
    }
    var result = bytes, change = 0
    switch Int.random(in: 0..<3, using: &random) {
    case 0: (result, change) = (Array(bytes[..<one.lowerBound] + bytes[one.upperBound...]), -1)
    case 1: (result, change) = (Array(bytes[..<one.upperBound] + bytes[other] + bytes[one.upperBound...]), 1)
    default: result.replaceSubrange(one, with: bytes[other])
    }
    if Int.random(in: 0..<4, using: &random) > 0 {
      let field = (position: countAt, width: 8)
      Self.write(Self.number(result, field) &+ UInt64(bitPattern: Int64(change)), to: field, in: &result)
    }
    return result
  }

  // MARK: The walk

  private mutating func field(_ width: Int) -> Int {
    fields.append((position, width))
    position += width
    return Int(truncatingIfNeeded: Self.number(bytes, (position - width, width)))
  }

  private mutating func string() { position += field(8) }

  private mutating func value(of type: Int) {
    let widths = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]
    switch type {
    case 8: string()
    case 9:
      let element = field(4)
      let count = field(8)
      if element == 8 { for _ in 0..<count { string() } } else { position += count * widths[element] }
    default: position += widths[type]
    }
  }

  private static func number(_ bytes: [UInt8], _ field: (position: Int, width: Int)) -> UInt64 {
    bytes[field.position..<field.position + field.width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func write(_ number: UInt64, to field: (position: Int, width: Int), in bytes: inout [UInt8]) {
    for index in 0..<field.width where field.position + index < bytes.count {
      bytes[field.position + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
    }
  }
}
