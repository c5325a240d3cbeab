public import HDF5Storage

/// A value of a checkpoint's state: text, a whole number, a real number or whole numbers.
public typealias AttributeValue = HDF5Attribute

/// Everything a checkpoint holds except its tensors.
public struct Checkpoint: Sendable, Equatable {
  public var position: CheckpointPosition
  /// Small values by name; `CheckpointKey` has the names that every run uses.
  public var state: [String: AttributeValue]
  /// Texts and bytes by name, such as the recipe; `CheckpointKey` has the common names.
  public var documents: [String: [UInt8]]

  public init(
    position: CheckpointPosition, state: [String: AttributeValue] = [:], documents: [String: [UInt8]] = [:]
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
  public static let recipeFingerprint = "recipe_fingerprint"
  public static let dataFingerprint = "data_fingerprint"
  /// Keys of the counter-based random generators.
  public static let generatorKeys = "generator_keys"
  public static let programVersion = "program_version"
  /// ISO 8601, UTC.
  public static let created = "created"

  // Documents.
  /// The effective recipe, YAML.
  public static let recipe = "recipe.yaml"
  /// The model's configuration, JSON.
  public static let model = "model.json"
  /// What maps text to token ids, with the chat template.
  public static let tokenizer = "tokenizer"
  /// How positions become angles, JSON.
  public static let rope = "rope.json"
}
