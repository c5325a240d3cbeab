import Kernels
import LlamaModel
import TestSupport
import Testing
import Training

@testable import Benchmark

/// What the measurements count; how fast the machine is, no test can know.
struct MeasurementTests {
  static let tiny = LlamaConfiguration.tiny()

  @Test func `ceilings are positive and say what they were measured with`() {
    let c = Ceilings.measured(seconds: 0.05, extent: 512, words: 1 << 20)
    for rate in [c.peak.fp32, c.peak.bf16, c.product.fp32, c.product.bf16, c.blasProduct, c.bandwidth] {
      #expect(rate > 1e7 && rate < 1e16, "\(c)")
    }
    #expect(c.threads > 0 && c.instructions == "\(InstructionSet.best)")
  }

  @Test(arguments: Precision.allCases) func `multiply-adds are counted in proportion to their rounds`(
    precision: Precision
  ) {
    for instructions in InstructionSet.allCases where instructions.rawValue <= InstructionSet.best.rawValue {
      let one = Kernel.multiplyAdds(precision, rounds: 1 << 14, instructions: instructions)
      let two = Kernel.multiplyAdds(precision, rounds: 1 << 15, instructions: instructions)
      #expect(one > 0 && two == 2 * one, "\(instructions): \(one), \(two)")
    }
  }

  @Test func `the triad adds, also where the end is no whole vector`() {
    for n in [0, 1, 7, 65, (1 << 18) + 3] {
      let a = (0..<n).map { Float($0 % 100) }, b = (0..<n).map { Float($0 % 7) }
      var y = [Float](repeating: .nan, count: n)
      var span = y.mutableSpan
      Kernel.triad(a.span, b.span, factor: 2, into: &span)
      #expect(y == zip(a, b).map { $0 + 2 * $1 })
    }
  }

  @Test(arguments: [(1, 1, 1), (7, 65, 3), (33, 17, 40)]) func `OpenBLAS's product is a product`(m: Int, n: Int, k: Int)
  {
    let a = (0..<m * k).map { Float($0 % 5) - 2 }, b = (0..<k * n).map { Float($0 % 3) - 1 }
    var c = [Float](repeating: .nan, count: m * n)
    var span = c.mutableSpan
    Kernel.openBLASProduct(a.span, b.span, m: m, n: n, k: k, into: &span)
    for i in 0..<m {
      for j in 0..<n {
        #expect(c[i * n + j] == (0..<k).reduce(0) { $0 + a[i * k + $1] * b[$1 * n + j] })
      }
    }
  }

  @Test(arguments: Precision.allCases) func `the operations of a layer's kernels are those of its model`(
    precision: Precision
  ) {
    let n = 32, bench = KernelBenchmark(Self.tiny, budget: 0), count = FLOPCount(Self.tiny, sequenceLength: n)
    let layers = Double(Self.tiny.layerCount)
    // Key, value and gate, up stand for two products each.
    let products = bench.products(tokens: n, precision).reduce(0.0) {
      $0 + $1.modelFLOPs * ($1.name.contains(",") ? 2 : 1)
    }
    #expect(products * layers == 3 * count.linear)
    #expect(bench.attention(length: n, precision).reduce(0) { $0 + $1.modelFLOPs } * layers == 3 * count.attention)
    #expect(bench.loss(tokens: n, precision).modelFLOPs == 3 * count.head)
  }

  @Test func `each kernel has a time, and says in what it is counted`() {
    let bench = KernelBenchmark(Self.tiny, budget: 0)
    let rows = bench.elementwise(tokens: 8) + bench.products(tokens: 8, .fp32) + bench.attention(length: 8, .bf16)
    #expect(Set(rows.map { "\($0.name) \($0.precision)" }).count == rows.count, "names are not unique")
    for row in rows {
      #expect(row.seconds > 0 && row.seconds < 10, "\(row)")
      #expect((row.modelFLOPs > 0) != (row.bytes > 0), "\(row)")
    }
  }

  @Test func `a step's rate is that of its fastest run`() throws {
    let time = StepTime(length: 100, precision: .fp32, steps: [4, 2, 3], modelFLOPs: 10, peakRSSBytes: 1)
    #expect(time.seconds == 2 && time.tokensPerSecond == 50 && time.flopsPerSecond == 5)
  }

  @Test(arguments: Precision.allCases) func `a measured step trains as many times as asked`(precision: Precision) throws
  {
    let time = try StepTime.measured(Self.tiny, length: 24, precision: precision, steps: 3)
    #expect(time.steps.count == 3 && time.steps.allSatisfy { $0 > 0 && $0 < 60 })
    #expect(time.modelFLOPs == FLOPCount(Self.tiny, sequenceLength: 24).model)
    #expect(time.peakRSSBytes > 1 << 20)
  }

  @Test func `the default shape is SmolLM2-135M's`() {
    #expect(LlamaConfiguration.smolLM2.problems.isEmpty)
    #expect(LlamaConfiguration.smolLM2.parameterCount == 134_515_008)
  }
}
