import Dispatch
import Synchronization
import TensorCore

/// A tensor on its way to the file, in it, or on its way back.
final class SpilledTensor: Sendable {
  enum Phase {
    /// To be written; whoever wants it now gets it.
    case written(Tensor)
    case stored
    /// Asked for ahead of its use.
    case reading
    case ready(Tensor)
  }

  let shape: Shape
  /// Bytes from the start of the file.
  let offset: Int
  let phase: Mutex<Phase>
  /// False once nobody can ask for it any more.
  let isWanted = Atomic<Bool>(true)
  /// True once somebody has asked for it; a tensor is hardly asked for twice, so it is not read ahead again.
  let wasRestored = Atomic<Bool>(false)
  /// Empty when neither a write nor a read of it is under way.
  let work = DispatchGroup()

  init(_ tensor: Tensor, at offset: Int) {
    (shape, self.offset) = (tensor.shape, offset)
    phase = Mutex(.written(tensor))
  }

  var byteCount: Int { shape.count * MemoryLayout<Float>.stride }

  /// Bytes it takes in memory although nobody uses it yet.
  var bytesAhead: Int {
    phase.withLock {
      switch $0 {
      case .reading, .ready: byteCount
      case .written, .stored: 0
      }
    }
  }
}

/// The right to a tensor's place in the file: whoever may ask for the tensor holds it. Reads and writes under way do not; a
/// place that is given out anew meanwhile is written anew after them.
final class Claim: Sendable {
  let tensor: SpilledTensor
  init(_ tensor: SpilledTensor) { self.tensor = tensor }
  deinit { tensor.isWanted.store(false, ordering: .relaxed) }
}
