import Kernels
import TestSupport
import Testing

/// Products with matrices in the blocks of files.
struct StoredProductTests {
  struct Format: Sendable, CustomTestStringConvertible {
    var name: String
    var number: UInt32
    var size, bytes: Int
    /// Bytes of a block at which half-precision scales stand.
    var scales: [Int]
    var decode: @Sendable (RawSpan, inout MutableSpan<Float>) -> Void
    var testDescription: String { name }
    var format: BlockFormat { BlockFormat(number: number, blockSize: size, blockBytes: bytes)! }

    /// Random blocks with scales of ordinary size.
    func blocks(values: Int, seed: UInt64) -> [UInt8] {
      var random = SplitMix64(seed: seed)
      var blocks = (0..<values / size * bytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      for start in stride(from: 0, to: blocks.count, by: bytes) {
        for scale in scales { (blocks[start + scale], blocks[start + scale + 1]) = (UInt8(start / bytes % 256), 0x20) }
      }
      return blocks
    }

    func floats(_ blocks: [UInt8]) -> [Float] {
      var values = [Float](repeating: 0, count: blocks.count / bytes * size)
      var span = values.mutableSpan
      decode(blocks.span.bytes, &span)
      return values
    }
  }

  static let formats = [
    Format(name: "F16", number: 1, size: 1, bytes: 2, scales: [0]) { BlockKernel.decodeF16($0, into: &$1) },
    Format(name: "BF16", number: 30, size: 1, bytes: 2, scales: []) { BlockKernel.decodeBF16($0, into: &$1) },
    Format(name: "Q8_0", number: 8, size: 32, bytes: 34, scales: [0]) { BlockKernel.decodeQ8_0($0, into: &$1) },
    Format(name: "Q4_0", number: 2, size: 32, bytes: 18, scales: [0]) { BlockKernel.decodeQ4_0($0, into: &$1) },
    Format(name: "Q4_1", number: 3, size: 32, bytes: 20, scales: [0, 2]) { BlockKernel.decodeQ4_1($0, into: &$1) },
    Format(name: "Q5_0", number: 6, size: 32, bytes: 22, scales: [0]) { BlockKernel.decodeQ5_0($0, into: &$1) },
    Format(name: "Q5_1", number: 7, size: 32, bytes: 24, scales: [0, 2]) { BlockKernel.decodeQ5_1($0, into: &$1) },
    Format(name: "Q4_K", number: 12, size: 256, bytes: 144, scales: [0, 2]) { BlockKernel.decodeQ4_K($0, into: &$1) },
    Format(name: "Q5_K", number: 13, size: 256, bytes: 176, scales: [0, 2]) { BlockKernel.decodeQ5_K($0, into: &$1) },
    Format(name: "Q6_K", number: 14, size: 256, bytes: 210, scales: [208]) { BlockKernel.decodeQ6_K($0, into: &$1) },
  ]

  /// Random finite values in blocks of a format.
  static func matrix(_ format: Format, _ n: Int, _ k: Int) -> (blocks: [UInt8], floats: [Float]) {
    var blocks = format.blocks(values: n * k, seed: 5)
    if format.name == "BF16" {
      // Exponents near that of one.
      for i in stride(from: 1, to: blocks.count, by: 2) { blocks[i] = blocks[i] & 0x80 | 0x3f }
    }
    return (blocks, format.floats(blocks))
  }

  @Test(arguments: formats, [1, 2, 8, 9, 33, 100])
  func `a product with blocks has the bits of the product with their floats`(format: Format, rows: Int) {
    let (n, k) = (131, 768)
    let (blocks, floats) = Self.matrix(format, n, k)
    var random = SplitMix64(seed: 3)
    let x = random.normals(rows * k)
    let stored = filled(zeros(rows * n)) {
      Kernel.matmul(x.span, blocks: blocks.span, format.format, m: rows, n: n, k: k, into: &$0)
    }
    let plain = filled(zeros(rows * n)) {
      Kernel.matmul(x.span, floats.span, transposing: .right, m: rows, n: n, k: k, accumulating: false, into: &$0)
    }
    if rows <= 8 || InstructionSet.best != .plain { #expect(stored.bits == plain.bits) }
    let expected = Oracle.matmul(
      x.doubles, floats.doubles, m: rows, n: n, k: k, leftTransposed: false, rightTransposed: true)
    #expect(Tolerance.mismatch(stored, expected, accumulating: k) == nil)
  }

  @Test(arguments: [Precision.fp32, .bf16], [InstructionSet.best, .plain])
  func `blocks that slices cut are packed as their floats`(precision: Precision, instructions: InstructionSet) {
    // Slices of 1,024 steps do not end with blocks of 256.
    let format = Self.formats[7], (n, k, rows) = (50, 1792, 40)
    let (blocks, floats) = Self.matrix(format, n, k)
    var random = SplitMix64(seed: 4)
    let x = random.normals(rows * k)
    let stored = filled(zeros(rows * n)) {
      Kernel.matmul(
        x.span, blocks: blocks.span, format.format, m: rows, n: n, k: k, precision: precision,
        instructions: instructions, into: &$0)
    }
    let expected = Oracle.matmul(
      x.doubles, floats.doubles, m: rows, n: n, k: k, leftTransposed: false, rightTransposed: true)
    #expect(Tolerance.mismatch(stored.doubles, expected, within: precision == .bf16 ? 0.03 : 1e-5) == nil)
  }

  @Test(arguments: [1, 3, 8]) func `products of few rows do not depend on how many there are`(rows: Int) {
    let (n, k) = (77, 100)
    var random = SplitMix64(seed: 6)
    let x = random.normals(rows * k), w = random.normals(n * k)
    let all = filled(zeros(rows * n)) {
      Kernel.matmul(x.span, w.span, transposing: .right, m: rows, n: n, k: k, accumulating: false, into: &$0)
    }
    for row in 0..<rows {
      let one = Array(x[row * k..<(row + 1) * k])
      let single = filled(zeros(n)) {
        Kernel.matmul(one.span, w.span, transposing: .right, m: 1, n: n, k: k, accumulating: false, into: &$0)
      }
      #expect(single.bits == all[row * n..<(row + 1) * n].bits)
    }
  }

  @Test(arguments: formats) func `rows are found in blocks`(format: Format) {
    let (n, k) = (9, 256), (blocks, floats) = Self.matrix(format, n, k), rows: [Int32] = [8, 0, 3, 3]
    let found = filled(zeros(rows.count * k)) {
      Kernel.gather(blocks: blocks.span, format.format, rows: rows.span, width: k, into: &$0)
    }
    #expect(found.bits == rows.flatMap { floats[Int($0) * k..<(Int($0) + 1) * k] }.bits)
  }

  @Test func `formats without a decoder are none`() {
    #expect(BlockFormat(number: 16, blockSize: 256, blockBytes: 66) == nil)
    #expect(BlockFormat(number: 8, blockSize: 32, blockBytes: 34) != BlockFormat.f32)
  }
}
