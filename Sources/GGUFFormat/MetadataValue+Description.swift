extension MetadataValue: CustomStringConvertible {
  /// One short line for people: scalars whole, long strings cut, arrays as type, count and first elements.
  public var description: String {
    switch self {
    case .uint8(let value): "\(value)"
    case .int8(let value): "\(value)"
    case .uint16(let value): "\(value)"
    case .int16(let value): "\(value)"
    case .uint32(let value): "\(value)"
    case .int32(let value): "\(value)"
    case .float32(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): quoted(value)
    case .array(let value): "\(value)"
    case .uint64(let value): "\(value)"
    case .int64(let value): "\(value)"
    case .float64(let value): "\(value)"
    }
  }

  /// The type as error messages say it: `u32`, `array of string`.
  public var typeDescription: String {
    if case .array(let array) = self { "array of \(array.elementType)" } else { "\(type)" }
  }
}

extension MetadataArray: CustomStringConvertible {
  /// For example `49152 × string ["<|endoftext|>", "<|im_start|>", "<|im_end|>", …]`.
  public var description: String {
    func shown(_ elements: some Collection) -> [String] {
      elements.prefix(3).map { ($0 as? String).map(quoted) ?? "\($0)" }
    }
    let first = shown(elements)
    return "\(count) × \(elementType) [\(first.joined(separator: ", "))\(count > 3 ? ", …" : "")]"
  }
}
