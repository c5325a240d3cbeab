// The only file of TensorCore that says `unsafe`: memory in a phase with one writer (Buffer), then shared (Storage).
import Kernels
import Synchronization

/// Bytes of tensors alive now, and the most there ever were; for memory reports.
public enum TensorMemory {
  fileprivate static let live = Atomic<Int>(0)
  fileprivate static let most = Atomic<Int>(0)
  public static var liveBytes: Int { live.load(ordering: .relaxed) }
  public static var peakBytes: Int { most.load(ordering: .relaxed) }

  fileprivate static func add(_ bytes: Int) {
    let now = live.wrappingAdd(bytes, ordering: .relaxed).newValue
    _ = most.max(now, ordering: .relaxed)
  }
}

/// Floats with one owner, 64-byte aligned: the phase in which a tensor is filled.
@safe public struct Buffer: ~Copyable {
  fileprivate let base: UnsafeMutablePointer<Float>
  public let count: Int

  private init(_ count: Int, zeroed: Bool) {
    unsafe base = Memory.take(count, zeroed: zeroed)
    self.count = count
    TensorMemory.add(count * MemoryLayout<Float>.stride)
  }

  public init(zeros count: Int) { self.init(count, zeroed: true) }

  /// Zeros, to which `body` adds.
  public init(zeros count: Int, addedTo body: (inout MutableSpan<Float>) -> Void) {
    self.init(zeros: count)
    var span = mutableSpan
    body(&span)
  }

  /// Filled by `body`, which sets every value: before, they are undefined.
  public init(_ count: Int, filledBy body: (inout MutableSpan<Float>) -> Void) {
    self.init(count, zeroed: false)
    var span = mutableSpan
    body(&span)
  }

  deinit {
    TensorMemory.add(-count * MemoryLayout<Float>.stride)
    unsafe Memory.give(base, count)
  }

  public var mutableSpan: MutableSpan<Float> {
    @_lifetime(&self) mutating get {
      unsafe _overrideLifetime(MutableSpan(_unsafeStart: base, count: count), mutating: &self)
    }
  }

  consuming func frozen() -> Storage {
    let storage = unsafe Storage(base, count)
    discard self
    return storage
  }
}

/// Floats that many tensors may share. They are written again only through `Tensor.mutableSpan`, which copies
/// first unless the reference is the only one; hence `@unchecked Sendable`.
@safe final class Storage: @unchecked Sendable {
  fileprivate let base: UnsafeMutablePointer<Float>
  let count: Int

  fileprivate init(_ base: UnsafeMutablePointer<Float>, _ count: Int) {
    unsafe self.base = base
    self.count = count
  }

  deinit {
    TensorMemory.add(-count * MemoryLayout<Float>.stride)
    unsafe Memory.give(base, count)
  }

  func copy() -> Storage {
    let copy = Buffer(count) { _ in }
    unsafe copy.base.update(from: base, count: count)
    return copy.frozen()
  }
}

extension Tensor {
  /// The values, row-major.
  public var span: Span<Float> {
    @_lifetime(borrow self) borrowing get {
      unsafe _overrideLifetime(Span(_unsafeStart: UnsafePointer(storage.base), count: storage.count), borrowing: self)
    }
  }

  /// The values for writing; copied first if another tensor shares them, as `Array` does.
  public var mutableSpan: MutableSpan<Float> {
    @_lifetime(&self) mutating get {
      if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
      let base = unsafe storage.base
      let count = storage.count
      return unsafe _overrideLifetime(MutableSpan(_unsafeStart: base, count: count), mutating: &self)
    }
  }
}
