import Kernels
import TestSupport
import Testing

/// Whole-array kernels against plain loops in Double. Without fused multiply-add a sum of numbers of size 1 is off by
/// their rounding, hence the floors.
struct ElementwiseTests {
  static let counts = lengths + [severalPieces]

  /// Three arrays of random numbers, and the same as Doubles.
  private struct Numbers {
    let a, b, c: [Float]
    let da, db, dc: [Double]
    init(_ n: Int) {
      var random = SplitMix64(seed: UInt64(n))
      (a, b, c) = (random.normals(n), random.normals(n), random.normals(n))
      (da, db, dc) = (a.doubles, b.doubles, c.doubles)
    }
  }

  @Test(arguments: counts) func `add is a + b`(n: Int) {
    let x = Numbers(n)
    let y = filled(zeros(n)) { Kernel.add(x.a.span, x.b.span, into: &$0) }
    #expect(Tolerance.mismatch(y, zip(x.da, x.db).map(+)) == nil)
  }

  @Test(arguments: counts) func `multiply is a·b`(n: Int) {
    let x = Numbers(n)
    let y = filled(zeros(n)) { Kernel.multiply(x.a.span, x.b.span, into: &$0) }
    #expect(Tolerance.mismatch(y, zip(x.da, x.db).map(*)) == nil)
  }

  @Test(arguments: counts) func `multiplyGradient adds dy·b`(n: Int) {
    let x = Numbers(n)
    let y = filled(x.c) { Kernel.multiplyGradient(x.a.span, x.b.span, addingTo: &$0) }
    #expect(Tolerance.mismatch(y, y.indices.map { x.dc[$0] + x.da[$0] * x.db[$0] }, floor: 1) == nil)
  }

  @Test(arguments: counts) func `scale multiplies by the factor`(n: Int) {
    let x = Numbers(n)
    let y = filled(zeros(n)) { Kernel.scale(x.a.span, by: -1.25, into: &$0) }
    #expect(Tolerance.mismatch(y, x.da.map { -1.25 * $0 }) == nil)
  }

  @Test(arguments: counts) func `add adds a multiple`(n: Int) {
    let x = Numbers(n)
    let y = filled(x.b) { Kernel.add(x.a.span, times: 0.375, addingTo: &$0) }
    #expect(Tolerance.mismatch(y, zip(x.da, x.db).map { 0.375 * $0 + $1 }, floor: 1) == nil)
  }

  @Test(arguments: counts) func `add at an offset leaves the rest as it is`(n: Int) {
    let x = Numbers(n)
    let y = filled([1, 2, 3] + x.b + [4]) { Kernel.add(x.a.span, addingTo: &$0, at: 3) }
    #expect(y.prefix(3) == [1, 2, 3] && y.last == 4)
    #expect(Tolerance.mismatch(Array(y[3..<3 + n]), zip(x.da, x.db).map(+)) == nil)
  }

  @Test(arguments: counts) func `sums are those of Double`(n: Int) {
    let x = Numbers(n)
    let sums = withThreadCounts { (Kernel.sum(x.a.span), Kernel.sumOfSquares(x.a.span)) }
    #expect(sums.allSatisfy { $0 == sums[0] }, "threads change bits")
    #expect(abs(sums[0].0 - x.da.reduce(0, +)) <= 1e-13 * Double(n))
    #expect(abs(sums[0].1 - x.da.reduce(0) { $0 + $1 * $1 }) <= 1e-13 * Double(n))
  }

  @Test(arguments: counts) func `swiGLU is silu(gate)·up`(n: Int) {
    let x = Numbers(n)
    let y = filled(zeros(n)) { Kernel.swiGLU(x.a.span, x.b.span, into: &$0) }
    #expect(Tolerance.mismatch(y, Oracle.swiGLU(gate: x.da, up: x.db)) == nil)
  }

  @Test(arguments: counts) func `swiGLUGradient is both derivatives`(n: Int) {
    let x = Numbers(n)
    let (dGate, dUp) = filled(ones(n), ones(n)) {
      Kernel.swiGLUGradient(x.c.span, x.a.span, x.b.span, into: &$0, and: &$1)
    }
    // d silu(g) / dg = σ + g·σ·(1 − σ)
    let sigma = x.da.map(Oracle.sigmoid)
    let slopes = x.da.indices.map { sigma[$0] + x.da[$0] * sigma[$0] * (1 - sigma[$0]) }
    #expect(Tolerance.mismatch(dGate, x.da.indices.map { x.dc[$0] * x.db[$0] * slopes[$0] }) == nil)
    #expect(Tolerance.mismatch(dUp, x.da.indices.map { x.dc[$0] * x.da[$0] * sigma[$0] }) == nil)
  }

  @Test(arguments: counts) func `adamW is the published update`(n: Int) {
    let x = Numbers(n)
    let second = x.c.map { $0 * $0 }
    let (rate, beta1, beta2, epsilon, decay, scale) = (1e-2, 0.9, 0.95, 1e-8, 0.1, 0.5)
    let (correction1, correction2) = (1 - Oracle.power(beta1, 3), 1 - Oracle.power(beta2, 3))
    let step = Kernel.AdamWStep(
      learningRate: Float(rate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
      weightDecay: Float(decay), correction1: Float(correction1), correction2: Float(correction2),
      gradientScale: Float(scale))
    let result = filled(x.b, x.c, second) {
      Kernel.adamW(step, gradient: x.a.span, weight: &$0, firstMoment: &$1, secondMoment: &$2)
    }
    let g = x.da.map { $0 * scale }
    let m = g.indices.map { beta1 * x.dc[$0] + (1 - beta1) * g[$0] }
    let v = g.indices.map { beta2 * Double(second[$0]) + (1 - beta2) * g[$0] * g[$0] }
    let w = g.indices.map { i in
      x.db[i] * (1 - rate * decay) - rate * (m[i] / correction1) / ((v[i] / correction2).squareRoot() + epsilon)
    }
    #expect(Tolerance.mismatch(result.a, w) == nil)
    #expect(Tolerance.mismatch(result.b, m) == nil)
    #expect(Tolerance.mismatch(result.c, v) == nil)
  }
}
