import Foundation
public import LlamaModel
import TensorCore

/// A tiny Llama that PyTorch ran in Double: its weights, and everything the same weights must give here.
///
/// The files are made by `Scripts/make-parity-fixtures`.
public struct ParityFixture: Sendable, CustomStringConvertible {
  public let name: String
  public let configuration: LlamaConfiguration
  /// Values by Hugging Face name; without `lm_head.weight` when the embedding is the output layer.
  public let weights: [String: [Float]]
  public let sequences: [TokenSequence]
  /// One array [n·V] per sequence.
  public let logits: [[Double]]
  /// The mean over the labelled positions of all sequences.
  public let loss: Double
  /// Gradients of `loss` by Hugging Face name.
  public let gradients: [String: [Double]]
  /// `loss` before each of ten steps of AdamW as `optimizer` says it.
  public let losses: [Double]
  /// AdamW's constants; the norm of the gradient is clipped to `clipNorm` first.
  public let optimizer = (
    learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1.0
  )

  public var description: String { name }
  /// Labelled positions of all sequences.
  public var labelCount: Int { sequences.reduce(0) { $0 + $1.labelCount } }

  /// The model with the fixture's weights, to be trained or frozen.
  public func model(isTrained: Bool = true) throws -> Llama {
    try Llama(configuration) { parameter in
      guard let values = weights[parameter.name], values.count == parameter.shape.count else {
        throw Safetensors.Problem(description: "\(name): no weights of shape \(parameter.shape) for \(parameter.name)")
      }
      return Tensor(parameter.shape, values, isParameter: isTrained)
    }
  }
}

extension ParityFixture {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "LlamaModelTests/Fixtures")

  /// The committed fixtures, by file name.
  public static let names = [
    "none", "none-tied", "theta", "theta-tied", "linear", "linear-tied", "yarn", "yarn-tied", "llama3", "llama3-tied",
    "biased",
  ]

  /// One of `names`.
  public static func load(_ name: String) throws -> ParityFixture {
    try ParityFixture(path: folder.appending(path: "parity-\(name).safetensors").path)
  }

  public init(path: String) throws {
    let file = try Safetensors(path: path)
    name = URL(filePath: path).deletingPathExtension().lastPathComponent
    guard let config = file.metadata["config"] else { throw Safetensors.Problem(description: "\(path): no config") }
    configuration = try LlamaConfiguration(huggingFace: Data(config.utf8))
    func values(under prefix: String) throws -> [String: [Double]] {
      let names = file.names.filter { $0.hasPrefix(prefix) }
      return try Dictionary(
        uniqueKeysWithValues: names.map { (String($0.dropFirst(prefix.count)), try file.doubles($0)) })
    }
    weights = try values(under: "weights/").mapValues { $0.map(Float.init) }
    gradients = try values(under: "gradients/")
    let shape = try file.shape("tokens")
    let tokens = try file.doubles("tokens").map { Int32($0) }
    let labels = try file.doubles("labels").map { Int32($0) }
    // Hugging Face labels each token with itself, and −100 where no prediction is asked for.
    sequences = (0..<shape[0]).map { row in
      let range = row * shape[1]..<(row + 1) * shape[1]
      return TokenSequence(
        tokens: Array(tokens[range]), labels: labels[range].dropFirst().map { max($0, -1) } + [-1])
    }
    let allLogits = try file.doubles("logits")
    let each = allLogits.count / shape[0]
    logits = (0..<shape[0]).map { Array(allLogits[$0 * each..<($0 + 1) * each]) }
    loss = try file.doubles("loss")[0]
    losses = try file.doubles("losses")
  }
}

extension LlamaConfiguration {
  /// The part of Hugging Face's `config.json` that the fixtures use.
  fileprivate init(huggingFace json: Data) throws {
    struct Config: Decodable {
      struct RoPE: Decodable {
        var ropeType: String
        var ropeTheta: Double
        var factor, lowFreqFactor, highFreqFactor: Double?
        var originalMaxPositionEmbeddings: Int?
      }
      var vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads: Int
      var numKeyValueHeads, headDim, maxPositionEmbeddings: Int
      var rmsNormEps: Double
      var tieWordEmbeddings: Bool
      var attentionBias, mlpBias: Bool?
      var ropeParameters: RoPE
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let c = try decoder.decode(Config.self, from: json)
    let rope = c.ropeParameters
    let factor = rope.factor ?? 1
    let scaling: RoPEScaling =
      switch rope.ropeType {
      case "default": .none
      case "linear": .linear(factor: factor)
      case "yarn": .yarn(YaRN(factor: factor))
      case "llama3":
        .llama3(
          Llama3(
            factor: factor, lowFrequencyFactor: rope.lowFreqFactor ?? 1,
            highFrequencyFactor: rope.highFreqFactor ?? 4))
      default: throw Safetensors.Problem(description: "rope_type \(rope.ropeType) is not in the fixtures")
      }
    let context = c.maxPositionEmbeddings
    self.init(
      vocabularySize: c.vocabSize, hiddenSize: c.hiddenSize, feedForwardSize: c.intermediateSize,
      layerCount: c.numHiddenLayers, headCount: c.numAttentionHeads, keyHeadCount: c.numKeyValueHeads,
      headSize: c.headDim, normEpsilon: c.rmsNormEps, tiesEmbeddings: c.tieWordEmbeddings,
      hasQueryKeyValueBias: c.attentionBias ?? false, hasOutputBias: c.attentionBias ?? false,
      hasFeedForwardBias: c.mlpBias ?? false,
      rope: RoPEDescription(
        originalContext: rope.originalMaxPositionEmbeddings ?? context, originalTheta: rope.ropeTheta,
        trainedContext: context, scaling: scaling))
  }
}
