import LlamaModel
import Metrics
import ModelFiles

/// Rows as aligned columns, the first row a heading; numbers to the right.
func table(_ rows: [[String]]) -> String {
  guard let heading = rows.first else { return "" }
  let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).enumerated().map { column, cell in
      let padding = String(repeating: " ", count: cell.1 - cell.0.count)
      return column == 0 ? cell.0 + padding : padding + cell.0
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}

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
      positions   \(c.rope.trainedContext) tokens, \(c.rope.summary)\
      \(c.rope.trainedContext > c.rope.originalContext ? " (originally \(c.rope.originalContext))" : "")
      """
  }
}
