import LlamaModel
import Testing
import Training

/// Operations of one sequence against figures worked out by hand beforehand from the models' published shapes.
///
/// Source: the project's performance study, section 6.1, "PFLOP per sequence (model / selective)", computed as
/// 3·(2·n·weights + 2·n²·q·layers + 2·n·D·V): independent of the code under test.
struct FLOPCountTests {
  struct Row: Sendable, CustomStringConvertible {
    var model: String
    var configuration: LlamaConfiguration
    var length: Int
    /// 10¹⁵ operations: mathematics alone, and with selective recomputation.
    var petaflop, recomputed: Double
    /// Half a unit of the last printed digit, of each.
    var roundings: (Double, Double)
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
    Row(model: "135M", configuration: m135, length: 65_536, petaflop: 0.50, recomputed: 0.59, roundings: (0.005, 0.005)),
    Row(model: "135M", configuration: m135, length: 262_144, petaflop: 7.34, recomputed: 8.59, roundings: (0.005, 0.005)),
    Row(model: "135M", configuration: m135, length: 1 << 20, petaflop: 114.8, recomputed: 134.1, roundings: (0.05, 0.05)),
    Row(model: "1B", configuration: b1, length: 65_536, petaflop: 1.33, recomputed: 1.63, roundings: (0.005, 0.005)),
    Row(model: "1B", configuration: b1, length: 262_144, petaflop: 15.5, recomputed: 18.4, roundings: (0.05, 0.05)),
    Row(model: "1B", configuration: b1, length: 1 << 20, petaflop: 224, recomputed: 263, roundings: (0.5, 0.5)),
    Row(model: "8B", configuration: b8, length: 65_536, petaflop: 6.33, recomputed: 7.88, roundings: (0.005, 0.005)),
    Row(model: "8B", configuration: b8, length: 262_144, petaflop: 65.8, recomputed: 78.8, roundings: (0.05, 0.05)),
    Row(model: "8B", configuration: b8, length: 1 << 20, petaflop: 912, recomputed: 1072, roundings: (0.5, 0.5)),
  ]

  @Test(arguments: rows) func `operations of one sequence are those worked out by hand`(row: Row) {
    let count = FLOPCount(row.configuration, sequenceLength: row.length)
    #expect(abs(count.model / 1e15 - row.petaflop) <= row.roundings.0, "\(count.model)")
    #expect(abs(count.trainedHere / 1e15 - row.recomputed) <= row.roundings.1, "\(count.trainedHere)")
  }

  @Test func `attention grows with the square of the length, everything else in proportion`() {
    let one = FLOPCount(Self.m135, sequenceLength: 1000), three = FLOPCount(Self.m135, sequenceLength: 3000)
    #expect(three.attention == 9 * one.attention)
    #expect(three.linear == 3 * one.linear)
    #expect(three.head == 3 * one.head)
  }
}
