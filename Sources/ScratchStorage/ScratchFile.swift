import Dispatch
public import Kernels
import Synchronization
public import TensorCore

/// A file of fixed size that holds what waits for the backward pass: written by a thread of its own while the next
/// layer computes, read back ahead of its use.
///
/// Places are given out like a stack, since backward goes the other way round. One training step uses it at a time.
public final class ScratchFile: Sendable {
  public let byteCount: Int
  private let folder: String
  private let descriptor: ScratchDescriptor
  /// Reads and writes, one after the other.
  private let queue = DispatchQueue(label: "scratch file")
  private let state = Mutex(State())

  private struct Place {
    let range: Range<Int>
    weak var claim: Claim?
  }

  private struct State {
    /// By offset; those that nobody claims are free.
    var places: [Place] = []
    /// Not yet written, oldest first.
    var unwritten: [SpilledTensor] = []
    var failure: ScratchError?
    var written = 0, read = 0

    /// Where the last place in use ends.
    var firstFree: Int {
      mutating get {
        while let last = places.last, last.claim == nil { places.removeLast() }
        return places.last?.range.upperBound ?? 0
      }
    }
  }

  /// Offsets are multiples of a page.
  private static let alignment = 4096
  private static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

  /// Makes the file in a folder that exists; it has no name, and goes with the process.
  ///
  /// - Throws: `ScratchError` when the disk has no room for all of it.
  public init(in folder: String, byteCount: Int) throws(ScratchError) {
    descriptor = try ScratchDescriptor(in: folder, byteCount: byteCount)
    (self.folder, self.byteCount) = (folder, byteCount)
  }

  /// Bytes a tensor of so many values takes.
  public static func bytes(ofValues count: Int) -> Int { aligned(count * MemoryLayout<Float>.stride) }

  /// What went wrong first; nil when nothing has.
  public var failure: ScratchError? { state.withLock { $0.failure } }
  /// Bytes written since the file was made.
  public var bytesWritten: Int { state.withLock { $0.written } }

  /// Bytes read since the file was made.
  public var bytesRead: Int { state.withLock { $0.read } }

  /// Keeps tensors in this file.
  ///
  /// - Parameters:
  ///   - precision: of what is written.
  ///   - readAhead: bytes that may be read before they are asked for.
  ///   - writeBehind: bytes that may wait to be written.
  public func store(_ precision: Precision, readAhead: Int, writeBehind: Int) -> ActivationStore {
    ActivationStore(
      precision, puttingAway: { self.put($0, readAhead: readAhead, writeBehind: writeBehind) },
      isBroken: { self.failure != nil })
  }

  private func put(_ x: Tensor, readAhead: Int, writeBehind: Int) -> SavedTensor {
    guard let claim = place(x) else { return SavedTensor { [shape = x.shape] in Tensor(zeros: shape) } }
    let spilled = claim.tensor
    while let oldest = oldestUnwritten(of: writeBehind) { oldest.work.wait() }
    spilled.work.enter()
    queue.async {
      self.write(spilled)
      spilled.work.leave()
    }
    return SavedTensor { self.restore(claim.tensor, readAhead: readAhead) }
  }

  /// Finds room above all tensors in use; a file that is too small is a failure like any other.
  private func place(_ x: Tensor) -> Claim? {
    state.withLock { state in
      guard state.failure == nil else { return nil }
      let start = state.firstFree
      let spilled = SpilledTensor(x, at: start), end = start + Self.aligned(spilled.byteCount)
      guard end <= byteCount else {
        state.failure = ScratchError(
          folder: folder, operation: "keep another \(spilled.byteCount) bytes in the scratch file",
          message: "it has \(byteCount), of which \(start) are in use",
          repair: "This is a fault of the plan: report it, and set memory.activations=ram meanwhile")
        return nil
      }
      let claim = Claim(spilled)
      state.places.append(Place(range: start..<end, claim: claim))
      state.unwritten.append(spilled)
      return claim
    }
  }

  /// The tensor to wait for while more than `limit` bytes are not yet written; the newest is never waited for.
  private func oldestUnwritten(of limit: Int) -> SpilledTensor? {
    state.withLock { state in
      let waiting = state.unwritten.reduce(0) { $0 + $1.byteCount }
      return waiting > limit && state.unwritten.count > 1 ? state.unwritten.first : nil
    }
  }

  private func write(_ spilled: SpilledTensor) {
    defer { state.withLock { $0.unwritten.removeAll { $0 === spilled } } }
    let pending = spilled.phase.withLock { phase -> Tensor? in
      if case .written(let tensor) = phase { tensor } else { nil }
    }
    guard let pending, spilled.isWanted.load(ordering: .relaxed), failure == nil else { return }
    do throws(ScratchError) {
      try descriptor.write(pending.span, at: spilled.offset)
      state.withLock { $0.written += spilled.byteCount }
      spilled.phase.withLock { if case .written = $0 { $0 = .stored } }
    } catch {
      fail(error)
    }
  }

  private func restore(_ spilled: SpilledTensor, readAhead: Int) -> Tensor {
    let pending = spilled.phase.withLock { phase -> Tensor? in
      if case .written(let tensor) = phase { tensor } else { nil }
    }
    spilled.wasRestored.store(true, ordering: .relaxed)
    let tensor = pending ?? fetch(spilled)
    readOthers(below: spilled, upTo: readAhead)
    return tensor
  }

  private func fetch(_ spilled: SpilledTensor) -> Tensor {
    startReading(spilled)
    spilled.work.wait()
    return spilled.phase.withLock { phase in
      defer { phase = .stored }
      if case .ready(let tensor) = phase { return tensor }
      return Tensor(zeros: spilled.shape)
    }
  }

  /// Reads ahead what backward asks for next: the places below, from the top down.
  private func readOthers(below spilled: SpilledTensor, upTo limit: Int) {
    guard limit > 0 else { return }
    let below = state.withLock { state in
      state.places.reversed().compactMap { $0.range.lowerBound < spilled.offset ? $0.claim?.tensor : nil }
    }
    var ahead = state.withLock { state in state.places.compactMap { $0.claim?.tensor } }.reduce(0) {
      $0 + $1.bytesAhead
    }
    for tensor in below where !tensor.wasRestored.load(ordering: .relaxed) && ahead + tensor.byteCount <= limit {
      if startReading(tensor) { ahead += tensor.byteCount }
    }
  }

  /// Begins to read a tensor that is in the file; false when it is not, or is read already.
  @discardableResult
  private func startReading(_ spilled: SpilledTensor) -> Bool {
    let starts = spilled.phase.withLock { phase -> Bool in
      guard case .stored = phase else { return false }
      phase = .reading
      return true
    }
    guard starts else { return false }
    spilled.work.enter()
    queue.async {
      let tensor = self.read(spilled)
      spilled.phase.withLock { $0 = .ready(tensor) }
      spilled.work.leave()
    }
    return true
  }

  private func read(_ spilled: SpilledTensor) -> Tensor {
    let values = Buffer(spilled.shape.count) { span in
      do throws(ScratchError) {
        try descriptor.read(at: spilled.offset, into: &span)
        state.withLock { $0.read += spilled.byteCount }
      } catch {
        fail(error)
        for i in span.indices { span[i] = 0 }
      }
    }
    return Tensor(spilled.shape, values)
  }

  private func fail(_ error: ScratchError) {
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }

  /// Waits until all is written, then cuts the file off; for tests of what a bad disk does.
  func truncate(to bytes: Int) { queue.sync { descriptor.truncate(to: bytes) } }
}
