import Kernels
import TestSupport
import Testing

/// Attention of few queries over pages of keys and values.
struct CachedAttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var heads, keyHeads, headSize, keys, queries: Int
    var window: Int?
    var testDescription: String {
      "\(heads)/\(keyHeads) heads of \(headSize), \(queries) of \(keys), window \(window ?? 0)"
    }
  }
  static let cases = [
    Case(heads: 2, keyHeads: 2, headSize: 16, keys: 1, queries: 1),
    Case(heads: 4, keyHeads: 2, headSize: 6, keys: 15, queries: 2),
    Case(heads: 9, keyHeads: 3, headSize: 64, keys: 257, queries: 1),
    Case(heads: 6, keyHeads: 1, headSize: 20, keys: 700, queries: 8),
    Case(heads: 4, keyHeads: 1, headSize: 32, keys: 5000, queries: 3),
    Case(heads: 5, keyHeads: 1, headSize: 8, keys: 512, queries: 1),
    Case(heads: 3, keyHeads: 1, headSize: 16, keys: 900, queries: 4, window: 100),
    Case(heads: 2, keyHeads: 1, headSize: 16, keys: 600, queries: 2, window: 1),
  ]

  static func pages(_ precision: CachePrecision, _ c: Case, _ k: [Float], _ v: [Float]) -> [CachePage] {
    let pages = (0..<(c.keys + 255) / 256).map { _ in
      CachePage(precision, keyHeads: c.keyHeads, headSize: c.headSize)
    }
    // In two pieces, the second from the middle of a page on.
    let width = c.keyHeads * c.headSize, cut = c.keys / 3
    Kernel.store(k.span.extracting(0..<cut * width), v.span.extracting(0..<cut * width), in: pages, at: 0)
    Kernel.store(
      k.span.extracting(cut * width..<c.keys * width), v.span.extracting(cut * width..<c.keys * width), in: pages,
      at: cut)
    return pages
  }

  @Test(arguments: cases, CachePrecision.allCases)
  func `it is attention over what the pages hold`(c: Case, precision: CachePrecision) {
    var random = SplitMix64(seed: 17)
    let width = c.keyHeads * c.headSize, offset = c.keys - c.queries
    let q = random.normals(c.queries * c.heads * c.headSize), k = random.normals(c.keys * width)
    let v = random.normals(c.keys * width), pages = Self.pages(precision, c, k, v)
    let held = filled(zeros(k.count), zeros(k.count)) { Kernel.load(pages, count: c.keys, k: &$0, v: &$1) }
    let first = (0..<c.queries).map { t in c.window.map { Int32(max(0, offset + t + 1 - $0)) } ?? 0 }
    let extents = AttentionExtents(
      queries: c.queries, keys: c.keys, queryOffset: offset, heads: c.heads, keyHeads: c.keyHeads,
      headSize: c.headSize, scale: 1 / Float(c.headSize).squareRoot())
    let output = filled(zeros(q.count)) {
      Kernel.attention(extents, q: q.span, pages: pages, firstKey: first.span, output: &$0)
    }
    let expected = Oracle.attention(
      Oracle.Attention(
        heads: c.heads, keyHeads: c.keyHeads, headSize: c.headSize, queryOffset: offset, firstKey: first),
      q: q.doubles, k: held.a.doubles, v: held.b.doubles)
    #expect(Tolerance.mismatch(output, expected, accumulating: c.keys) == nil)
  }

  @Test(arguments: cases) func `pages hold floats exactly, and others to their precision`(c: Case) {
    var random = SplitMix64(seed: 19)
    let k = random.normals(c.keys * c.keyHeads * c.headSize), v = random.normals(k.count)
    func held(_ precision: CachePrecision) -> [Float] {
      let pages = Self.pages(precision, c, k, v)
      let (a, b) = filled(zeros(k.count), zeros(k.count)) { Kernel.load(pages, count: c.keys, k: &$0, v: &$1) }
      return a + b
    }
    #expect(held(.fp32).bits == (k + v).bits)
    for (found, exact) in zip(held(.bf16), k + v) { #expect(abs(found - exact) <= abs(exact) / 256) }
    let most = (0..<2 * c.keys * c.keyHeads).map { head in
      (k + v)[head * c.headSize..<(head + 1) * c.headSize].map(abs).max() ?? 0
    }
    for (i, (found, exact)) in zip(held(.int8), k + v).enumerated() {
      #expect(abs(found - exact) <= most[i / c.headSize] / 254 * 1.0001)
    }
  }

  @Test(arguments: CachePrecision.allCases) func `numbers that are not finite are not hidden`(precision: CachePrecision)
  {
    let page = CachePage(precision, keyHeads: 1, headSize: 8)
    for bad in [Float.nan, .infinity] {
      let k = [Float](repeating: 0.5, count: 8), v: [Float] = [1, bad, 3, 4, 5, 6, 7, 8]
      Kernel.store(k.span, v.span, in: [page], at: 0)
      let extents = AttentionExtents(
        queries: 1, keys: 1, queryOffset: 0, heads: 1, keyHeads: 1, headSize: 8, scale: 1)
      let first: [Int32] = [0]
      let output = filled(zeros(8)) {
        Kernel.attention(extents, q: k.span, pages: [page], firstKey: first.span, output: &$0)
      }
      #expect(output.contains { !$0.isFinite })
    }
  }

  @Test(arguments: CachePrecision.allCases) func `a page's bytes make the same page`(precision: CachePrecision) {
    let c = Self.cases[1]
    var random = SplitMix64(seed: 23)
    let k = random.normals(c.keys * c.keyHeads * c.headSize), v = random.normals(k.count)
    let page = Self.pages(precision, c, k, v)[0]
    let other = CachePage(precision, keyHeads: c.keyHeads, headSize: c.headSize, bytes: page.bytes.span)
    #expect(other.bytes == page.bytes && page.copy().bytes == page.bytes)
    #expect(page.bytes.contains { $0 != 0 })
  }
}
