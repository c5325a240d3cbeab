/// The GPT-2 byte alphabet: each of the 256 bytes as one printable character.
///
/// Printable bytes of Latin-1 stand for themselves, the other 68 are U+0100 and up, in order (Radford et al. 2019).
enum ByteAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...255).map { (byte: UInt32) in
      let printable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
      if printable { return Unicode.Scalar(UInt8(byte)) }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? Unicode.Scalar(UInt8(byte))
    }
  }()

  /// The byte of each character from U+0000 to U+0143, or −1.
  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
    return table
  }()

  /// The bytes that `text` stands for, or nil if it has a character outside the alphabet.
  static func decode(_ text: String) -> [UInt8]? {
    var decoded: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return nil }
      decoded.append(UInt8(bytes[Int(scalar.value)]))
    }
    return decoded
  }
}
