// Unsafe: owns the memory of a page and hands it to C.
import CKernels

/// How cached keys and values are kept.
public enum CachePrecision: String, Codable, Sendable, CaseIterable {
  /// Exactly.
  case fp32
  /// Rounded to bfloat16: half the memory.
  case bf16
  /// As 8-bit integers with a scale for each head of each token: about a quarter of the memory.
  case int8

  var c: ck_cache_form {
    switch self {
    case .fp32: CK_CACHE_F32
    case .bf16: CK_CACHE_BF16
    case .int8: CK_CACHE_Q8
    }
  }
}

/// Keys and values of 256 tokens in one layer.
///
/// Written only by who holds the one reference to it, hence `@unchecked Sendable`; sharers copy first.
@safe public final class CachePage: @unchecked Sendable {
  /// Tokens of a page.
  public static let tokens = Int(CK_PAGE)
  public let precision: CachePrecision
  public let keyHeads, headSize: Int
  private let base: UnsafeMutablePointer<Float>

  /// Zeros.
  public init(_ precision: CachePrecision, keyHeads: Int, headSize: Int) {
    (self.precision, self.keyHeads, self.headSize) = (precision, keyHeads, headSize)
    unsafe base = Memory.take(Self.byteCount(precision, keyHeads: keyHeads, headSize: headSize) / 4, zeroed: true)
  }

  deinit { unsafe Memory.give(base, byteCount / 4) }

  public func copy() -> CachePage {
    let copy = CachePage(precision, keyHeads: keyHeads, headSize: headSize)
    unsafe copy.base.update(from: base, count: byteCount / 4)
    return copy
  }

  /// Bytes of a page.
  public static func byteCount(_ precision: CachePrecision, keyHeads: Int, headSize: Int) -> Int {
    2 * keyHeads * ck_cache_head_bytes(precision.c, headSize)
  }
  public var byteCount: Int { Self.byteCount(precision, keyHeads: keyHeads, headSize: headSize) }

  /// All that the page holds, for files.
  public var bytes: [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(start: base, count: byteCount))
      count = byteCount
    }
  }

  /// A page with what `bytes` gave.
  public convenience init(_ precision: CachePrecision, keyHeads: Int, headSize: Int, bytes: Span<UInt8>) {
    self.init(precision, keyHeads: keyHeads, headSize: headSize)
    require(bytes.count == byteCount, "CachePage", "expected \(byteCount) bytes, got \(bytes.count)")
    unsafe bytes.withUnsafeBytes { from in
      unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount).copyMemory(from: from)
    }
  }

  /// Where the keys of a head begin, and its values.
  @unsafe fileprivate func head(_ head: Int) -> (keys: UnsafeMutablePointer<UInt8>, values: UnsafeMutablePointer<UInt8>)
  {
    let each = ck_cache_head_bytes(precision.c, headSize)
    let start = unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: UInt8.self)
    return unsafe (start + head * each, start + (keyHeads + head) * each)
  }
}

extension Kernel {
  /// Keeps k and v as tokens `start...` of pages, counted from the first page's first; only this caller may hold those
  /// that are written. Shapes: k, v [n, keyHeads·headSize].
  public static func store(_ k: Span<Float>, _ v: Span<Float>, in pages: [CachePage], at start: Int) {
    guard let page = pages.first else { return }
    let width = page.keyHeads * page.headSize
    let count = k.count / width
    let span = CachePage.tokens
    require(
      v.count == k.count && k.count == count * width && start >= 0 && start + count <= pages.count * span, "store",
      "expected rows of \(width) for tokens from \(start) of \(pages.count) pages, got \(k.count) and \(v.count) values"
    )
    let k = unsafe Address(k)
    let v = unsafe Address(v)
    let firstPage = start / span
    Parallel.run(max(0, (start + count + span - 1) / span - firstPage)) { task, _ in
      let page = pages[firstPage + task]
      let from = max(start, (firstPage + task) * span)
      let to = min(start + count, (firstPage + task + 1) * span)
      let head = unsafe page.head(0)
      unsafe ck_cache_store(
        page.precision.c, k.base + (from - start) * width, v.base + (from - start) * width, to - from, page.keyHeads,
        page.headSize, from % span, head.keys, head.values)
    }
  }

  /// The first `count` tokens of pages, as rows. Shapes: k, v [count, keyHeads·headSize].
  public static func load(
    _ pages: [CachePage], count: Int, k: inout MutableSpan<Float>, v: inout MutableSpan<Float>
  ) {
    guard let page = pages.first else { return }
    let width = page.keyHeads * page.headSize
    require(
      k.count == count * width && v.count == k.count && count <= pages.count * CachePage.tokens, "load",
      "expected \(count)×\(width) values from \(pages.count) pages, got \(k.count) and \(v.count)")
    let k = unsafe MutableAddress(&k)
    let v = unsafe MutableAddress(&v)
    Parallel.run((count + CachePage.tokens - 1) / CachePage.tokens) { index, _ in
      let page = pages[index]
      let start = index * CachePage.tokens
      let head = unsafe page.head(0)
      unsafe ck_cache_load(
        page.precision.c, head.keys, head.values, min(CachePage.tokens, count - start), page.keyHeads, page.headSize,
        k.base + start * width, v.base + start * width)
    }
  }

  /// Attention of a few queries over cached keys, the last of them the queries' own; the parts of a query's keys are
  /// treated by different threads and joined in order.
  ///
  /// - Shapes: q, output [queries, heads·headSize]; query t sees keys firstKey[t] … queryOffset + t of the pages.
  public static func attention(
    _ e: AttentionExtents, q: Span<Float>, pages: [CachePage], firstKey: Span<Int32>, output: inout MutableSpan<Float>
  ) {
    let last = e.queryOffset + e.queries - 1
    let span = CachePage.tokens
    require(
      q.count == e.queries * e.heads * e.headSize && output.count == q.count && firstKey.count == e.queries
        && last < pages.count * span && e.heads % e.keyHeads == 0
        && pages.allSatisfy { $0.keyHeads == e.keyHeads && $0.headSize == e.headSize }, "attention",
      "expected queries [\(e.queries), \(e.heads)·\(e.headSize)] within \(pages.count) pages, got \(q.count) values")
    let group = e.heads / e.keyHeads
    let size = ck_cache_state(group, e.headSize)
    // So many pages a part that a query has at most sixteen.
    let pagesEach = max(1, (last / span + 16) / 16)
    let parts = last / span / pagesEach + 1
    let q = unsafe Address(q)
    let firstKey = unsafe Address(firstKey)
    let output = unsafe MutableAddress(&output)
    unsafe withScratch(size, per: e.queries * e.keyHeads * parts) { states, each in
      Parallel.run(e.queries * e.keyHeads * parts) { task, _ in
        let (row, part) = task.quotientAndRemainder(dividingBy: parts)
        let (t, head) = row.quotientAndRemainder(dividingBy: e.keyHeads)
        let state = unsafe states.base + task * each
        let (low, high) = unsafe (Int(firstKey.base[t]), e.queryOffset + t + 1)
        unsafe ck_cache_begin(group, e.headSize, state)
        for index in part * pagesEach..<min((part + 1) * pagesEach, pages.count) {
          let start = index * span
          let (from, to) = (max(low, start) - start, min(high, start + span) - start)
          if from >= to { continue }
          let stored = unsafe pages[index].head(head)
          unsafe ck_cache_attend(
            pages[index].precision.c, stored.keys, stored.values, from, to, e.headSize,
            q.base + (t * e.heads + head * group) * e.headSize, e.scale, group, state)
        }
      }
      for row in 0..<e.queries * e.keyHeads {
        unsafe ck_cache_finish(
          states.base + row * parts * each, parts, each, group, e.headSize, output.base + row * group * e.headSize)
      }
    }
  }
}
