import LlamaModel
import TensorCore
import TestSupport
import Testing

/// Reading token by token, or in any pieces, gives what the whole sequence gives at once.
struct KeyValueCacheTests {
  /// Longer than the 2,048 tokens a prompt is read in at a time.
  static let tokens = TinyModel.tokens(2105, seed: 61)
  static let model = TinyModel.random(isTrained: false)
  static let logits = model.logits(tokens: tokens)

  static func expected(_ position: Int) -> [Double] { logits.rows(position..<position + 1).values.doubles }

  @Test(arguments: [
    [2105], [1, 2104], [2047, 58], [2048, 57], [2049, 56], [700, 1, 1, 513, 890], [2100, 1, 1, 1, 1, 1],
  ])
  func `a sequence read in pieces gives the logits of the whole`(pieces: [Int]) {
    var cache = KeyValueCache(Self.model.configuration, capacity: 2200)
    var start = 0
    for piece in pieces {
      let logits = Self.model.nextLogits(after: Array(Self.tokens[start..<start + piece]), cache: &cache)
      start += piece
      #expect(Tolerance.mismatch(logits.doubles, Self.expected(start - 1), within: 1e-4) == nil, "after \(start)")
      #expect(cache.count == start)
    }
  }

  @Test(arguments: [1, 2, 57, 58, 2105, 5000]) func `the last hidden states are those of the whole`(tail: Int) {
    var cache = KeyValueCache(Self.model.configuration, capacity: 2105)
    let states = Self.model.read(Self.tokens, into: &cache, tail: tail)
    let all = Self.model.hidden(tokens: Self.tokens)
    let count = min(tail, 2105)
    #expect(states.shape == Shape(count, 12))
    #expect(
      Tolerance.mismatch(states.values.doubles, all.rows(2105 - count..<2105).values.doubles, within: 1e-4) == nil)
  }

  @Test func `a copy of the cache goes its own way`() {
    var cache = KeyValueCache(Self.model.configuration, capacity: 40)
    _ = Self.model.read(Array(Self.tokens[..<20]), into: &cache)
    var other = cache
    _ = Self.model.read(TinyModel.tokens(20, seed: 63), into: &other)
    let logits = Self.model.nextLogits(after: Array(Self.tokens[20..<40]), cache: &cache)
    #expect(Tolerance.mismatch(logits.doubles, Self.expected(39), within: 1e-4) == nil)
  }

  @Test func `more tokens than there is room for stop the program`() async {
    await #expect(processExitsWith: .failure) {
      var cache = KeyValueCache(TinyModel.configuration(), capacity: 3)
      _ = TinyModel.random(isTrained: false).read([1, 2, 3, 4], into: &cache)
    }
  }

  @Test func `a model that is not frozen may not read`() async {
    await #expect(processExitsWith: .failure) {
      var cache = KeyValueCache(TinyModel.configuration(), capacity: 3)
      _ = TinyModel.random().read([1], into: &cache)
    }
  }
}
