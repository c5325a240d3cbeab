import Foundation
import Kernels
import TestSupport
import Testing

@testable import ScratchStorage
@testable import TensorCore

/// Tensors that wait in a file.
struct ScratchFileTests {
  static func withFile<Result>(bytes: Int = 1 << 20, _ body: (ScratchFile) throws -> Result) throws -> Result {
    try withTemporaryDirectory { folder in
      let file = try ScratchFile(in: folder, byteCount: bytes)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.isEmpty, "the file has a name")
      return try body(file)
    }
  }

  /// A chain of layers, each of which saves its input; what backward makes of it.
  static func chain(_ store: ActivationStore, layers: Int, values: Int) -> (result: [UInt32], gradient: [UInt32]) {
    var random = SplitMix64(seed: 5)
    let x = Tensor(Shape(1, values), random.normals(values), isParameter: true)
    var y = x
    for layer in 0..<layers {
      y = y.recomputed(in: store) { x, _ in (x * x).scaled(by: 0.5 + Float(layer) / 16) }
    }
    let result = y.values.bits
    var gradients = Gradients()
    y.summed().backward(into: &gradients)
    return (result, gradients[x]?.values.bits ?? [])
  }

  @Test(arguments: [0, 4 * 1001, 1 << 20], [0, 4 * 1001, 1 << 20])
  func `what comes back has the bits of what was never away`(readAhead: Int, writeBehind: Int) throws {
    let expected = Self.chain(ActivationStore(), layers: 9, values: 1001)
    try Self.withFile { file in
      for _ in 0..<3 {
        let found = Self.chain(
          file.store(.fp32, readAhead: readAhead, writeBehind: writeBehind), layers: 9, values: 1001)
        #expect(found == expected)
      }
      #expect(file.failure == nil)
      // Whatever may wait may be wanted again before it is written.
      if writeBehind < 1 << 20 { #expect(file.bytesWritten >= 3 * 7 * 4 * 1001) }
      #expect(file.bytesWritten <= 3 * 9 * 4 * 1001)
    }
  }

  @Test(arguments: [0, 4 * 1000, 4 * 3000, 1 << 20])
  func `each tensor is read once, though a layer asks for its lowest first`(readAhead: Int) throws {
    try Self.withFile { file in
      let store = file.store(.fp32, readAhead: readAhead, writeBehind: 0), layers = 4
      // As a recomputed block with attention saves them: its input, the output, the log-sum-exp.
      var saved = (0..<layers).map { layer in
        (0..<3).map { store.save(Tensor(Shape(1000), [Float](repeating: Float(3 * layer + $0), count: 1000))) }
      }
      // Cuts nothing off, but waits until all is written.
      file.truncate(to: file.byteCount)
      #expect(file.bytesWritten == layers * 3 * 4000)
      for layer in (0..<layers).reversed() {
        for part in 0..<3 {
          #expect(saved[layer][part].restored().values.allSatisfy { $0 == Float(3 * layer + part) })
        }
        saved.removeLast()
      }
      file.truncate(to: file.byteCount)
      #expect(file.bytesRead == layers * 3 * 4000)
      #expect(file.failure == nil)
    }
  }

  @Test func `bfloat16 rounds alike in memory and on disk, and takes half the room`() throws {
    let expected = Self.chain(ActivationStore(.bf16), layers: 9, values: 1001)
    #expect(expected.gradient != Self.chain(ActivationStore(), layers: 9, values: 1001).gradient)
    #expect(expected.result == Self.chain(ActivationStore(), layers: 9, values: 1001).result)
    try Self.withFile(bytes: 9 * ScratchFile.bytes(ofValues: 501)) { file in
      let found = Self.chain(file.store(.bf16, readAhead: 4096, writeBehind: 0), layers: 9, values: 1001)
      #expect(found == expected)
      #expect(file.failure == nil)
    }
  }

  @Test func `places are used again, also when a graph goes without its backward pass`() throws {
    try Self.withFile(bytes: 4 * ScratchFile.bytes(ofValues: 1000)) { file in
      let store = file.store(.fp32, readAhead: 0, writeBehind: 0)
      for _ in 0..<5 {
        let x = Tensor(Shape(1, 1000), [Float](repeating: 2, count: 1000), isParameter: true)
        var y = x
        for _ in 0..<4 { y = y.recomputed(in: store) { x, _ in x * x } }
        _ = consume y
      }
      #expect(file.failure == nil)
    }
  }

  @Test func `a full file fails once, and everything after it is skipped`() throws {
    try Self.withFile(bytes: 2 * ScratchFile.bytes(ofValues: 1000)) { file in
      _ = Self.chain(file.store(.fp32, readAhead: 0, writeBehind: 0), layers: 4, values: 1000)
      let failure = try #require(file.failure)
      #expect(failure.description.contains("8192, of which 8192 are in use"), "\(failure)")
      #expect(file.store(.fp32, readAhead: 0, writeBehind: 0).hasFailed)
    }
  }

  @Test func `a disk that gives back less than it took is one clear error, not other bits`() throws {
    try Self.withFile { file in
      let store = file.store(.fp32, readAhead: 0, writeBehind: 0)
      let x = Tensor(Shape(1, 5000), [Float](repeating: 2, count: 5000), isParameter: true)
      var y = x
      for _ in 0..<3 { y = y.recomputed(in: store) { x, _ in x * x } }
      file.truncate(to: 4096)
      var gradients = Gradients()
      y.summed().backward(into: &gradients)
      let failure = try #require(file.failure)
      #expect(failure.operation.contains("read 20000 bytes"), "\(failure)")
      #expect(failure.repair.contains("--scratch"))
      #expect(gradients[x] == nil)
    }
  }

  @Test func `a disk without room is found before anything is written`() throws {
    try withTemporaryDirectory { folder in
      let error = #expect(throws: ScratchError.self) { _ = try ScratchFile(in: folder, byteCount: 1 << 60) }
      #expect(error?.message.contains("disk full: needed 1099511627776 MiB, free ") == true, "\(error as Any)")
      #expect(error?.repair.contains("memory.storage=bf16") == true)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.isEmpty)
      let missing = #expect(throws: ScratchError.self) { _ = try ScratchFile(in: folder + "/none", byteCount: 1) }
      #expect(missing?.message == "No such file or directory")
    }
  }
}
