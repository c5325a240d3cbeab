public import GGUFFormat
public import Kernels

/// What an export wrote, and what the conversion lost.
public struct ExportReport: Sendable {
  public struct TensorEntry: Sendable {
    /// GGUF's name of the tensor.
    public var name: String
    /// torch's order.
    public var shape: [Int]
    public var choice: TensorTypeChoice
    /// How far the stored values are from the given ones.
    public var loss = EncodingLoss()
  }
  public var storage: ExportStorage
  /// The model's parameters in the order of the file.
  public var tensors: [TensorEntry] = []
  /// The files, in order, with their sizes in bytes.
  public var parts: [(path: String, byteCount: Int)] = []

  /// The loss over all matrices together.
  public var loss: EncodingLoss {
    tensors.reduce(into: EncodingLoss()) { $0.add($1.loss) }
  }

  /// The tensors that lost most, worst first.
  public func worst(_ count: Int) -> [TensorEntry] {
    Array(
      tensors.filter { $0.loss.relativeRMSE > 0 }.sorted { $0.loss.relativeRMSE > $1.loss.relativeRMSE }.prefix(count))
  }

  /// Tensors whose rows do not fill the blocks of the type that was meant for them, by both types: how many, and one
  /// row's length.
  public var fallbacks: [(wanted: TensorType, type: TensorType, count: Int, columns: Int)] {
    let entries = tensors.filter(\.choice.isFallback)
    return Dictionary(grouping: entries) { [$0.choice.wanted, $0.choice.type] }
      .map { ($0[0], $0[1], $1.count, $1[0].shape.last ?? 0) }
      .sorted { ($0.2, $0.0.rawValue) > ($1.2, $1.0.rawValue) }
  }
}

/// How strongly the columns of projections are used, from texts that a model has read.
public struct ColumnImportance: Sendable {
  /// By parameter name: the mean square of each column's input.
  public var meanSquares: [String: [Float]]
  /// What the texts are, for the file's metadata.
  public var dataset: String
  /// How many texts were read.
  public var chunkCount: Int
  public init(meanSquares: [String: [Float]], dataset: String, chunkCount: Int) {
    (self.meanSquares, self.dataset, self.chunkCount) = (meanSquares, dataset, chunkCount)
  }
}

/// What a model card would say: where a model comes from and how it was trained.
public struct ModelCard: Sendable {
  /// One stage of the curriculum.
  public struct Stage: Sendable, Codable, Equatable {
    public var name: String
    public var context: Int
    public var steps: Int
    public init(name: String, context: Int, steps: Int) {
      (self.name, self.context, self.steps) = (name, context, steps)
    }
  }
  /// The recipe's name.
  public var recipe: String
  /// The stages that are done, in order.
  public var stages: [Stage]
  public var steps, tokens: Int
  /// Names the data's content, not their place.
  public var dataFingerprint: String
  public init(recipe: String, stages: [Stage], steps: Int, tokens: Int, dataFingerprint: String) {
    (self.recipe, self.stages, self.steps) = (recipe, stages, steps)
    (self.tokens, self.dataFingerprint) = (tokens, dataFingerprint)
  }
}
