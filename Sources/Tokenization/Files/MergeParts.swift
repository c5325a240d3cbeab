/// The two tokens of a merge `left right`; the first space after the first byte separates, as in llama.cpp.
struct MergeParts {
  private let bytes: [UInt8]
  private let leftCount: Int

  /// Nil if the text has no such space, or nothing behind it.
  init?(_ merge: String) {
    var bytes = Array(merge.utf8)
    guard let space = bytes.dropFirst().firstIndex(of: 0x20), space + 1 < bytes.count else { return nil }
    bytes.remove(at: space)
    self.bytes = bytes
    leftCount = space
  }

  var left: String { String(decoding: bytes[..<leftCount], as: UTF8.self) }
  var right: String { String(decoding: bytes[leftCount...], as: UTF8.self) }
  var joined: String { String(decoding: bytes, as: UTF8.self) }

  func left(_ ids: ByteStringTable) -> TokenID? { ids.find(bytes.span, 0..<leftCount) }
  func right(_ ids: ByteStringTable) -> TokenID? { ids.find(bytes.span, leftCount..<bytes.count) }
  func result(_ ids: ByteStringTable) -> TokenID? { ids.find(bytes.span, 0..<bytes.count) }

  /// Whether one of the three is no token.
  func missing(_ ids: ByteStringTable) -> Bool { left(ids) == nil || right(ids) == nil || result(ids) == nil }
}
