import Kernels
import LlamaModel
import TestSupport
import Testing

@testable import Benchmark

/// From the costs of a step's parts to its time.
struct StepCostsTests {
  static let costs = StepCosts(
    layer: 1000, layerToken: 10, attentionToken: 2, attentionPair: 0.5, sequence: 7, label: 3, parameter: 1e-3)

  @Test func `the parts of a step add up as the formula says`() {
    let tiny = LlamaConfiguration.tiny(layerCount: 2)
    // Two layers of 1000 + 4·10 + 4·2 + 16·0.5, the sequence, two labels; twice; and the optimizer once.
    let layers: Double = 2 * 1056, sequence: Double = layers + 7 + 6
    let expected: Double = 2 * sequence + 1e-3 * Double(tiny.parameterCount)
    let seconds = Self.costs.seconds(tiny, length: 4, labelled: 2, sequences: 2)
    #expect(abs(seconds - expected) < 1e-9 * expected, "\(seconds), expected \(expected)")
  }

  @Test func `more layers, tokens, labels, sequences or parameters take longer`() {
    func seconds(layers: Int = 2, length: Int = 64, labelled: Int = 8, sequences: Int = 1, vocabulary: Int = 31)
      -> Double
    {
      Self.costs.seconds(
        .tiny(vocabularySize: vocabulary, layerCount: layers), length: length, labelled: labelled, sequences: sequences)
    }
    let base = seconds()
    #expect(seconds(layers: 3) > base)
    #expect(seconds(length: 65) > base)
    #expect(seconds(labelled: 9) > base)
    #expect(seconds(sequences: 2) > base)
    #expect(seconds(vocabulary: 32) > base)
  }

  @Test func `time of long sequences grows with the square of the length`() {
    let one = Self.costs.seconds(.tiny(), length: 1 << 20, labelled: 0)
    let two = Self.costs.seconds(.tiny(), length: 1 << 21, labelled: 0)
    #expect(abs(two / one - 4) < 1e-3, "\(two / one)")
  }

  @Test func `a line goes through both points, and no part of it is negative`() {
    let line = StepCosts.line(2, 7, 10, 23)
    #expect(line.fixed == 3 && line.slope == 2)
    // Noise: the longer one took no longer, or more than in proportion.
    for (y1, y2) in [(5.0, 5.0), (5, 4), (1, 23)] {
      let line = StepCosts.line(2, y1, 10, y2)
      #expect(line.fixed >= 0 && line.slope > 0, "\(line)")
      #expect(abs(line.fixed + 10 * line.slope - y2) < 1e-12, "\(line) misses the longer one, \(y2)")
    }
  }

  @Test(arguments: Precision.allCases) func `measured costs are positive and finite`(precision: Precision) {
    let costs = StepCosts.measured(.tiny(), precision)
    for cost in [costs.layerToken, costs.label, costs.parameter, costs.attentionPair] {
      #expect(cost > 0 && cost < 1, "\(costs)")
    }
    for cost in [costs.layer, costs.attentionToken, costs.sequence] { #expect(cost >= 0 && cost < 1, "\(costs)") }
    let short = costs.seconds(.tiny(), length: 128, labelled: 128)
    #expect(short < costs.seconds(.tiny(), length: 4096, labelled: 4096))
  }
}
