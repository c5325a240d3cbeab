import Kernels
import TestSupport
import Testing

/// Products with matrices in the blocks of files.
struct StoredProductTests {
  /// Random blocks with scales of ordinary size.
  static func blocks(_ format: BlockFormat, values: Int, seed: UInt64) -> [UInt8] {
    // Bytes of a block at which half-precision scales stand.
    let scales: [Int] =
      switch format {
      case .f32, .bf16: []
      case .f16, .q8_0, .q4_0, .q5_0: [0]
      case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
      case .q6_K: [208]
      }
    var random = SplitMix64(seed: seed)
    let bytes = format.blockBytes
    var blocks = (0..<format.rowBytes(values)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for start in stride(from: 0, to: blocks.count, by: bytes) {
      for scale in scales { (blocks[start + scale], blocks[start + scale + 1]) = (UInt8(start / bytes % 256), 0x20) }
    }
    return blocks
  }

  static func floats(_ format: BlockFormat, _ blocks: [UInt8]) -> [Float] {
    filled(zeros(blocks.count / format.blockBytes * format.blockSize)) { format.decode(blocks.span.bytes, into: &$0) }
  }

  static let formats = BlockFormat.allCases.filter { $0 != .f32 }

  /// Random finite values in blocks of a format.
  static func matrix(_ format: BlockFormat, _ n: Int, _ k: Int) -> (blocks: [UInt8], floats: [Float]) {
    var blocks = Self.blocks(format, values: n * k, seed: 5)
    if format == .bf16 {
      // Exponents near that of one.
      for i in stride(from: 1, to: blocks.count, by: 2) { blocks[i] = blocks[i] & 0x80 | 0x3f }
    }
    return (blocks, floats(format, blocks))
  }

  @Test(arguments: formats, [1, 2, 8, 9, 33, 100])
  func `a product with blocks has the bits of the product with their floats`(format: BlockFormat, rows: Int) {
    let (n, k) = (131, 768)
    let (blocks, floats) = Self.matrix(format, n, k)
    var random = SplitMix64(seed: 3)
    let x = random.normals(rows * k)
    let stored = filled(zeros(rows * n)) {
      Kernel.matmul(x.span, blocks: blocks.span, format, m: rows, n: n, k: k, into: &$0)
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
    let format = BlockFormat.q4_K, (n, k, rows) = (50, 1792, 40)
    let (blocks, floats) = Self.matrix(format, n, k)
    var random = SplitMix64(seed: 4)
    let x = random.normals(rows * k)
    let stored = filled(zeros(rows * n)) {
      Kernel.matmul(
        x.span, blocks: blocks.span, format, m: rows, n: n, k: k, precision: precision,
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

  @Test(arguments: formats) func `rows are found in blocks`(format: BlockFormat) {
    let (n, k) = (9, 256), (blocks, floats) = Self.matrix(format, n, k), rows: [Int32] = [8, 0, 3, 3]
    let found = filled(zeros(rows.count * k)) {
      Kernel.gather(blocks: blocks.span, format, rows: rows.span, width: k, into: &$0)
    }
    #expect(found.bits == rows.flatMap { floats[Int($0) * k..<(Int($0) + 1) * k] }.bits)
  }
}
