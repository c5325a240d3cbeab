import Kernels
import LlamaModel
import TensorCore
import TestSupport
import Testing

/// A prompt read in tiles gives the very bits of the training forward pass.
struct PrefillTests {
  /// Head groups whose query blocks are 192, 96, 64 and 48 queries.
  static func model(heads: Int, keyHeads: Int, window: Int? = nil, vocabulary: Int = 37) -> Llama {
    var configuration = LlamaConfiguration.tiny(vocabularySize: vocabulary, hiddenSize: 16, headSize: 8)
    (configuration.headCount, configuration.keyHeadCount) = (heads, keyHeads)
    configuration.slidingWindow = window
    return Llama.random(configuration, scale: 0.4).frozen()
  }

  @Test(
    arguments: [(2, 2), (4, 2), (3, 1), (4, 1)],
    [1, 7, 8, 9, 31, 33, 64, 700, 2047, 2048, 2049, 2060, 2079, 2081, 4097, 4130])
  func `the logits after a prompt have the bits of the training forward pass`(heads: (Int, Int), length: Int) {
    let model = Self.model(heads: heads.0, keyHeads: heads.1), tokens = TinyModel.tokens(length, seed: UInt64(length))
    var cache = KeyValueCache(model.configuration, capacity: length)
    let whole = model.logits(tokens: tokens)
    #expect(model.nextLogits(after: tokens, cache: &cache).bits == whole.rows(length - 1..<length).values.bits)
    var other = KeyValueCache(model.configuration, capacity: length)
    let states = model.read(tokens, into: &other, tail: length)
    #expect(states.values.bits == model.hidden(tokens: tokens).values.bits)
    #expect(model.logits(ofStates: states).values.bits == whole.values.bits)
  }

  @Test func `a large vocabulary's logits in parts have the bits of the whole`() {
    let model = Self.model(heads: 2, keyHeads: 1, vocabulary: 20_011), tokens = TinyModel.tokens(50, seed: 3)
    let whole = model.logits(tokens: tokens)
    var cache = KeyValueCache(model.configuration, capacity: 50)
    #expect(model.nextLogits(after: tokens, cache: &cache).bits == whole.rows(49..<50).values.bits)
    #expect(model.logits(ofStates: model.hidden(tokens: tokens)).values.bits == whole.values.bits)
  }

  @Test func `a sliding window is seen by tiles and by single tokens`() {
    let model = Self.model(heads: 4, keyHeads: 2, window: 300), tokens = TinyModel.tokens(2400, seed: 5)
    let whole = model.logits(tokens: tokens)
    var cache = KeyValueCache(model.configuration, capacity: 2400)
    let states = model.read(Array(tokens.prefix(2300)), into: &cache, tail: 2300)
    #expect(states.values.bits == model.hidden(tokens: tokens).rows(0..<2300).values.bits)
    for position in 2300..<2330 {
      let logits = model.nextLogits(after: [tokens[position]], cache: &cache)
      let expected = whole.rows(position..<position + 1).values
      #expect(Tolerance.mismatch(logits.doubles, expected.doubles, within: 1e-4) == nil)
    }
  }

  @Test(arguments: [1, 2, 3, 8], CachePrecisionCase.all)
  func `decoding with a cache equals reading again, as exactly as the cache is`(step: Int, form: CachePrecisionCase) {
    let model = Self.model(heads: 4, keyHeads: 2), tokens = TinyModel.tokens(900, seed: 7)
    let whole = model.logits(tokens: tokens)
    var cache = KeyValueCache(model.configuration, capacity: 900, precision: form.precision)
    _ = model.read(Array(tokens.prefix(700)), into: &cache)
    var deviation = 0.0, worst = 0.0, count = 0.0
    for start in stride(from: 700, to: 892, by: step) {
      let logits = model.nextLogits(after: Array(tokens[start..<start + step]), cache: &cache)
      let expected = whole.rows(start + step - 1..<start + step).values
      let one = Tolerance.relativeNorm(logits.doubles, expected.doubles)
      (deviation, worst, count) = (deviation + one, max(worst, one), count + 1)
    }
    #expect(worst < 20 * form.tolerance, "worst \(worst)")
    #expect(deviation / count < form.tolerance, "mean \(deviation / count)")
    #expect(cache.byteCount < (form.precision == .fp32 ? Int.max : 900 * 2 * 2 * 2 * 16 * 4 * 2))
  }

  @Test func `a cache of less precision reads the same, however the text is cut`() {
    let model = Self.model(heads: 4, keyHeads: 2), tokens = TinyModel.tokens(3000, seed: 9)
    for form in CachePrecisionCase.all {
      var one = KeyValueCache(model.configuration, capacity: 3000, precision: form.precision)
      let states = model.read(tokens, into: &one, tail: 100)
      var two = KeyValueCache(model.configuration, capacity: 3000, precision: form.precision)
      _ = model.read(Array(tokens.prefix(96 * 11)), into: &two)
      #expect(model.read(Array(tokens.dropFirst(96 * 11)), into: &two, tail: 100).values.bits == states.values.bits)
    }
  }

  @Test func `a truncated cache continues as if it had never read more`() {
    let model = Self.model(heads: 2, keyHeads: 1), tokens = TinyModel.tokens(800, seed: 11)
    var cache = KeyValueCache(model.configuration, capacity: 900)
    _ = model.read(tokens, into: &cache)
    let before = cache
    for length in [799, 600, 512, 511, 1, 0] {
      var branch = before
      branch.truncate(to: length)
      var fresh = KeyValueCache(model.configuration, capacity: 900)
      if length > 0 { _ = model.read(Array(tokens.prefix(length)), into: &fresh) }
      let next = TinyModel.tokens(5, seed: 13)
      let (one, two) = (
        model.nextLogits(after: next, cache: &branch), model.nextLogits(after: next, cache: &fresh)
      )
      #expect(Tolerance.mismatch(one.doubles, two.doubles, within: 1e-4) == nil, "after \(length)")
    }
    // The one that was copied from has not changed.
    var (one, two) = (before, cache)
    #expect(model.nextLogits(after: [1], cache: &one).bits == model.nextLogits(after: [1], cache: &two).bits)
  }
}

/// A precision of the cache, and how far its logits may lie from exact ones in the mean, relative to their norm.
struct CachePrecisionCase: Sendable, CustomTestStringConvertible {
  let precision: CachePrecision
  let tolerance: Double
  static let all = [
    CachePrecisionCase(precision: .fp32, tolerance: 5e-6), CachePrecisionCase(precision: .bf16, tolerance: 0.02),
    CachePrecisionCase(precision: .int8, tolerance: 0.04),
  ]
  var testDescription: String { precision.rawValue }
}
