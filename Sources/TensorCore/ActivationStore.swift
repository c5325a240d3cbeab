public import Kernels

/// A tensor that waits for the backward pass, wherever and in whatever format it does.
public struct SavedTensor: Sendable {
  private let bringBack: @Sendable () -> Tensor

  /// - Parameter bringBack: gives the values, in the shape they had; may be called more than once.
  public init(_ bringBack: @escaping @Sendable () -> Tensor) { self.bringBack = bringBack }

  /// The values: a constant.
  public func restored() -> Tensor { bringBack() }
}

/// How and where recomputed blocks keep what backward needs. The default is single precision in memory.
///
/// A value, handed down to whoever saves; what it does with files, if anything, is its maker's business.
public struct ActivationStore: Sendable {
  /// Of saved values: `bf16` rounds them to bfloat16, which takes half the room.
  public var precision: Precision
  private let putAway: (@Sendable (Tensor) -> SavedTensor)?
  private let isBroken: @Sendable () -> Bool

  /// In memory.
  public init(_ precision: Precision = .fp32) {
    (self.precision, putAway, isBroken) = (precision, nil, { false })
  }

  /// Somewhere else.
  ///
  /// - Parameters:
  ///   - putAway: takes a tensor's values and gives them back bit for bit.
  ///   - isBroken: whether that has failed. From then on recomputed blocks do nothing and their results are undefined;
  ///     whoever made the store tells why.
  public init(
    _ precision: Precision, puttingAway putAway: @escaping @Sendable (Tensor) -> SavedTensor,
    isBroken: @escaping @Sendable () -> Bool
  ) {
    (self.precision, self.putAway, self.isBroken) = (precision, putAway, isBroken)
  }

  /// Whether something could not be put away or brought back.
  public var hasFailed: Bool { isBroken() }

  /// Takes the values of a tensor.
  ///
  /// - Parameter exactly: never rounds them.
  func save(_ x: Tensor, exactly: Bool = false) -> SavedTensor {
    guard precision == .bf16, !exactly else { return place(x.detached()) }
    let shape = x.shape
    let packed = Buffer((shape.count + 1) / 2) { Kernel.packBF16(x.span, into: &$0) }
    let saved = place(Tensor(Shape((shape.count + 1) / 2), packed))
    return SavedTensor {
      let packed = saved.restored()
      return Tensor(shape, Buffer(shape.count) { Kernel.unpackBF16(packed.span, into: &$0) })
    }
  }

  private func place(_ x: Tensor) -> SavedTensor { putAway?(x) ?? SavedTensor { x } }
}
