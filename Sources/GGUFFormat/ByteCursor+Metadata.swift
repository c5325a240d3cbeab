extension ByteCursor {
  /// All keys and values; refuses empty and repeated keys.
  mutating func metadata(count: Int) throws(GGUFError) -> Metadata {
    subject = .header
    // The shortest entry: the length of a key, one character, a type, one byte.
    try expect(count, of: 14, "\(count) keys")
    try refuse(count, above: Self.mostKeys, "keys")
    var metadata = Metadata(path: path, capacity: count)
    for number in 0..<count {
      subject = .keyNumber(number)
      let start = position
      let key = try string("a key")
      if key.isEmpty {
        throw GGUFError(
          .invalidKey, path: path, position: start, subject: subject, found: "an empty key",
          allowed: "1 to 65535 bytes", repair: "Convert the model again.")
      }
      subject = .key(key)
      if metadata[key] != nil {
        throw GGUFError(
          .duplicateKey, path: path, position: start, subject: subject, found: "the key a second time",
          allowed: "every key once", repair: "Remove one of the two, or convert the model again.")
      }
      metadata[key] = try value(of: type())
    }
    return metadata
  }

  private mutating func type() throws(GGUFError) -> MetadataType {
    let number = try number("a value type", as: UInt32.self)
    if let type = MetadataType(rawValue: number) { return type }
    throw GGUFError(
      .unknownValueType, path: path, position: position - 4, subject: subject, found: "value type \(number)",
      allowed: MetadataType.allCases.map { "\($0.rawValue) \($0)" }.joined(separator: ", "),
      repair: "The header is damaged, or newer than this program.")
  }

  private mutating func value(of type: MetadataType) throws(GGUFError) -> MetadataValue {
    switch type {
    case .uint8: .uint8(try number("a u8"))
    case .int8: .int8(try number("an i8"))
    case .uint16: .uint16(try number("a u16"))
    case .int16: .int16(try number("an i16"))
    case .uint32: .uint32(try number("a u32"))
    case .int32: .int32(try number("an i32"))
    case .float32: .float32(Float(bitPattern: try number("an f32")))
    case .bool: .bool(try bool())
    case .string: .string(try string("a string"))
    case .array: .array(try array())
    case .uint64: .uint64(try number("a u64"))
    case .int64: .int64(try number("an i64"))
    case .float64: .float64(Double(bitPattern: try number("an f64")))
    }
  }

  private mutating func array() throws(GGUFError) -> MetadataArray {
    let start = position
    let type = try type()
    let count = try count("the length of an array")
    try expect(count, of: type.minimumByteCount, "an array of \(count) × \(type)")
    switch type {
    case .uint8: return .uint8(numbers(count))
    case .int8: return .int8(numbers(count))
    case .uint16: return .uint16(numbers(count))
    case .int16: return .int16(numbers(count))
    case .uint32: return .uint32(numbers(count))
    case .int32: return .int32(numbers(count))
    case .float32: return .float32(numbers(count, UInt32.self).map { Float(bitPattern: $0) })
    case .uint64: return .uint64(numbers(count))
    case .int64: return .int64(numbers(count))
    case .float64: return .float64(numbers(count, UInt64.self).map { Double(bitPattern: $0) })
    case .bool:
      var flags = [Bool]()
      flags.reserveCapacity(count)
      for _ in 0..<count { flags.append(try bool()) }
      return .bool(flags)
    case .string:
      var strings = [String]()
      strings.reserveCapacity(count)
      for _ in 0..<count { strings.append(try string("a string of an array")) }
      return .string(strings)
    case .array:
      throw GGUFError(
        .nestedArray, path: path, position: start, subject: subject, found: "an array of arrays",
        allowed: "arrays of numbers, bools or strings", repair: "Write the value as several keys.")
    }
  }

  private mutating func bool() throws(GGUFError) -> Bool {
    let byte: UInt8 = try number("a bool")
    if byte <= 1 { return byte == 1 }
    throw GGUFError(
      .invalidBool, path: path, position: position - 1, subject: subject, found: "\(byte) as a bool",
      allowed: "0 or 1", repair: "The header is damaged; download or convert the file again.")
  }
}
