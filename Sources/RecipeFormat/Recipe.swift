public import Kernels

/// How a model's context is extended, completely: a recipe that exists is a recipe that can run.
///
/// Made from YAML by `Recipe(yaml:)` or `Recipe.load(_:)`; every rule is checked there.
public struct Recipe: Equatable, Sendable {
  /// A short name, for tables and folders.
  public var name: String
  /// The model to start from: a GGUF file. The default (nil) is to be told by `--model`.
  public var model: String?
  /// The conversations to train on. The default is none: `--data` names them.
  public var data: DataRecipe
  /// Where all random choices come from. The default is 0.
  public var seed: Int
  /// The arithmetic of products: fp32, or bf16 for operands rounded to bfloat16 with sums in single precision. Weights,
  /// moments and everything saved are single precision either way. The default is fp32.
  public var precision: Precision
  /// How gradients become new weights. The default is AdamW as EasyContext has it.
  public var optimizer: OptimizerRecipe
  /// What waits for the backward pass, where and how. The default is single precision, on disk only if need be.
  public var memory: MemoryRecipe
  /// What is done, in order; at least one.
  public var stages: [StageRecipe]
  /// When checkpoints are written. The default is every ten minutes, the last two kept.
  public var checkpoints: CheckpointRecipe
  /// What is measured before and after. The default is the loss on held-out sequences.
  public var evaluation: EvaluationRecipe
  /// What the run may use. The default is what the machine has.
  public var limits: LimitRecipe

  public init(
    name: String, model: String? = nil, data: DataRecipe = DataRecipe(), seed: Int = 0, precision: Precision = .fp32,
    optimizer: OptimizerRecipe = OptimizerRecipe(), memory: MemoryRecipe = MemoryRecipe(), stages: [StageRecipe],
    checkpoints: CheckpointRecipe = CheckpointRecipe(), evaluation: EvaluationRecipe = EvaluationRecipe(),
    limits: LimitRecipe = LimitRecipe()
  ) {
    self.name = name
    self.model = model
    self.data = data
    self.seed = seed
    self.precision = precision
    self.optimizer = optimizer
    self.memory = memory
    self.stages = stages
    self.checkpoints = checkpoints
    self.evaluation = evaluation
    self.limits = limits
  }

  /// The longest context of any stage, in tokens.
  public var longestContext: Int { stages.map(\.context).max() ?? 0 }
}
