/// What a recomputed block keeps between its two runs: attention's output and log-sum-exp, which cost the most
/// to form again and the least to keep (Korthikanti et al. 2022, selective recomputation).
public struct Recomputation: Sendable {
  private enum Phase { case plain, recording, replaying }
  private var phase: Phase
  private var store: ActivationStore
  private var kept: [(output: SavedTensor, lse: SavedTensor)] = []
  private var next = 0

  /// Runs outside a recomputed block: nothing is kept.
  public static var none: Recomputation { Recomputation(phase: .plain, store: ActivationStore()) }
  private init(phase: Phase, store: ActivationStore) { (self.phase, self.store) = (phase, store) }

  fileprivate static func recording(in store: ActivationStore) -> Recomputation {
    Recomputation(phase: .recording, store: store)
  }
  fileprivate var replaying: Recomputation {
    var replay = self
    (replay.phase, replay.next) = (.replaying, 0)
    return replay
  }

  /// False while a block is replayed: its result is then never read, only differentiated.
  public var needsValues: Bool { phase != .replaying }

  /// False in a block's first run, which is never differentiated: a block that then leaves out its gradients, by taking
  /// its parameters as constants, gives back each inner result as soon as it is used.
  public var needsGradients: Bool { phase != .recording }

  /// The values `compute` gives, or those it gave in the first run. Log-sum-exps are never rounded: what is subtracted
  /// from every score would scale whole rows of probabilities.
  mutating func keeping(_ compute: () -> (output: Tensor, lse: Tensor)) -> (output: Tensor, lse: Tensor) {
    switch phase {
    case .plain: return compute()
    case .recording:
      let values = compute()
      kept.append((store.save(values.output), store.save(values.lse, exactly: true)))
      return values
    case .replaying:
      defer { next += 1 }
      return (kept[next].output.restored(), kept[next].lse.restored())
    }
  }
}

extension Tensor {
  /// The result of `block(self)`, keeping only `self` and what `Recomputation` keeps; backward runs it again.
  ///
  /// - Shapes: `self` and the result as `block` has them.
  /// - Saves: `self`, and output and log-sum-exp of each attention inside.
  /// - Parameters:
  ///   - store: where and how that is kept.
  ///   - hasParameters: whether `block` captures parameters; needed of a block that asks `needsGradients`, since its
  ///     first run does not show them.
  public func recomputed(
    in store: ActivationStore = ActivationStore(), hasParameters: Bool = false,
    _ block: @escaping @Sendable (_ x: Tensor, _ recomputation: inout Recomputation) -> Tensor
  ) -> Tensor {
    if store.hasFailed { return self }
    let x = slot
    // Saved first: what goes to a file does so while the block computes.
    let saved = store.save(self)
    var recording = Recomputation.recording(in: store)
    let first = block(detached(), &recording)
    guard isTracked || hasParameters || first.isTracked else { return first }
    let kept = recording
    return Tensor(first.shape, first.storage, by: .recomputed, of: [self]) { id, gradients in
      if store.hasFailed { return }
      var replay = kept.replaying
      let leaf = saved.restored().asLeaf(isParameter: x.isTracked)
      let trace = block(leaf, &replay).trace
      let dx = leaf.id
      _ = consume leaf
      gradients.hand(id, to: trace.slot)
      (consume trace).backward(into: &gradients)
      gradients.hand(dx, to: x)
    }
  }
}
