import Foundation

/// The framing of TensorFlow's record files.
enum TFRecord {
  /// One record: length (8 bytes, little-endian), masked CRC-32C of the length, payload, masked CRC-32C of the payload.
  static func frame(_ payload: Data) -> Data {
    let length = littleEndian(UInt64(payload.count))
    return length + littleEndian(CRC32C.masked(length)) + payload + littleEndian(CRC32C.masked(payload))
  }

  private static func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> Data {
    Data((0..<Integer.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }
}
