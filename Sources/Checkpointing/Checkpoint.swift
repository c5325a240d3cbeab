public import HDF5Storage

/// Everything a checkpoint holds except its tensors.
public struct Checkpoint: Sendable, Equatable {
  public var position: CheckpointPosition
  /// Small values by name; `CheckpointKey` has the names that every run uses.
  public var state: [String: HDF5Attribute]
  /// Texts and bytes by name, such as the recipe; `CheckpointKey` has the common names.
  public var documents: [String: [UInt8]]

  public init(
    position: CheckpointPosition, state: [String: HDF5Attribute] = [:], documents: [String: [UInt8]] = [:]
  ) {
    self.position = position
    self.state = state
    self.documents = documents
  }

  /// A document as text; nil when it is not there or not UTF-8.
  public func text(_ name: String) -> String? {
    documents[name].flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// A whole number of the state; nil when it is not there or something else.
  public func integer(_ name: String) -> Int? {
    guard case .integer(let value) = state[name] else { return nil }
    return Int(exactly: value)
  }

  /// Whole numbers of the state; nil when they are not there or something else.
  public func integers(_ name: String) -> [Int]? {
    guard case .integers(let values) = state[name] else { return nil }
    return values.map(Int.init(clamping:))
  }

  /// A text of the state; nil when it is not there or something else.
  public func string(_ name: String) -> String? {
    guard case .string(let value) = state[name] else { return nil }
    return value
  }
}

/// Names that every checkpoint of this program uses, so that writers and readers agree.
public enum CheckpointKey {
  // State.
  /// AdamW's step, which its bias correction and the schedule count.
  public static let optimizerStep = "optimizer_step"
  public static let seed = "seed"
  /// Steps done in each stage before the present one, their repetitions among them.
  public static let stepsOfEarlierStages = "steps_of_earlier_stages"
  /// Of the token cache.
  public static let dataFingerprint = "data_fingerprint"
  /// Steps in a row, up to this one, that were not applied.
  public static let nonFiniteStreak = "non_finite_streak"
  public static let programVersion = "program_version"
  /// ISO 8601, UTC.
  public static let created = "created"

  // Documents.
  /// The effective recipe, YAML.
  public static let recipe = "recipe.yaml"
  /// The model's configuration now, JSON.
  public static let model = "model.json"
  /// The model's configuration before the first stage, JSON.
  public static let baseModel = "base_model.json"
  /// How positions become angles now, JSON.
  public static let rope = "rope.json"
  /// The source file's metadata, its tokenizer among them, as a GGUF file without tensors.
  public static let tokenizer = "tokenizer"
  /// The chat template that the data was rendered with.
  public static let chatTemplate = "chat_template.jinja"
}
