/// The header of a file, growing in memory.
struct HeaderBytes {
  private(set) var bytes: [UInt8] = []

  /// Little-endian.
  mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    for index in 0..<Number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
  }

  /// The length as u64, then UTF-8.
  mutating func append(_ string: String) {
    append(UInt64(string.utf8.count))
    bytes.append(contentsOf: string.utf8)
  }

  /// The value without its type.
  mutating func append(_ value: MetadataValue) {
    switch value {
    case .uint8(let number): append(number)
    case .int8(let number): append(number)
    case .uint16(let number): append(number)
    case .int16(let number): append(number)
    case .uint32(let number): append(number)
    case .int32(let number): append(number)
    case .float32(let number): append(number.bitPattern)
    case .bool(let flag): append(UInt8(flag ? 1 : 0))
    case .string(let string): append(string)
    case .array(let array): append(array)
    case .uint64(let number): append(number)
    case .int64(let number): append(number)
    case .float64(let number): append(number.bitPattern)
    }
  }

  /// Element type, count, elements.
  mutating func append(_ array: MetadataArray) {
    append(array.elementType.rawValue)
    append(UInt64(array.count))
    switch array {
    case .uint8(let elements): bytes.append(contentsOf: elements)
    case .int8(let elements): for element in elements { append(element) }
    case .uint16(let elements): for element in elements { append(element) }
    case .int16(let elements): for element in elements { append(element) }
    case .uint32(let elements): for element in elements { append(element) }
    case .int32(let elements): for element in elements { append(element) }
    case .float32(let elements): for element in elements { append(element.bitPattern) }
    case .bool(let elements): for element in elements { append(UInt8(element ? 1 : 0)) }
    case .string(let elements): for element in elements { append(element) }
    case .uint64(let elements): for element in elements { append(element) }
    case .int64(let elements): for element in elements { append(element) }
    case .float64(let elements): for element in elements { append(element.bitPattern) }
    }
  }

  mutating func pad(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}
