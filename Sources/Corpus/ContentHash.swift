// The one door to libxxhash in this module. Unsafe code is confined to this file: the C state and borrowed bytes.
import CXXHash

/// XXH3-128 over a stream of bytes; not for secrets, only to tell contents apart.
@safe struct ContentHash: ~Copyable {
  private let state: OpaquePointer?

  init() {
    unsafe state = XXH3_createState()
    unsafe XXH3_128bits_reset(state)
  }

  deinit { unsafe XXH3_freeState(state) }

  /// Adds bytes as they are.
  mutating func add(_ bytes: borrowing Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { _ = unsafe XXH3_128bits_update(state, $0.baseAddress, $0.count) }
  }

  /// Adds a text with its length in front, so that ("ab", "c") and ("a", "bc") differ.
  mutating func add(_ text: String) {
    var text = text
    add(UInt64(text.utf8.count))
    text.withUTF8 { unsafe _ = XXH3_128bits_update(state, $0.baseAddress, $0.count) }
  }

  /// Adds an integer as eight little-endian bytes.
  mutating func add(_ value: UInt64) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe _ = XXH3_128bits_update(state, $0.baseAddress, $0.count) }
  }

  /// The digest of everything added so far.
  var digest: ContentDigest {
    let hash = unsafe XXH3_128bits_digest(state)
    return ContentDigest(high: hash.high64, low: hash.low64)
  }
}

/// 128 bits that stand for a content.
struct ContentDigest: Hashable, Sendable, Codable, CustomStringConvertible {
  var high: UInt64
  var low: UInt64

  /// 32 hexadecimal digits, most significant first, as `xxhsum -H2` prints them.
  var description: String {
    func hex(_ word: UInt64) -> String {
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return hex(high) + hex(low)
  }
}
