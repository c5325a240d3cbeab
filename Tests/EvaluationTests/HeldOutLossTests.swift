import Evaluation
import Foundation
import LlamaModel
import TensorCore
import TestSupport
import Testing

struct HeldOutLossTests {
  /// ln p of every token after `tokens`, in Double, from one full forward pass.
  static func logProbabilities(_ model: Llama, after tokens: [Int32]) -> [Double] {
    let logits = model.frozen().logits(tokens: tokens).values.suffix(model.configuration.vocabularySize).map(
      Double.init)
    let greatest = logits.max() ?? 0
    let logSum = greatest + log(logits.reduce(0) { $0 + exp($1 - greatest) })
    return logits.map { $0 - logSum }
  }

  @Test func `the mean is over all labels of all sequences, as worked out from the logits`() throws {
    let model = Llama.random(.tiny(), scale: 0.5)
    let sequences = [
      TokenSequence(tokens: [1, 2, 3, 4, 5], labels: [2, -1, 4, 5, -1]),
      TokenSequence(tokens: [6, 7], labels: [-1, -1]), TokenSequence(tokens: [8, 9], labels: [9, -1]),
    ]
    var sum = 0.0
    for sequence in sequences {
      for (i, label) in sequence.labels.enumerated() where label >= 0 {
        sum -= Self.logProbabilities(model, after: Array(sequence.tokens.prefix(i + 1)))[Int(label)]
      }
    }
    var shares: [Double] = []
    let loss = try #require(model.meanLoss(of: sequences) { shares.append($0) })
    #expect(abs(loss - sum / 4) < 1e-5)
    #expect(shares == [0.25, 0.5, 0.75, 1], "two layers of the two sequences that have labels")
  }

  @Test func `without labels there is no mean`() {
    let model = Llama.random(.tiny())
    #expect(model.meanLoss(of: []) { _ in } == nil)
    #expect(model.meanLoss(of: [TokenSequence(tokens: [1, 2], labels: [-1, -1])]) { _ in } == nil)
  }

  @Test func `what the progress throws ends the measurement`() {
    struct Ended: Error {}
    let sequence = TokenSequence(tokens: [1, 2], labels: [2, -1])
    var calls = 0
    #expect(throws: Ended.self) {
      try Llama.random(.tiny()).meanLoss(of: [sequence]) { _ in
        calls += 1
        throw Ended()
      }
    }
    #expect(calls == 1)
  }
}
