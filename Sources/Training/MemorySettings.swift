public import Kernels
import RecipeFormat

/// What of a recipe, besides shapes, decides how much memory a step takes.
public struct MemorySettings: Equatable, Sendable {
  /// Where what backward needs waits for it.
  public enum Place: Equatable, Sendable {
    case memory
    /// A scratch file; with `readsAhead` a layer is read while the one after it is differentiated, which takes memory for
    /// one layer more.
    case scratch(readsAhead: Bool)
  }

  /// Of products.
  public var precision: Precision
  /// Of what waits for backward.
  public var storage: Precision
  public var place: Place
  public var hasEightBitState: Bool

  public init(
    precision: Precision = .fp32, storage: Precision = .fp32, place: Place = .memory, hasEightBitState: Bool = false
  ) {
    (self.precision, self.storage, self.place) = (precision, storage, place)
    self.hasEightBitState = hasEightBitState
  }

  /// Those of a recipe, with a place that is yet to be found.
  init(_ recipe: Recipe, place: Place) {
    self.init(
      precision: recipe.precision, storage: recipe.memory.storage, place: place,
      hasEightBitState: recipe.optimizer.state == .eightBit)
  }

  public var spills: Bool { place != .memory }
  /// Blocks that keep their activations keep them unrounded and in memory: none where memory is short, and none where
  /// results would depend on how many they are.
  var mayKeepActivations: Bool { place == .memory && storage == .fp32 }
}
