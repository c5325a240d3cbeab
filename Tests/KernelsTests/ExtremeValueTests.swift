import Kernels
import TestSupport
import Testing

/// The exponential inside softmax, cross-entropy and SwiGLU: accuracy over its range, and no NaN beyond it.
struct ExtremeValueTests {
  @Test func `the exponential is good to three units in the last place from −87 to 0`() {
    // softmax of (0, x, x', …): every share divided by the first is e^x, both shares rounded once more.
    var worst = 0.0
    for row in 0..<4096 {
      let x = [0] + (1..<24).map { Float(-86 * (Double(row) + Double($0) / 24) / 4096) }
      let y = filled(zeros(24)) { Kernel.softmax(x.span, width: 24, into: &$0) }
      for i in 0..<24 where y[i] >= .leastNormalMagnitude {
        worst = max(worst, abs(Double(y[i]) / Double(y[0]) / Oracle.exponential(Double(x[i])) - 1))
      }
    }
    #expect(worst < 4 * 0x1p-23)
  }

  /// Values at and beyond the ends of the exponential; differences of any two stay finite.
  static let extremes: [Float] = [
    0, -0.0, 88, -88, 87, -87, -87.5, 88.5, -88.5, 89, -89, 104, -104, 1e4, -1e4, 1e30, -1e30, 1e-30, -1e-30,
    .leastNonzeroMagnitude, .greatestFiniteMagnitude / 2, -.greatestFiniteMagnitude / 2,
  ]

  /// Each of them in the vector part and in the tail.
  static let spread = extremes + extremes.dropFirst(5)

  @Test(arguments: [1, 2, 15, 16, 17, 40]) func `softmax of extremes is that of Double`(width: Int) {
    for shift in Self.extremes.indices {
      let x = (0..<width).map { Self.extremes[($0 * 7 + shift) % Self.extremes.count] }
      let y = filled(zeros(width)) { Kernel.softmax(x.span, width: width, into: &$0) }
      #expect(Tolerance.mismatch(y, Oracle.softmax(x.doubles, width: width), accumulating: width) == nil, "\(x)")
    }
  }

  @Test(arguments: [1, 2, 15, 16, 17, 40]) func `crossEntropy of extremes is that of Double`(width: Int) {
    for shift in Self.extremes.indices {
      let logits = (0..<width).map { Self.extremes[($0 * 7 + shift) % Self.extremes.count] }
      let largest = logits.doubles.max() ?? 0
      let sum = logits.doubles.reduce(0) { $0 + Oracle.exponential($1 - largest) }
      for label in [0, width / 2, width - 1] {
        let labels = [Int32(label)]
        var losses = [0.0]
        let gradient = filled(logits) { span in
          var lossSpan = losses.mutableSpan
          Kernel.crossEntropy(labels: labels.span, width: width, formingGradient: true, logits: &span, loss: &lossSpan)
        }
        #expect(gradient.allSatisfy { abs($0) <= 1 }, "\(logits)")
        let expected = Oracle.logarithm(sum) + largest - Double(logits[label])
        #expect(abs(losses[0] - expected) <= 1e-6 * max(1, abs(expected)), "\(logits)")
      }
    }
  }

  @Test func `swiGLU of extremes is that of Double`() {
    let (gates, halves) = (Self.spread, [Float](repeating: 0.5, count: Self.spread.count))
    let y = filled(zeros(gates.count)) { Kernel.swiGLU(gates.span, halves.span, into: &$0) }
    for (gate, y) in zip(gates, y) {
      let expected = Double(gate) * Oracle.sigmoid(Double(gate)) * 0.5
      #expect(abs(Double(y) - expected) <= max(5e-7 * abs(expected), 1e-35), "gate \(gate)")
    }
  }

  @Test func `swiGLU's gradient stays finite where the sigmoid ends`() {
    let (gates, weights) = (Self.spread, ones(Self.spread.count))
    let (dGate, dUp) = filled(zeros(gates.count), zeros(gates.count)) {
      Kernel.swiGLUGradient(weights.span, gates.span, weights.span, into: &$0, and: &$1)
    }
    for (i, gate) in gates.enumerated() {
      let (g, s) = (Double(gate), Oracle.sigmoid(Double(gate)))
      #expect(abs(Double(dGate[i]) - s * (1 + g * (1 - s))) <= 1e-6, "gate \(gate)")
      #expect(abs(Double(dUp[i]) - g * s) <= max(5e-7 * abs(g * s), 1e-35), "gate \(gate)")
    }
  }

  @Test(arguments: [1, 5, 16, 17, 33]) func `softmax and swiGLU do not swallow a NaN`(width: Int) {
    for place in 0..<width {
      var x = ones(width)
      x[place] = .nan
      let shares = filled(zeros(width)) { Kernel.softmax(x.span, width: width, into: &$0) }
      #expect(shares.contains { $0.isNaN }, "softmax, NaN at \(place)")
      let y = filled(zeros(width)) { Kernel.swiGLU(x.span, x.span, into: &$0) }
      #expect(y[place].isNaN, "swiGLU, NaN at \(place)")
    }
  }
}
