import Kernels
import TestSupport
import Testing

/// Tiled attention and its gradient against the formulas, which form every score.
struct AttentionKernelTests {
  struct Case: Sendable, CustomStringConvertible {
    var note: String
    var shape: Oracle.Attention
    var keys: Int
    var description: String {
      "\(note): \(shape.firstKey.count) queries at \(shape.queryOffset) of \(keys) keys, "
        + "\(shape.heads)/\(shape.keyHeads) heads of \(shape.headSize)"
    }
    /// `first` gives the first key of each query.
    init(
      _ note: String, heads: Int, keyHeads: Int, headSize: Int, queries: Int, offset: Int = 0, keys: Int? = nil,
      first: (Int) -> Int = { _ in 0 }
    ) {
      self.note = note
      self.keys = keys ?? offset + queries
      shape = Oracle.Attention(
        heads: heads, keyHeads: keyHeads, headSize: headSize, queryOffset: offset,
        firstKey: (0..<queries).map { Int32(first($0)) })
    }
  }

  // A tile is 256 rows of queries·heads by 512 keys.
  static let cases: [Case] = [
    Case("one token", heads: 2, keyHeads: 2, headSize: 8, queries: 1),
    Case("within a tile", heads: 2, keyHeads: 2, headSize: 16, queries: 5),
    Case("no query", heads: 2, keyHeads: 1, headSize: 8, queries: 0, keys: 7),
    Case("over a query tile", heads: 3, keyHeads: 1, headSize: 64, queries: 257),
    Case("over a key tile", heads: 4, keyHeads: 2, headSize: 16, queries: 600),
    Case("over two key tiles", heads: 4, keyHeads: 1, headSize: 8, queries: 1100),
    Case("four heads a key head", heads: 8, keyHeads: 2, headSize: 128, queries: 130),
    Case("whole tiles, four heads a key head", heads: 4, keyHeads: 1, headSize: 128, queries: 700),
    Case("whole tiles, heads of 96", heads: 2, keyHeads: 2, headSize: 96, queries: 610),
    Case("odd head size", heads: 3, keyHeads: 3, headSize: 7, queries: 65),
    Case("40 heads a key head", heads: 40, keyHeads: 1, headSize: 8, queries: 70),
    Case("documents", heads: 4, keyHeads: 2, headSize: 8, queries: 700) {
      $0 < 3 ? 0 : $0 < 530 ? 3 : $0 < 531 ? 530 : 531
    },
    Case("sliding window", heads: 2, keyHeads: 1, headSize: 16, queries: 1100) { max(0, $0 - 99) },
    Case("self only", heads: 2, keyHeads: 2, headSize: 8, queries: 600) { $0 },
    Case("after cached keys", heads: 4, keyHeads: 2, headSize: 16, queries: 9, offset: 700),
    Case("cached keys, window", heads: 3, keyHeads: 1, headSize: 8, queries: 100, offset: 515) { 400 + $0 },
    Case("room for more keys", heads: 2, keyHeads: 1, headSize: 8, queries: 3, offset: 5, keys: 1100),
  ]

  struct Inputs {
    let q, k, v, dOutput: [Float]
    init(_ c: Case) {
      var random = SplitMix64(seed: 21)
      q = random.normals(c.shape.firstKey.count * c.shape.heads * c.shape.headSize)
      k = random.normals(c.keys * c.shape.keyHeads * c.shape.headSize)
      v = random.normals(k.count)
      dOutput = random.normals(q.count)
    }
  }

  static func extents(_ c: Case) -> AttentionExtents {
    AttentionExtents(
      queries: c.shape.firstKey.count, keys: c.keys, queryOffset: c.shape.queryOffset, heads: c.shape.heads,
      keyHeads: c.shape.keyHeads, headSize: c.shape.headSize, scale: 1 / Float(c.shape.headSize).squareRoot())
  }

  @Test(arguments: cases) func `output, log-sum-exp and all three gradients are those of the formulas`(c: Case) {
    let x = Inputs(c)
    let firstKey = c.shape.firstKey
    let extents = Self.extents(c)
    let (output, lse) = filled(zeros(x.q.count), zeros(c.shape.heads * firstKey.count)) {
      Kernel.attention(
        extents, q: x.q.span, k: x.k.span, v: x.v.span, firstKey: firstKey.span, output: &$0, lse: &$1)
    }
    let (q, k, v) = (x.q.doubles, x.k.doubles, x.v.doubles)
    let expected = Oracle.attentionGradient(c.shape, q: q, k: k, v: v, dOutput: x.dOutput.doubles)
    #expect(Tolerance.mismatch(output, Oracle.attention(c.shape, q: q, k: k, v: v), accumulating: c.keys) == nil)
    #expect(Tolerance.mismatch(lse, expected.lse) == nil)

    let start = (q: ones(q.count), k: ones(k.count))
    let (dq, dk, dv) = filled(start.q, start.k, start.k) {
      Kernel.attentionGradient(
        extents, q: x.q.span, k: x.k.span, v: x.v.span, firstKey: firstKey.span, output: output.span, lse: lse.span,
        dOutput: x.dOutput.span, addingTo: &$0, &$1, &$2)
    }
    let length = max(c.keys, firstKey.count)
    #expect(Tolerance.mismatch(dq, expected.dq.map { $0 + 1 }, accumulating: length) == nil)
    #expect(Tolerance.mismatch(dk, expected.dk.map { $0 + 1 }, accumulating: length) == nil)
    #expect(Tolerance.mismatch(dv, expected.dv.map { $0 + 1 }, accumulating: length) == nil)
  }

  @Test func `scores far apart neither overflow nor give NaN`() {
    let c = Case("large", heads: 2, keyHeads: 1, headSize: 8, queries: 600)
    let x = Inputs(c)
    let (q, k) = (x.q.map { $0 * 300 }, x.k.map { $0 * 300 })
    let (output, lse) = filled(zeros(q.count), zeros(2 * 600)) {
      Kernel.attention(
        Self.extents(c), q: q.span, k: k.span, v: x.v.span, firstKey: c.shape.firstKey.span, output: &$0, lse: &$1)
    }
    #expect(lse.allSatisfy { $0.isFinite })
    // Scores near 10⁵ are rounded to 0.008, so shares of near ties may be off by that much.
    let expected = Oracle.attention(c.shape, q: q.doubles, k: k.doubles, v: x.v.doubles)
    #expect(Tolerance.mismatch(output.doubles, expected, within: 0.05) == nil)
  }
}
