/// When checkpoints are written, besides the one at the end of each stage.
public struct CheckpointRecipe: Equatable, Sendable {
  /// After so many steps; nil for no such rule. The default is nil.
  public var everySteps: Int?
  /// After the first step that ends so many minutes after the last checkpoint; nil for no such rule. The default is 10.
  public var everyMinutes: Double?
  /// How many whole checkpoints stay, besides the last of each stage. The default is 2.
  public var keepLast: Int

  public init(everySteps: Int? = nil, everyMinutes: Double? = 10, keepLast: Int = 2) {
    self.everySteps = everySteps
    self.everyMinutes = everyMinutes
    self.keepLast = keepLast
  }

  static var codec: Codec<CheckpointRecipe> {
    .section(
      CheckpointRecipe(),
      [
        Field("every_steps", \.everySteps, Codec.count(1...1_000_000_000).orNull, or: ["save_steps"]),
        Field("every_minutes", \.everyMinutes, Codec.positive.orNull),
        Field("keep_last", \.keepLast, .count(1...1_000_000), or: ["save_total_limit"]),
      ])
  }
}
