/// A Swift type that metadata can be read as.
public protocol MetadataReadable {
  /// What the file may hold, for error messages.
  static var acceptedTypes: String { get }
  /// The value, or nil if it is of another type or does not fit.
  init?(metadata value: MetadataValue)
}

extension Metadata {
  /// The value of `key`, which must be there.
  ///
  /// Reading is lenient where nothing is lost: any integer type that fits reads as `Int`, f32 and f64 read
  /// as `Double`. Throws ``GGUFError`` of kind `missingKey` or `wrongType`.
  public func require<Value: MetadataReadable>(
    _ key: String, as _: Value.Type = Value.self
  ) throws(GGUFError) -> Value {
    if let value = try find(key, as: Value.self) { return value }
    throw GGUFError(
      .missingKey, path: path, subject: .key(key), found: "no such key", allowed: Value.acceptedTypes,
      repair: "Convert the model again with a tool that writes this key.")
  }

  /// The value of `key`, or nil if there is no such key.
  ///
  /// Throws ``GGUFError`` of kind `wrongType` if the key holds something else.
  public func find<Value: MetadataReadable>(
    _ key: String, as _: Value.Type = Value.self
  ) throws(GGUFError) -> Value? {
    guard let stored = self[key] else { return nil }
    if let value = Value(metadata: stored) { return value }
    throw GGUFError(
      .wrongType, path: path, subject: .key(key), found: "\(stored.typeDescription) \(stored)",
      allowed: Value.acceptedTypes, repair: "Write the key again with that type.")
  }
}

extension String: MetadataReadable {
  public static var acceptedTypes: String { "string" }
  public init?(metadata value: MetadataValue) {
    guard case .string(let text) = value else { return nil }
    self = text
  }
}

extension Bool: MetadataReadable {
  public static var acceptedTypes: String { "bool" }
  public init?(metadata value: MetadataValue) {
    guard case .bool(let flag) = value else { return nil }
    self = flag
  }
}

extension Int: MetadataReadable {
  public static var acceptedTypes: String { "an integer of any width, up to 9223372036854775807" }
  public init?(metadata value: MetadataValue) {
    switch value {
    case .uint8(let number): self.init(number)
    case .int8(let number): self.init(number)
    case .uint16(let number): self.init(number)
    case .int16(let number): self.init(number)
    case .uint32(let number): self.init(number)
    case .int32(let number): self.init(number)
    case .uint64(let number): self.init(exactly: number)
    case .int64(let number): self.init(number)
    case .float32, .float64, .bool, .string, .array: return nil
    }
  }
}

extension Double: MetadataReadable {
  public static var acceptedTypes: String { "f32 or f64" }
  public init?(metadata value: MetadataValue) {
    switch value {
    case .float32(let number): self.init(number)
    case .float64(let number): self = number
    default: return nil
    }
  }
}

extension Float: MetadataReadable {
  public static var acceptedTypes: String { "f32 or f64 (rounded)" }
  public init?(metadata value: MetadataValue) {
    guard let number = Double(metadata: value) else { return nil }
    self.init(number)
  }
}

extension Array: MetadataReadable where Element: MetadataArrayElement {
  public static var acceptedTypes: String { "array of \(Element.acceptedTypes)" }
  public init?(metadata value: MetadataValue) {
    guard case .array(let array) = value, let elements = Element.elements(of: array) else { return nil }
    self = elements
  }
}

/// A Swift type that the elements of a metadata array can be read as.
public protocol MetadataArrayElement: MetadataReadable {
  static func elements(of array: MetadataArray) -> [Self]?
}

extension String: MetadataArrayElement {
  public static func elements(of array: MetadataArray) -> [String]? {
    if case .string(let elements) = array { elements } else { nil }
  }
}

extension Bool: MetadataArrayElement {
  public static func elements(of array: MetadataArray) -> [Bool]? {
    if case .bool(let elements) = array { elements } else { nil }
  }
}

extension Int: MetadataArrayElement {
  public static func elements(of array: MetadataArray) -> [Int]? {
    switch array {
    case .uint8(let numbers): return numbers.map(Int.init)
    case .int8(let numbers): return numbers.map(Int.init)
    case .uint16(let numbers): return numbers.map(Int.init)
    case .int16(let numbers): return numbers.map(Int.init)
    case .uint32(let numbers): return numbers.map(Int.init)
    case .int32(let numbers): return numbers.map(Int.init)
    case .int64(let numbers): return numbers.map(Int.init)
    case .uint64(let numbers):
      let fitting = numbers.compactMap { Int(exactly: $0) }
      return fitting.count == numbers.count ? fitting : nil
    case .float32, .float64, .bool, .string: return nil
    }
  }
}

extension Double: MetadataArrayElement {
  public static func elements(of array: MetadataArray) -> [Double]? {
    switch array {
    case .float32(let numbers): numbers.map(Double.init)
    case .float64(let numbers): numbers
    default: nil
    }
  }
}

extension Float: MetadataArrayElement {
  public static func elements(of array: MetadataArray) -> [Float]? {
    switch array {
    case .float32(let numbers): numbers
    case .float64(let numbers): numbers.map { Float($0) }
    default: nil
    }
  }
}
