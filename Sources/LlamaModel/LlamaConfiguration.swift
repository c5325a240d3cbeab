/// The extents and constants of a Llama-family model, and how its positions become angles.
public struct LlamaConfiguration: Equatable, Sendable, Codable {
  /// Whose file layout and names the model has; what it computes follows from the other values alone.
  public var family: ModelFamily
  /// V, tokens in the vocabulary.
  public var vocabularySize: Int
  /// D, width of the residual stream.
  public var hiddenSize: Int
  /// F, width inside the feed-forward layer.
  public var feedForwardSize: Int
  public var layerCount: Int
  /// Query heads.
  public var headCount: Int
  /// Key and value heads; each serves headCount / keyHeadCount query heads.
  public var keyHeadCount: Int
  /// Width of one head; need not be hiddenSize / headCount.
  public var headSize: Int
  /// ε of every RMSNorm.
  public var normEpsilon: Double
  /// Whether the output layer is the embedding table.
  public var tiesEmbeddings: Bool
  /// Biases on the query, key and value projections.
  public var hasQueryKeyValueBias: Bool
  /// A bias on the attention's output projection.
  public var hasOutputBias: Bool
  /// Biases on the three feed-forward projections.
  public var hasFeedForwardBias: Bool
  /// An RMSNorm over each head of the queries and of the keys, before the rotation (Qwen3).
  public var hasQueryKeyNorm: Bool
  /// How many tokens each token sees, itself included; nil for all before it.
  public var slidingWindow: Int?
  public var rope: RoPEDescription

  /// Biases, norms of heads and a window are absent by default, as in every Llama release.
  public init(
    family: ModelFamily = .llama, vocabularySize: Int, hiddenSize: Int, feedForwardSize: Int, layerCount: Int,
    headCount: Int, keyHeadCount: Int,
    headSize: Int, normEpsilon: Double, tiesEmbeddings: Bool, hasQueryKeyValueBias: Bool = false,
    hasOutputBias: Bool = false, hasFeedForwardBias: Bool = false, hasQueryKeyNorm: Bool = false,
    slidingWindow: Int? = nil, rope: RoPEDescription
  ) {
    self.family = family
    (self.vocabularySize, self.hiddenSize, self.feedForwardSize) = (vocabularySize, hiddenSize, feedForwardSize)
    (self.layerCount, self.headCount, self.keyHeadCount) = (layerCount, headCount, keyHeadCount)
    (self.headSize, self.normEpsilon, self.tiesEmbeddings) = (headSize, normEpsilon, tiesEmbeddings)
    (self.hasQueryKeyValueBias, self.hasOutputBias) = (hasQueryKeyValueBias, hasOutputBias)
    (self.hasFeedForwardBias, self.hasQueryKeyNorm) = (hasFeedForwardBias, hasQueryKeyNorm)
    (self.slidingWindow, self.rope) = (slidingWindow, rope)
  }

  /// What is wrong with these numbers, each as one sentence; empty when a model can be built.
  public var problems: [String] {
    var found: [String] = []
    // Many times the largest model's; so the parameters can be listed and counted, whatever a file claims.
    let (vocabulary, width, layers) = (1 << 24, 1 << 20, 1 << 12)
    let ranges: [(String, Int, most: Int)] = [
      ("vocabularySize", vocabularySize, vocabulary), ("hiddenSize", hiddenSize, width),
      ("feedForwardSize", feedForwardSize, width), ("layerCount", layerCount, layers),
      ("headCount", headCount, width), ("keyHeadCount", keyHeadCount, width), ("headSize", headSize, width),
    ]
    for (name, value, most) in ranges where value < 1 || value > most {
      found.append("\(name) must be in 1...\(most), got \(value)")
    }
    if found.isEmpty, headCount * headSize > width {
      found.append("headCount × headSize must be at most \(width), got \(headCount) × \(headSize)")
    }
    if keyHeadCount > 0, headCount % keyHeadCount != 0 {
      found.append("\(headCount) heads cannot share \(keyHeadCount) key heads evenly")
    }
    if headSize % 2 != 0 { found.append("headSize must be even for rotary positions, got \(headSize)") }
    if let slidingWindow, !(1...Int(Int32.max)).contains(slidingWindow) {
      found.append("slidingWindow must be in 1...\(Int32.max), got \(slidingWindow)")
    }
    if !(normEpsilon > 0 && normEpsilon < 1) { found.append("normEpsilon must be in 0..<1, got \(normEpsilon)") }
    return found
  }
}

extension LlamaConfiguration {
  /// As checkpoints hold it; those of earlier versions know neither families nor norms of heads nor windows.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys) throws -> Value { try values.decode(Value.self, forKey: key) }
    self.init(
      family: try values.decodeIfPresent(ModelFamily.self, forKey: .family) ?? .llama,
      vocabularySize: try value(.vocabularySize), hiddenSize: try value(.hiddenSize),
      feedForwardSize: try value(.feedForwardSize), layerCount: try value(.layerCount),
      headCount: try value(.headCount), keyHeadCount: try value(.keyHeadCount), headSize: try value(.headSize),
      normEpsilon: try value(.normEpsilon), tiesEmbeddings: try value(.tiesEmbeddings),
      hasQueryKeyValueBias: try value(.hasQueryKeyValueBias), hasOutputBias: try value(.hasOutputBias),
      hasFeedForwardBias: try value(.hasFeedForwardBias),
      hasQueryKeyNorm: try values.decodeIfPresent(Bool.self, forKey: .hasQueryKeyNorm) ?? false,
      slidingWindow: try values.decodeIfPresent(Int.self, forKey: .slidingWindow), rope: try value(.rope))
  }
}
