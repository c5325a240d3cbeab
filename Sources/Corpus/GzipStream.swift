// The one door to zlib. Unsafe code is confined to this file: the C state and borrowed bytes.
import CZlib

/// Unpacks gzip data piece by piece; memory holds one piece in and one piece out.
///
/// Several members behind one another are one stream, as gzip(1) has it; so are zero bytes behind the last (tapes).
@safe final class GzipStream {
  /// Why the data end before their end.
  enum Failure: Equatable, Sendable {
    case cutOff
    case damaged(String)
  }

  /// What gzip data begin with.
  static let magic: [UInt8] = [0x1f, 0x8b]

  /// Set when no more can be unpacked.
  private(set) var failure: Failure?
  private let stream: UnsafeMutablePointer<z_stream>
  private var input: [UInt8] = []
  private var taken = 0
  private var isAtEnd = false, isBetweenMembers = false

  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, which is the most; 16 more for gzip's header and checksum.
    let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if status != Z_OK { fail(.damaged("zlib cannot begin")) }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// The next unpacked bytes, at most `count`; empty at the end, of which `failure` says whether it is one.
  ///
  /// - Parameter read: gives the next packed bytes, empty at the end of the file.
  func next(_ count: Int, _ read: () throws(CorpusError) -> [UInt8]) throws(CorpusError) -> [UInt8] {
    while !isAtEnd {
      if taken == input.count {
        (input, taken) = (try read(), 0)
        if input.isEmpty {
          if isBetweenMembers { isAtEnd = true } else { fail(.cutOff) }
          break
        }
      }
      if isBetweenMembers, !beginMember() { continue }
      let output = inflate(count)
      if !output.isEmpty { return output }
    }
    return []
  }

  /// Looks for the next member; steps over zero bytes.
  private func beginMember() -> Bool {
    while taken < input.count, input[taken] == 0 { taken += 1 }
    if taken == input.count { return false }
    guard input[taken] == Self.magic[0], unsafe inflateReset(stream) == Z_OK else {
      fail(.damaged("behind the packed data stand bytes that are none"))
      return false
    }
    isBetweenMembers = false
    return true
  }

  private func inflate(_ count: Int) -> [UInt8] {
    var status = Z_OK
    let output = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      unsafe input.withUnsafeMutableBufferPointer { bytes in
        unsafe stream.pointee.next_in = bytes.baseAddress?.advanced(by: taken)
        unsafe stream.pointee.avail_in = UInt32(bytes.count - taken)
        unsafe stream.pointee.next_out = buffer.baseAddress
        unsafe stream.pointee.avail_out = UInt32(count)
        status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        taken = unsafe bytes.count - Int(stream.pointee.avail_in)
      }
      written = unsafe count - Int(stream.pointee.avail_out)
    }
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isBetweenMembers = true
    default:
      let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      fail(.damaged(reason ?? "error \(status)"))
    }
    return output
  }

  private func fail(_ failure: Failure) {
    self.failure = failure
    isAtEnd = true
  }
}
