import Foundation
import Testing

/// Bytes packed by gzip without compression: a header, one stored block per 65,535 bytes, checksum and length.
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(65_535)
    rest = rest.dropFirst(block.count)
    let count = UInt16(block.count)
    packed.append(rest.isEmpty ? 1 : 0)
    for word in [count, ~count] { packed += [UInt8(word & 0xff), UInt8(word >> 8)] }
    packed += block
  } while !rest.isEmpty
  for word in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
    packed += (0..<4).map { UInt8(word >> ($0 * 8) & 0xff) }
  }
  return packed
}

/// CRC-32 as gzip has it, bit by bit from its definition.
private func checksum(_ bytes: [UInt8]) -> UInt32 {
  var remainder = UInt32.max
  for byte in bytes {
    remainder ^= UInt32(byte)
    for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
  }
  return ~remainder
}
