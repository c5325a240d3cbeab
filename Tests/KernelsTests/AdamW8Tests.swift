import Foundation
import Kernels
import TestSupport
import Testing

/// Moments in eight bits against arithmetic in Double.
struct AdamW8Tests {
  struct State: Equatable {
    var weight: [Float]
    var first, second: [UInt8]
    var firstScale, secondScale: [Float]

    init(_ weight: [Float]) {
      self.weight = weight
      let blocks = MomentCodes.scaleCount(of: weight.count)
      // Code 127 of the signed table and 0 of the unsigned one stand for zero; with a scale of 0 any does.
      (first, second) = ([UInt8](repeating: 0, count: weight.count), [UInt8](repeating: 0, count: weight.count))
      (firstScale, secondScale) = ([Float](repeating: 0, count: blocks), [Float](repeating: 0, count: blocks))
    }

    mutating func update(_ step: Kernel.AdamWStep, _ gradient: [Float]) {
      var (weights, firstCodes, secondCodes, firstScales, secondScales) = (
        weight, first, second, firstScale, secondScale
      )
      do {
        var w = weights.mutableSpan, m = firstCodes.mutableSpan, v = secondCodes.mutableSpan
        var ms = firstScales.mutableSpan, vs = secondScales.mutableSpan
        Kernel.adamW8(
          step, gradient: gradient.span, weight: &w, firstCodes: &m, firstScales: &ms, secondCodes: &v,
          secondScales: &vs)
      }
      (weight, first, second, firstScale, secondScale) = (weights, firstCodes, secondCodes, firstScales, secondScales)
    }
  }

  static func step(_ t: Int) -> Kernel.AdamWStep {
    Kernel.AdamWStep(
      learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1,
      correction1: Float(1 - pow(0.9, Double(t))), correction2: Float(1 - pow(0.95, Double(t))), gradientScale: 0.5)
  }

  @Test func `tables ascend, hold 0 and 1, and have more values the larger they are`() {
    for (table, least) in [(MomentCodes.signed, 5.5e-7), (MomentCodes.unsigned, 3.25e-7)] {
      #expect(table.count == 256)
      #expect(zip(table, table.dropFirst()).allSatisfy { $0 < $1 })
      #expect(table.last == 1 && table.contains(0))
      #expect(abs(Double(table.first { $0 > 0 } ?? 0) / least - 1) < 1e-6)
    }
    // The values of the paper's reference code: the middle of the first of 64 parts of 0.1 to 1, and of the last.
    #expect(abs(MomentCodes.signed[0] + 0.99296875) < 1e-6)
    #expect(MomentCodes.unsigned.count { $0 > 0.1 } == 129)
  }

  @Test(arguments: [1, 15, 255, 256, 257, 1000, 70_001])
  func `an update is that of Double, rounded to the nearest code`(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    var state = State(random.normals(count))
    for t in 1...3 {
      // Gradients of one block span many powers of ten.
      let gradient = random.normals(count).enumerated().map { i, g in g * Float(pow(10, -Double(i % 7))) }
      let before = state, step = Self.step(t)
      state.update(step, gradient)
      for block in 0..<MomentCodes.scaleCount(of: count) {
        let range = block * 256..<min(count, block * 256 + 256)
        var m: [Double] = [], v: [Double] = []
        for i in range {
          let g = Double(gradient[i]) * 0.5
          m.append(0.9 * Double(before.firstScale[block] * MomentCodes.signed[Int(before.first[i])]) + 0.1 * g)
          v.append(
            0.95 * Double(before.secondScale[block] * MomentCodes.unsigned[Int(before.second[i])]) + 0.05 * g * g)
          let c1 = 1 - pow(0.9, Double(t)), c2 = 1 - pow(0.95, Double(t))
          let expected =
            Double(before.weight[i]) * (1 - 1e-4) - 1e-3 / c1 * m[m.count - 1]
            / ((v[v.count - 1] / c2).squareRoot() + 1e-8)
          #expect(abs(Double(state.weight[i]) - expected) < 1e-6 * max(1, abs(expected)))
        }
        Self.expectNearest(state.first, state.firstScale[block], m, range, MomentCodes.signed)
        Self.expectNearest(state.second, state.secondScale[block], v, range, MomentCodes.unsigned)
      }
    }
  }

  /// Each code's value is about as near as that of any other code; of second moments, none above zero has code 0.
  static func expectNearest(_ codes: [UInt8], _ scale: Float, _ x: [Double], _ range: Range<Int>, _ table: [Float]) {
    let most = x.map { abs($0) }.max() ?? 0
    #expect(abs(Double(scale) - most) <= 1e-6 * most)
    for (i, value) in zip(range, x) {
      let code = Int(codes[i]), scaled = most > 0 ? value / most : 0
      if table[0] == 0, value > 0 { #expect(code > 0) }
      if table[0] == 0, scaled < Double(table[1]) { continue }
      let least = table.map { abs(Double($0) - scaled) }.min() ?? 0
      #expect(abs(Double(table[code]) - scaled) <= least + 1e-6)
    }
  }

  @Test func `values that codes stand for come back with the same codes`() {
    var random = SplitMix64(seed: 4)
    for isSigned in [true, false] {
      let x = random.normals(3000).map { isSigned ? $0 : $0 * $0 }
      func encode(_ x: [Float]) -> (codes: [UInt8], scales: [Float]) {
        var codes = [UInt8](repeating: 7, count: x.count)
        var scales = [Float](repeating: 7, count: MomentCodes.scaleCount(of: x.count))
        var codeSpan = codes.mutableSpan, scaleSpan = scales.mutableSpan
        Kernel.encodeMoments(x.span, isSigned: isSigned, codes: &codeSpan, scales: &scaleSpan)
        return (codes, scales)
      }
      let once = encode(x)
      var values = [Float](repeating: 0, count: x.count)
      var span = values.mutableSpan
      Kernel.decodeMoments(once.codes.span, once.scales.span, isSigned: isSigned, into: &span)
      for (a, b) in zip(values, x) { #expect(abs(a - b) <= 0.011 * 4 + 0.05 * abs(b)) }
      // A block whose largest magnitude is negative has no code for it; the others keep theirs.
      if !isSigned { #expect(encode(values).codes == once.codes) }
    }
  }

  @Test func `zero stays zero and what is not zero never becomes it`() {
    let x: [Float] = [0, 1e-30, 1, 1e-12]
    var codes = [UInt8](repeating: 9, count: 4), scales: [Float] = [9]
    var codeSpan = codes.mutableSpan, scaleSpan = scales.mutableSpan
    Kernel.encodeMoments(x.span, isSigned: false, codes: &codeSpan, scales: &scaleSpan)
    #expect(codes == [0, 1, 255, 1])
    #expect(scales == [1])
    var state = State([3, 4])
    state.update(Self.step(1), [0, 0])
    let keep = Float(1) - Float(1e-3) * Float(0.1)
    let expected: [Float] = [3 * keep, 4 * keep]
    #expect(state.weight == expected)
  }

  @Test(arguments: [0, 1, 2, 31, 33, 131_073]) func `packing to bfloat16 rounds to nearest and comes back`(count: Int) {
    var random = SplitMix64(seed: 9)
    let x = random.normals(count)
    var packed = [Float](repeating: 5, count: (count + 1) / 2), back = [Float](repeating: 5, count: count)
    var packedSpan = packed.mutableSpan
    Kernel.packBF16(x.span, into: &packedSpan)
    var backSpan = back.mutableSpan
    Kernel.unpackBF16(packed.span, into: &backSpan)
    let expected = x.map { x -> Float in
      let bits = x.bitPattern
      return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
    }
    #expect(back.bits == expected.bits)
  }
}
