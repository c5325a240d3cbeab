import LlamaModel
import Metrics
import ModelFiles

/// A model in a few lines.
struct ModelSummary {
  let text: String

  init(_ file: ModelFile) {
    let c = file.configuration
    text = """
      model       \(file.path)
      parameters  \(ProgressFormat.count(c.parameterCount)) (\(c.layerCount) layers, width \(c.hiddenSize), \
      \(c.headCount) heads of \(c.headSize) over \(c.keyHeadCount) key heads, feed-forward \(c.feedForwardSize), \
      \(c.vocabularySize) tokens\(c.tiesEmbeddings ? ", tied" : ""))
      stored as   \(file.storage)
      family      \(c.family.modelClass)\(c.slidingWindow.map { ", each token sees \($0)" } ?? "")
      positions   \(c.rope.trainedContext) tokens, \(c.rope.summary)\
      \(c.rope.trainedContext > c.rope.originalContext ? " (originally \(c.rope.originalContext))" : "")
      """
  }
}

extension LlamaConfiguration {
  /// Bytes of the keys and values of so many tokens, in Float; 2⁶² for what is more than that.
  func keyValueCacheBytes(context: Int) -> Int {
    Int(min(8 * Double(layerCount) * Double(context) * Double(keyHeadCount * headSize), 0x1p62))
  }
}

extension RoPEDescription {
  /// The positions in a few words: `θ 283461213`, `linear ×8`.
  var summary: String {
    let theta = "θ " + (Int(exactly: self.theta).map(String.init) ?? "\(self.theta)")
    switch scaling {
    case .none: return theta
    case .linear(let factor): return "linear ×\(factor), \(theta)"
    case .yarn(let yarn): return "yarn ×\(yarn.factor), \(theta)"
    case .llama3(let llama3): return "llama3 ×\(llama3.factor), \(theta)"
    case .longRoPE, .perDimension: return "\(scaling.name), \(theta)"
    }
  }
}
