import Foundation
import TensorCore
import TestSupport
import Testing

/// What attention promises beyond its formula: documents do not see each other, and memory grows with the length.
struct AttentionTests {
  static let (heads, keyHeads, headSize) = (4, 2, 8)

  struct Inputs {
    var q, k, v, dy: [Float]
    init(tokens: Int, seed: UInt64) {
      var random = SplitMix64(seed: seed)
      q = random.normals(tokens * heads * headSize)
      k = random.normals(tokens * keyHeads * headSize)
      v = random.normals(k.count)
      dy = random.normals(q.count)
    }

    func tokens(_ range: Range<Int>) -> Inputs {
      var part = self
      let (width, keyWidth) = (heads * headSize, keyHeads * headSize)
      part.q = Array(q[range.lowerBound * width..<range.upperBound * width])
      part.dy = Array(dy[range.lowerBound * width..<range.upperBound * width])
      part.k = Array(k[range.lowerBound * keyWidth..<range.upperBound * keyWidth])
      part.v = Array(v[range.lowerBound * keyWidth..<range.upperBound * keyWidth])
      return part
    }

    /// These, with the tokens of `range` taken from `other`.
    func replacing(_ range: Range<Int>, with other: Inputs) -> Inputs {
      var mixed = self
      let (width, keyWidth) = (heads * headSize, keyHeads * headSize)
      let (wide, narrow) = (
        range.lowerBound * width..<range.upperBound * width, range.lowerBound * keyWidth..<range.upperBound * keyWidth
      )
      mixed.q.replaceSubrange(wide, with: other.q[wide])
      mixed.dy.replaceSubrange(wide, with: other.dy[wide])
      mixed.k.replaceSubrange(narrow, with: other.k[narrow])
      mixed.v.replaceSubrange(narrow, with: other.v[narrow])
      return mixed
    }
  }

  /// Result and the three gradients, in the form of inputs (dy holds the result).
  static func run(_ x: Inputs, _ pattern: AttentionPattern) -> Inputs {
    let n = pattern.firstKey.count
    let q = Tensor(Shape(n, heads * headSize), x.q, isParameter: true)
    let k = Tensor(Shape(n, keyHeads * headSize), x.k, isParameter: true)
    let v = Tensor(k.shape, x.v, isParameter: true)
    var recomputation = Recomputation.none
    let y = Tensor.causalAttention(q: q, k: k, v: v, headSize: headSize, pattern: pattern, keeping: &recomputation)
    var gradients = Gradients()
    y.backward(from: Tensor(y.shape, x.dy), into: &gradients)
    var result = x
    result.dy = y.values
    result.q = gradients[q]?.values ?? []
    result.k = gradients[k]?.values ?? []
    result.v = gradients[v]?.values ?? []
    return result
  }

  @Test func `packed documents give what each gives alone`() {
    let starts: [Int32] = [0, 5, 262, 263]
    let n = 900
    let packed = Self.run(Inputs(tokens: n, seed: 1), .documents(starts: starts, count: n))
    for (start, end) in zip(starts, starts.dropFirst() + [Int32(n)]) {
      let range = Int(start)..<Int(end)
      let alone = Self.run(Inputs(tokens: n, seed: 1).tokens(range), .causal(queries: range.count))
      let part = packed.tokens(range)
      #expect(Tolerance.mismatch(part.dy, alone.dy.doubles, accumulating: n) == nil)
      #expect(Tolerance.mismatch(part.q.doubles, alone.q.doubles, within: 1e-5, floor: 1e-2) == nil)
      #expect(Tolerance.mismatch(part.k.doubles, alone.k.doubles, within: 1e-5, floor: 1e-2) == nil)
      #expect(Tolerance.mismatch(part.v.doubles, alone.v.doubles, within: 1e-5) == nil)
    }
  }

  @Test(arguments: [1, 70, 300, 512, 699]) func `another document in front moves no bit of this one`(border: Int) {
    let n = 700
    let pattern = AttentionPattern.documents(starts: [0, Int32(border)], count: n)
    let first = Inputs(tokens: n, seed: 2)
    let second = first.replacing(0..<border, with: Inputs(tokens: n, seed: 3))
    let (a, b) = (Self.run(first, pattern), Self.run(second, pattern))
    #expect(a.tokens(0..<border).dy != b.tokens(0..<border).dy)
    expectSameBits(a.tokens(border..<n), b.tokens(border..<n))
  }

  @Test(arguments: [1, 70, 300, 512, 699]) func `another document behind moves no bit of this one`(border: Int) {
    let n = 700
    let pattern = AttentionPattern.documents(starts: [0, Int32(border)], count: n)
    let first = Inputs(tokens: n, seed: 2)
    let second = first.replacing(border..<n, with: Inputs(tokens: n, seed: 3))
    let (a, b) = (Self.run(first, pattern), Self.run(second, pattern))
    expectSameBits(a.tokens(0..<border), b.tokens(0..<border))
  }

  private func expectSameBits(_ a: Inputs, _ b: Inputs) {
    #expect(a.dy.bits == b.dy.bits)
    #expect(a.q.bits == b.q.bits)
    #expect(a.k.bits == b.k.bits)
    #expect(a.v.bits == b.v.bits)
  }

  @Test func `the future moves no bit of the past`() {
    let n = 700
    let first = Inputs(tokens: n, seed: 4)
    let second = first.replacing(601..<n, with: Inputs(tokens: n, seed: 5))
    let (a, b) = (Self.run(first, .causal(queries: n)), Self.run(second, .causal(queries: n)))
    #expect(a.tokens(0..<601).dy.bits == b.tokens(0..<601).dy.bits)
  }

  @Test func `twice the length takes at most twice the memory, forward and backward`() async {
    // In a process of its own, so that no other test's tensors are counted.
    await #expect(processExitsWith: .success) {
      func peak(_ n: Int) -> Int {
        let x = Inputs(tokens: n, seed: 6)
        _ = AttentionTests.run(x, AttentionPattern(firstKey: (0..<n).map { Int32(max(0, $0 - 600)) }))
        return TensorMemory.peakBytes
      }
      let small = peak(4096)
      let resident = residentPeak()
      #expect(small < 16 << 20)
      #expect(peak(8192) <= 2 * small)
      // Scores of 8192 queries and keys would be 256 MiB a head, and are not tensors: ask the system.
      #expect(residentPeak() - resident < 64 << 20)
      #expect(TensorMemory.liveBytes == 0)
    }
  }
}

/// The most memory this process ever had, in bytes.
func residentPeak() -> Int {
  var usage = rusage()
  #if os(Linux)
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
