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
        var rope_type: String
        var rope_theta: Double
        var factor, low_freq_factor, high_freq_factor: Double?
        var original_max_position_embeddings: Int?
      }
      var vocab_size, hidden_size, intermediate_size, num_hidden_layers, num_attention_heads: Int
      var num_key_value_heads, head_dim, max_position_embeddings: Int
      var rms_norm_eps: Double
      var tie_word_embeddings: Bool
      var attention_bias, mlp_bias: Bool?
      var rope_parameters: RoPE
    }
    let c = try JSONDecoder().decode(Config.self, from: json)
    let rope = c.rope_parameters
    let factor = rope.factor ?? 1
    let scaling: RoPEScaling =
      switch rope.rope_type {
      case "default": .none
      case "linear": .linear(factor: factor)
      case "yarn": .yarn(YaRN(factor: factor))
      case "llama3":
        .llama3(
          Llama3(
            factor: factor, lowFrequencyFactor: rope.low_freq_factor ?? 1,
            highFrequencyFactor: rope.high_freq_factor ?? 4))
      default: throw Safetensors.Problem(description: "rope_type \(rope.rope_type) is not in the fixtures")
      }
    let context = c.max_position_embeddings
    self.init(
      vocabularySize: c.vocab_size, hiddenSize: c.hidden_size, feedForwardSize: c.intermediate_size,
      layerCount: c.num_hidden_layers, headCount: c.num_attention_heads, keyHeadCount: c.num_key_value_heads,
      headSize: c.head_dim, normEpsilon: c.rms_norm_eps, tiesEmbeddings: c.tie_word_embeddings,
      hasQueryKeyValueBias: c.attention_bias ?? false, hasOutputBias: c.attention_bias ?? false,
      hasFeedForwardBias: c.mlp_bias ?? false,
      rope: RoPEDescription(
        originalContext: rope.original_max_position_embeddings ?? context, originalTheta: rope.rope_theta,
        trainedContext: context, scaling: scaling))
  }
}
