/// What a run may use of the machine.
public struct LimitRecipe: Equatable, Sendable {
  /// Memory in bytes, above which a plan is refused; nil for what the machine has. The default is nil.
  public var memory: Int?

  public init(memory: Int? = nil) {
    self.memory = memory
  }

  static var codec: Codec<LimitRecipe> {
    .section(LimitRecipe(), [Field("memory", \.memory, Codec.bytes.orNull)])
  }
}
