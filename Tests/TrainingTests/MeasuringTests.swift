import Kernels
import LlamaModel
import RecipeFormat
import TestSupport
import Testing
import Training

/// What reading texts between the steps takes.
struct MeasuringTests {
  /// Many thin layers, whose keys and values are most of what there is.
  private static let deep = LlamaConfiguration(
    vocabularySize: 512, hiddenSize: 64, feedForwardSize: 128, layerCount: 24, headCount: 4, keyHeadCount: 4,
    headSize: 16, normEpsilon: 1e-5, tiesEmbeddings: true,
    rope: RoPEDescription(originalContext: 8192, originalTheta: 10_000))

  private static func tokens(_ count: Int) -> [Int32] {
    var numbers = SplitMix64(seed: 3)
    return numbers.tokens(count, below: 512)
  }

  private static func expect(_ estimate: Int, _ body: () -> Void) {
    var meter = MemoryMeter()
    meter.begin()
    body()
    let ratio = Double(estimate) / Double(meter.growth)
    #expect(ratio > 0.75 && ratio < 1.25, "estimate \(estimate), growth \(meter.growth), ratio \(ratio)")
  }

  @Test func `reading takes what was estimated, for every form of keys and values`() async {
    for form in 0..<CachePrecision.allCases.count {
      await #expect(processExitsWith: .success) { [form = form as Int] in
        let precision = CachePrecision.allCases[form], tokens = Self.tokens(8192)
        let model = Llama.random(Self.deep, scale: 0.1).frozen()
        Self.expect(Self.deep.readingBytes(context: 8192, cache: precision)) {
          var cache = KeyValueCache(Self.deep, capacity: 8192, precision: precision)
          _ = model.nextLogits(after: tokens, cache: &cache)
        }
      }
    }
  }

  @Test func `scoring takes what was estimated, and that does not grow with layers`() async {
    await #expect(processExitsWith: .success) {
      var configuration = Self.deep
      configuration.layerCount = 2
      let tokens = Self.tokens(16_384), model = Llama.random(configuration, scale: 0.1).frozen()
      Self.expect(configuration.scoringBytes(length: 16_384)) { _ = model.hidden(tokens: tokens) }
    }
    var deeper = Self.deep
    deeper.layerCount *= 2
    #expect(deeper.scoringBytes(length: 8192) == Self.deep.scoringBytes(length: 8192))
  }

  @Test func `keys and values are kept as exactly as the limit allows`() throws {
    func plan(_ limit: Int) throws -> TrainingPlan {
      var recipe = Recipe(name: "test", stages: [.stage(context: 8192, steps: 1)])
      recipe.limits.memory = limit
      return try TrainingPlan(recipe, for: Self.deep)
    }
    let free = try plan(.max)
    let peaks = CachePrecision.allCases.map { free.measuringPeak(reading: 8192, cache: $0) }
    #expect(peaks == peaks.sorted(by: >))
    for (precision, peak) in zip(CachePrecision.allCases, peaks) {
      #expect(try plan(peak).cache(reading: 8192) == precision)
    }
    #expect(try plan(peaks[2] - 1).cache(reading: 8192) == nil)
    #expect(try plan(peaks[2] - 1).cache(reading: 64) == .fp32)
  }
}
