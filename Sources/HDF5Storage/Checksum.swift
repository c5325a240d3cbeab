// Unsafe: hands memory to libxxhash.
import CXXHash

/// XXH3-64 of bytes as they lie in memory (little endian on every machine this runs on).
public struct Checksum: Sendable, Equatable, Hashable, CustomStringConvertible {
  public var value: UInt64

  public init(value: UInt64) { self.value = value }

  /// The checksum of raw bytes.
  public init(of bytes: RawSpan) {
    value = unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits($0.baseAddress, $0.count) }
  }

  /// The checksum of the elements' bytes.
  public init<Element: BitwiseCopyable>(of elements: Span<Element>) {
    unsafe self.init(of: elements.bytes)
  }

  /// Reads sixteen hexadecimal digits; nil for anything else.
  public init?(hexadecimal: some StringProtocol) {
    guard hexadecimal.utf8.count == 16, hexadecimal.allSatisfy(\.isHexDigit),
      let value = UInt64(hexadecimal, radix: 16)
    else { return nil }
    self.value = value
  }

  /// Sixteen lower-case hexadecimal digits, as `xxh64sum -H3` and `xxhash.xxh3_64_hexdigest` print them.
  public var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// XXH3-64 of bytes that arrive in pieces.
@safe struct RunningChecksum: ~Copyable {
  private let state: OpaquePointer

  /// Nil when there is no memory for the state (576 bytes).
  init?() {
    guard let state = unsafe XXH3_createState() else { return nil }
    unsafe XXH3_64bits_reset(state)
    unsafe self.state = state
  }

  mutating func update(_ bytes: RawSpan) {
    _ = unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits_update(state, $0.baseAddress, $0.count) }
  }

  var checksum: Checksum { unsafe Checksum(value: XXH3_64bits_digest(state)) }

  deinit { unsafe XXH3_freeState(state) }
}
