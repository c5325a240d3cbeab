/// What a recomputed block keeps between its two runs: attention's output and log-sum-exp, which cost the most
/// to form again and the least to keep (Korthikanti et al. 2022, selective recomputation).
public struct Recomputation: Sendable {
  private enum Phase { case plain, recording, replaying }
  private var phase: Phase
  private var kept: [(output: Tensor, lse: Tensor)] = []
  private var next = 0

  /// Runs outside a recomputed block: nothing is kept.
  public static var none: Recomputation { Recomputation(phase: .plain) }
  private init(phase: Phase) { self.phase = phase }

  fileprivate static var recording: Recomputation { Recomputation(phase: .recording) }
  fileprivate var replaying: Recomputation {
    var replay = self
    (replay.phase, replay.next) = (.replaying, 0)
    return replay
  }

  /// False while a block is replayed: its result is then never read, only differentiated.
  public var needsValues: Bool { phase != .replaying }

  /// The values `compute` gives, or those it gave in the first run.
  mutating func keeping(_ compute: () -> (output: Tensor, lse: Tensor)) -> (output: Tensor, lse: Tensor) {
    switch phase {
    case .plain: return compute()
    case .recording:
      let values = compute()
      kept.append(values)
      return values
    case .replaying:
      defer { next += 1 }
      return kept[next]
    }
  }
}

extension Tensor {
  /// The result of `block(self)`, keeping only `self` and what `Recomputation` keeps; backward runs it again.
  ///
  /// - Shapes: `self` and the result as `block` has them.
  /// - Saves: `self`, and output and log-sum-exp of each attention inside.
  public func recomputed(
    _ block: @escaping @Sendable (_ x: Tensor, _ recomputation: inout Recomputation) -> Tensor
  ) -> Tensor {
    let x = self
    var recording = Recomputation.recording
    let first = block(x.asLeaf(isParameter: x.isTracked), &recording)
    let kept = recording
    return Tensor(first.shape, first.storage, by: .recomputed, of: [x], tracked: first.isTracked) { dy, gradients in
      let leaf = x.asLeaf(isParameter: x.isTracked)
      var replay = kept.replaying
      block(leaf, &replay).backward(from: dy, into: &gradients)
      if let dx = gradients.take(leaf.id) { gradients.accumulate(x, dx) }
    }
  }
}
