import LlamaModel
import Testing
import Training

/// Operations of one sequence against figures worked out by hand beforehand from the models' published shapes.
///
/// Source: the project's performance study, section 6.1, "PFLOP per sequence (model / full-recompute / selective)", computed as
/// 3·(2·n·weights + 2·n²·q·layers + 2·n·D·V): independent of the code under test.
struct FLOPCountTests {
  struct Row: Sendable, CustomStringConvertible {
    var model: String
    var configuration: LlamaConfiguration
    var length: Int
    /// 10¹⁵ operations: mathematics alone, with selective recomputation, and with everything formed twice.
    var petaflop, selective, full: Double
    /// Half a unit of the last printed digit of `petaflop`.
    var rounding: Double
    var description: String { "\(model) at \(length)" }
  }

  static func model(_ v: Int, _ d: Int, _ f: Int, layers: Int, heads: Int, keys: Int, size: Int) -> LlamaConfiguration {
    LlamaConfiguration(
      vocabularySize: v, hiddenSize: d, feedForwardSize: f, layerCount: layers, headCount: heads, keyHeadCount: keys,
      headSize: size, normEpsilon: 1e-5, tiesEmbeddings: true,
      rope: RoPEDescription(originalContext: 8192, originalTheta: 10_000))
  }
  /// SmolLM2-135M, Llama-3.2-1B, Llama-3-8B.
  static let m135 = model(49_152, 576, 1536, layers: 30, heads: 9, keys: 3, size: 64)
  static let b1 = model(128_256, 2048, 8192, layers: 16, heads: 32, keys: 8, size: 64)
  static let b8 = model(128_256, 4096, 14_336, layers: 32, heads: 32, keys: 8, size: 128)
  static let rows = [
    Row(
      model: "135M", configuration: m135, length: 65_536, petaflop: 0.50, selective: 0.59, full: 0.74, rounding: 0.005),
    Row(
      model: "135M", configuration: m135, length: 262_144, petaflop: 7.34, selective: 8.59, full: 10.97, rounding: 0.005
    ),
    Row(
      model: "135M", configuration: m135, length: 1 << 20, petaflop: 114.8, selective: 134.1, full: 172.1,
      rounding: 0.05),
    Row(model: "1B", configuration: b1, length: 65_536, petaflop: 1.33, selective: 1.63, full: 1.92, rounding: 0.005),
    Row(model: "1B", configuration: b1, length: 262_144, petaflop: 15.5, selective: 18.4, full: 22.9, rounding: 0.05),
    Row(model: "1B", configuration: b1, length: 1 << 20, petaflop: 224, selective: 263, full: 335, rounding: 0.5),
    Row(model: "8B", configuration: b8, length: 65_536, petaflop: 6.33, selective: 7.88, full: 9.00, rounding: 0.005),
    Row(model: "8B", configuration: b8, length: 262_144, petaflop: 65.8, selective: 78.8, full: 96.8, rounding: 0.05),
    Row(model: "8B", configuration: b8, length: 1 << 20, petaflop: 912, selective: 1072, full: 1360, rounding: 0.5),
  ]

  @Test(arguments: rows) func `operations of one sequence are those worked out by hand`(row: Row) {
    let count = FLOPCount(row.configuration, sequenceLength: row.length)
    #expect(abs(count.model / 1e15 - row.petaflop) <= row.rounding, "\(count.model)")
    // The study's program and this one recompute nearly the same.
    #expect(abs(count.trainedHere() / 1e15 / row.selective - 1) < 0.02, "\(count.trainedHere())")
    #expect(count.trainedHere() > count.model && count.trainedHere() / 1e15 < row.full)
  }

  @Test func `attention grows with the square of the length, everything else in proportion`() {
    let one = FLOPCount(Self.m135, sequenceLength: 1000), three = FLOPCount(Self.m135, sequenceLength: 3000)
    #expect(three.attention == 9 * one.attention)
    #expect(three.linear == 3 * one.linear)
    #expect(three.head == 3 * one.head)
  }

  @Test func `a window bounds the pairs of tokens that see each other`() {
    var model = Self.m135
    #expect(model.visiblePairs(sequenceLength: 1000) == 500_000)
    model.slidingWindow = 100
    #expect(model.visiblePairs(sequenceLength: 1000) == 95_000)
    #expect(model.visiblePairs(sequenceLength: 100) == 5000)
    let whole = FLOPCount(Self.m135, sequenceLength: 1000), windowed = FLOPCount(model, sequenceLength: 1000)
    #expect(abs(windowed.attention / whole.attention - 0.19) < 1e-12 && windowed.linear == whole.linear)
  }
}
