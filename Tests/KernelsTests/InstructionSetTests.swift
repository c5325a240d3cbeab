import Foundation
import Kernels
import TestSupport
import Testing

/// Every instruction set this processor has, in both precisions, against the formulas.
struct InstructionSetTests {
  static let sets = InstructionSet.allCases.filter { $0.rawValue <= InstructionSet.best.rawValue }

  /// Extents around a register tile, a panel, a block of rows and a slice of k.
  static let products = [
    MatMulTests.Product(m: 32, n: 1, k: 1), MatMulTests.Product(m: 33, n: 15, k: 31),
    MatMulTests.Product(m: 95, n: 47, k: 257), MatMulTests.Product(m: 97, n: 49, k: 33),
    MatMulTests.Product(m: 200, n: 113, k: 70), MatMulTests.Product(m: 50, n: 33, k: 4200),
  ]

  @Test(arguments: sets, products)
  func `every instruction set gives the sum of products`(set: InstructionSet, p: MatMulTests.Product) {
    var random = SplitMix64(seed: 10)
    let a = random.normals(p.m * p.k)
    let b = random.normals(p.k * p.n)
    let start = random.normals(p.m * p.n)
    for precision in Precision.allCases {
      // Products of rounded operands are exact; only the sums round.
      let (left, right) = precision == .bf16 ? (rounded(a), rounded(b)) : (a, b)
      for sides in MatMulTests.forms {
        let product = Oracle.matmul(
          left.doubles, right.doubles, m: p.m, n: p.n, k: p.k, leftTransposed: sides.contains(.left),
          rightTransposed: sides.contains(.right))
        for accumulating in [false, true] {
          let result = filled(start) {
            Kernel.matmul(
              a.span, b.span, transposing: sides, m: p.m, n: p.n, k: p.k, alpha: -0.5, accumulating: accumulating,
              precision: precision, instructions: set, into: &$0)
          }
          let expected = zip(start.doubles, product).map { (accumulating ? $0 : 0) - 0.5 * $1 }
          #expect(Tolerance.mismatch(result, expected, accumulating: p.k) == nil, "\(set), \(precision), \(sides)")
        }
      }
    }
  }

  @Test(arguments: sets, AttentionKernelTests.cases)
  func `every instruction set gives the attention of the formulas`(set: InstructionSet, c: AttentionKernelTests.Case) {
    let x = AttentionKernelTests.Inputs(c)
    let firstKey = c.shape.firstKey
    for precision in Precision.allCases {
      var extents = AttentionKernelTests.extents(c)
      (extents.precision, extents.instructions) = (precision, set)
      let (output, lse) = filled(zeros(x.q.count), zeros(c.shape.heads * firstKey.count)) {
        Kernel.attention(
          extents, q: x.q.span, k: x.k.span, v: x.v.span, firstKey: firstKey.span, output: &$0, lse: &$1)
      }
      let (dq, dk, dv) = filled(zeros(x.q.count), zeros(x.k.count), zeros(x.k.count)) {
        Kernel.attentionGradient(
          extents, q: x.q.span, k: x.k.span, v: x.v.span, firstKey: firstKey.span, output: output.span, lse: lse.span,
          dOutput: x.dOutput.span, addingTo: &$0, &$1, &$2)
      }
      // bfloat16 keeps 8 bits of a value: 2⁻⁹ of each operand is lost at most, and the roundings are independent.
      let allowed = precision == .bf16 ? 8e-3 : 3e-6
      let (q, k, v) = (x.q.doubles, x.k.doubles, x.v.doubles)
      let expected = Oracle.attentionGradient(c.shape, q: q, k: k, v: v, dOutput: x.dOutput.doubles)
      for (name, values, truth) in [
        ("output", output, Oracle.attention(c.shape, q: q, k: k, v: v)), ("lse", lse, expected.lse),
        ("dq", dq, expected.dq), ("dk", dk, expected.dk), ("dv", dv, expected.dv),
      ] where Tolerance.norm(truth) > 1e-9 {
        let error = Tolerance.relativeNorm(values.doubles, truth)
        #expect(error < allowed, "\(set), \(precision), \(name): \(error)")
      }
    }
  }

  @Test(arguments: sets, Precision.allCases)
  func `later keys of much greater scores outweigh what was summed before`(set: InstructionSet, precision: Precision) {
    let c = AttentionKernelTests.Case("rising", heads: 3, keyHeads: 1, headSize: 64, queries: 900)
    let x = AttentionKernelTests.Inputs(c)
    // Scores of 0, 7, 14 … in steps of 100 keys, exact in bfloat16 too.
    let q = x.q.indices.map { Float($0 % 64 == 0 ? 8 : 0) }
    let k = x.k.indices.map { Float($0 % 64 == 0 ? 7 * ($0 / 64 / 100) : 0) }
    var extents = AttentionKernelTests.extents(c)
    (extents.precision, extents.instructions) = (precision, set)
    let (output, lse) = filled(zeros(q.count), zeros(3 * 900)) {
      Kernel.attention(
        extents, q: q.span, k: k.span, v: x.v.span, firstKey: c.shape.firstKey.span, output: &$0, lse: &$1)
    }
    let expected = Oracle.attention(c.shape, q: q.doubles, k: k.doubles, v: x.v.doubles)
    let error = Tolerance.relativeNorm(output.doubles, expected)
    #expect(error < (precision == .bf16 ? 4e-3 : 1e-6), "\(error)")
    for t in [0, 150, 899] {
      let group = t / 100
      let exact = (0...group).reduce(0.0) { sum, g in
        sum + Double(g < group ? 100 : t - 100 * group + 1) * exp(Double(7 * g))
      }
      #expect(abs(Double(lse[t]) - log(exact)) < (precision == .bf16 ? 2e-4 : 1e-5) * max(1, log(exact)))
    }
  }

  @Test(arguments: Precision.allCases) func `bits do not depend on the number of threads`(precision: Precision) {
    let c = AttentionKernelTests.cases[5]
    let x = AttentionKernelTests.Inputs(c)
    var extents = AttentionKernelTests.extents(c)
    extents.precision = precision
    func run() -> [[Float]] {
      let (output, lse) = filled(zeros(x.q.count), zeros(c.shape.heads * c.shape.firstKey.count)) {
        Kernel.attention(
          extents, q: x.q.span, k: x.k.span, v: x.v.span, firstKey: c.shape.firstKey.span, output: &$0, lse: &$1)
      }
      let (dq, dk, dv) = filled(zeros(x.q.count), zeros(x.k.count), zeros(x.k.count)) {
        Kernel.attentionGradient(
          extents, q: x.q.span, k: x.k.span, v: x.v.span, firstKey: c.shape.firstKey.span, output: output.span,
          lse: lse.span, dOutput: x.dOutput.span, addingTo: &$0, &$1, &$2)
      }
      let product = filled(zeros(300 * 200)) {
        Kernel.matmul(
          x.q.span.extracting(first: 300 * 70), x.q.span.extracting(first: 200 * 70), transposing: .right, m: 300,
          n: 200, k: 70, accumulating: false, precision: precision, into: &$0)
      }
      return [output, lse, dq, dk, dv, product]
    }
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    let results = [1, 2, 5].map { count in
      Parallel.threadCount = count
      return run()
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func `rounding to bfloat16 goes to the nearest, ties to even, and keeps what is not a number`() {
    // Rows times the identity give the rounded values back.
    let values: [Float] = [1, 1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1.8p-8, -3.1415927]
    let identity = (0..<1024).map { Float($0 % 33 == 0 ? 1 : 0) }
    func product(_ row: [Float]) -> [Float] {
      let a = row + [Float](repeating: 0, count: 1024 - row.count)
      return filled(zeros(1024)) {
        Kernel.matmul(a.span, identity.span, m: 32, n: 32, k: 32, accumulating: false, precision: .bf16, into: &$0)
      }
    }
    let nearest: [Float] = [1, 1, 1 + 0x1p-6, 1 + 0x1p-7, -3.140625]
    #expect(Array(product(values)[0..<5]) == nearest)
    let spoilt = product(values + [.nan])
    let allSpoilt = spoilt[0..<32].allSatisfy { $0.isNaN }
    #expect(allSpoilt)
  }

  private func rounded(_ x: [Float]) -> [Float] {
    x.map { value in
      let bits = value.bitPattern
      return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
    }
  }
}
