public import LlamaModel
import TensorCore

extension Llama {
  /// Mean −log p over all labelled tokens of some sequences, in nats; nil if none is labelled.
  ///
  /// Nothing is kept for backward: memory is that of one block.
  ///
  /// - Throws: what the progress, which is of all sequences together, throws.
  public func meanLoss(of sequences: [TokenSequence], onProgress: ReadingProgress) rethrows -> Double? {
    let model = frozen(), layers = Double(blocks.count)
    let labelled = sequences.filter { $0.labelCount > 0 }
    var sum = 0.0, labels = 0
    for (index, sequence) in labelled.enumerated() {
      let loss = try model.loss(of: sequence) {
        try onProgress((Double(index) + Double($0) / layers) / Double(labelled.count))
      }
      sum += Double(loss.scalar)
      labels += sequence.labelCount
    }
    return labels > 0 ? sum / Double(labels) : nil
  }
}
