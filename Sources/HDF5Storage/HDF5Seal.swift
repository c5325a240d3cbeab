/// The first 512 bytes of a sealed file: five lines of text, then zeros.
///
///     extend sealed HDF5 file, version 1
///     length 1234567
///     manifest 1230000 4321 0123456789abcdef
///     structure 0123456789abcdef
///     seal 0123456789abcdef
///
/// It is written last. HDF5 skips it (it is the "user block"), and it lets every byte of the file be checked before
/// libhdf5, which trusts what it reads, sees any of them.
struct HDF5SealBlock: Equatable {
  static let title = "extend sealed HDF5 file, version 1\n"

  /// The size of the whole file in bytes.
  var byteCount: Int
  /// Where the manifest's JSON lies.
  var manifest: Range<Int>
  var manifestChecksum: Checksum
  /// The checksum of all bytes that belong to no dataset of the manifest.
  var structureChecksum: Checksum

  /// The block as it stands in the file.
  var bytes: [UInt8] {
    let body =
      Self.title + "length \(byteCount)\nmanifest \(manifest.lowerBound) \(manifest.count) \(manifestChecksum)\n"
      + "structure \(structureChecksum)\n"
    let text = Array((body + "seal \(Checksum(of: Array(body.utf8).span))\n").utf8)
    return text + repeatElement(0, count: HDF5File.sealBytes - text.count)
  }

  init(byteCount: Int, manifest: Range<Int>, manifestChecksum: Checksum, structureChecksum: Checksum) {
    self.byteCount = byteCount
    self.manifest = manifest
    self.manifestChecksum = manifestChecksum
    self.structureChecksum = structureChecksum
  }

  /// Whether most of the title is there, even in a damaged block.
  static func resembles(_ block: [UInt8]) -> Bool {
    let common = zip(block, title.utf8).filter { $0 == $1 }.count
    return common * 2 >= title.utf8.count
  }

  /// Reads a block; nil unless every one of its bytes is as `bytes` would write it.
  init?(_ block: [UInt8]) {
    let lines = String(decoding: block.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
    guard lines.count == 5 else { return nil }
    let length = lines[1].split(separator: " ")
    let manifest = lines[2].split(separator: " ")
    let structure = lines[3].split(separator: " ")
    guard length.count == 2, let byteCount = Int(length[1]), manifest.count == 4, let start = Int(manifest[1]),
      let count = Int(manifest[2]), start >= HDF5File.sealBytes, count >= 0, count <= byteCount,
      start <= byteCount - count, let manifestChecksum = Checksum(hexadecimal: manifest[3]),
      structure.count == 2, let structureChecksum = Checksum(hexadecimal: structure[1])
    else { return nil }
    self.init(
      byteCount: byteCount, manifest: start..<start + count, manifestChecksum: manifestChecksum,
      structureChecksum: structureChecksum)
    guard bytes == block else { return nil }
  }
}
