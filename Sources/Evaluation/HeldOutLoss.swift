public import LlamaModel
import TensorCore

extension Llama {
  /// Mean −log p over all labelled tokens of some sequences, in nats; nil if none is labelled.
  ///
  /// Nothing is kept for backward: memory is that of one block.
  public func meanLoss(of sequences: some Sequence<TokenSequence>) -> Double? {
    let model = frozen()
    var sum = 0.0, labels = 0
    for sequence in sequences where sequence.labelCount > 0 {
      sum += Double(model.loss(of: sequence).scalar)
      labels += sequence.labelCount
    }
    return labels > 0 ? sum / Double(labels) : nil
  }
}
