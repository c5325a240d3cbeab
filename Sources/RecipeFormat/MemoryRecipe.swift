public import Kernels

/// How much memory training may trade for disk and exactness.
public struct MemoryRecipe: Equatable, Sendable {
  /// Where what backward needs waits for it. The default is `auto`.
  public var activations: Activations
  /// Of what waits: fp32, or bf16 for values rounded to bfloat16 in half the room. The default is fp32.
  public var storage: Precision

  public enum Activations: String, CaseIterable, Sendable {
    /// In memory.
    case ram
    /// In a scratch file, written and read while other layers compute. The bits are those of `ram`.
    case spill
    /// In memory, unless a stage would not fit.
    case auto
  }

  public init(activations: Activations = .auto, storage: Precision = .fp32) {
    self.activations = activations
    self.storage = storage
  }

  static var codec: Codec<MemoryRecipe> {
    .section(
      MemoryRecipe(),
      [
        Field("activations", \.activations, .word),
        Field("storage", \.storage, .word),
      ])
  }
}
