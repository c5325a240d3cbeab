import Foundation
import TestSupport
import Testing

@testable import HDF5Storage

/// Damaged files as the program opens them: by the seal first, so that libhdf5 sees none of them. `Fuzzing` says how to
/// run it for longer.
@Suite(.serialized) struct FuzzTests {
  /// As checkpoints, token caches and `extend inspect` do it.
  private static func open(_ bytes: [UInt8], _ path: String) throws {
    try write(bytes, to: path)
    _ = try HDF5Seal.verify(path)
    let file = try HDF5File(opening: path, isVerified: true)
    for child in try file.datasets() { _ = try file.attributes(on: child.path) }
  }

  private static func sealed(_ path: String) throws -> [UInt8] {
    let file = try HDF5File(creating: path, sealable: true)
    try file.write((0..<600).map { Float($0) }, shape: [20, 30], to: "weights/a")
    try file.write(["one", "two"], to: "texts")
    var grown = try file.createDataset("grown", of: Int32.self, shape: [0], chunkRows: 16)
    try grown.append((0..<40).map { Int32($0) })
    try file.setAttribute("seed", .integer(7))
    try file.closeSealed(notes: ["step": "12"])
    return try bytes(of: path)
  }

  @Test func `no damage of a sealed file goes unnoticed`() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { folder in
        let whole = try FuzzTests.sealed(folder + "/s.h5")
        try FuzzTests.open(whole, folder + "/m.h5")
        try Fuzzing.run("HDF5", usual: 1000, refusals: 0.7...1) { _, random in
          let fragments: [[UInt8]] = [[0], [0xff, 0xff], Array("length 1".utf8), Array("\u{89}HDF\r\n\u{1a}\n".utf8)]
          var bytes = Fuzzing.damaged(whole, fragments: fragments, using: &random)
          // The seal's own lines and numbers more often than their share of the file.
          if Bool.random(using: &random) {
            let seal = Fuzzing.damaged(Array(whole[..<140]), fragments: fragments, using: &random)
            bytes = seal + whole[140...]
          }
          return bytes
        } read: { bytes in
          try FuzzTests.open(bytes, folder + "/m.h5")
          #expect(bytes == whole, "damage that was not noticed")
        }
      }
    }
  }

  @Test func `manifests that somebody sealed anew are refused or read`() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { folder in
        let whole = try FuzzTests.sealed(folder + "/s.h5")
        let block = try #require(HDF5SealBlock(Array(whole[..<HDF5File.sealBytes])))
        try Fuzzing.run("resealed manifest", usual: 1000) { _, random in
          let manifest = Fuzzing.damaged(
            Array(whole[block.manifest]), fragments: Fuzzing.jsonFragments, using: &random)
          var bytes = Array(whole[..<block.manifest.lowerBound] + manifest + whole[block.manifest.upperBound...])
          let place = block.manifest.lowerBound..<block.manifest.lowerBound + manifest.count
          let forged = HDF5SealBlock(
            byteCount: bytes.count, manifest: place, manifestChecksum: Checksum(of: manifest.span),
            structureChecksum: block.structureChecksum)
          bytes.replaceSubrange(..<HDF5File.sealBytes, with: forged.bytes)
          return bytes
        } read: { bytes in
          try write(bytes, to: folder + "/m.h5")
          _ = try HDF5Seal.manifest(folder + "/m.h5")
        }
      }
    }
  }
}
