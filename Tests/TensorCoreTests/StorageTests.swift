import TensorCore
import TestSupport
import Testing

/// Tensors are values; memory is shared until written, aligned, and given back.
struct StorageTests {
  @Test func `writing one of two copies leaves the other as it is`() {
    let a = Tensor(Shape(3), [1, 2, 3])
    var b = a
    var span = b.mutableSpan
    span[1] = 9
    #expect(a.values == [1, 2, 3])
    #expect(b.values == [1, 9, 3])
  }

  @Test func `writing does not reach tensors made by sharing`() {
    var a = Tensor(Shape(2, 2), [1, 2, 3, 4], isParameter: true)
    let (flat, leaf) = (a.reshaped(to: Shape(4)), a.detached())
    var span = a.mutableSpan
    span[0] = 9
    #expect(flat.values == [1, 2, 3, 4])
    #expect(leaf.values == [1, 2, 3, 4])
    #expect(a.values == [9, 2, 3, 4])
  }

  @Test func `writing the only reference copies nothing and keeps the gradient's key`() {
    var a = Tensor(Shape(3), [1, 2, 3], isParameter: true)
    let (id, address) = (a.id, Self.address(a))
    var span = a.mutableSpan
    span[0] = 7
    #expect(a.id == id)
    #expect(Self.address(a) == address)
    #expect(a.values == [7, 2, 3])
  }

  @Test(arguments: [0, 1, 15, 16, 17, 1003]) func `values begin at a multiple of 64 bytes`(count: Int) {
    #expect(Self.address(Tensor(zeros: Shape(count))) % 64 == 0)
  }

  static func address(_ x: Tensor) -> Int {
    x.span.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
  }

  @Test func `rows are copied, stacked and overwritten`() {
    let a = Tensor(Shape(3, 2), [1, 2, 3, 4, 5, 6])
    #expect(a.rows(1..<3).values == [3, 4, 5, 6])
    #expect(a.rows(1..<1).shape == Shape(0, 2))
    #expect(Tensor(stackingRows: [a.rows(2..<3), a.rows(0..<2)]).values == [5, 6, 1, 2, 3, 4])
    #expect(Tensor(stackingRows: []).shape == Shape(0, 0))
    var b = a
    b.setRows(Tensor(Shape(1, 2), [8, 9]), at: 1)
    #expect(b.values == [1, 2, 8, 9, 5, 6])
    #expect(a.values == [1, 2, 3, 4, 5, 6])
  }

  @Test func `every byte of a forward and backward pass is given back`() async {
    await #expect(processExitsWith: .success) {
      #expect(TensorMemory.liveBytes == 0)
      for row in OperationCases.all { _ = row.run(row.values()) }
      #expect(TensorMemory.liveBytes == 0)
      #expect(TensorMemory.peakBytes > 0)
    }
  }

  @Test func `without memory for a tensor the program stops and says how much was asked for`() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(zeros: Shape(1 << 58))
    }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(message.contains("no memory for \(1 << 58) floats"))
  }

  @Test func `live and peak bytes count values`() async {
    await #expect(processExitsWith: .success) {
      func written(_ tensor: Tensor) -> Float {
        var copy = tensor
        var span = copy.mutableSpan
        span[0] = 1
        return copy.values[0] + tensor.values[0]
      }
      let a = Tensor(zeros: Shape(1000))
      let b = a
      #expect(TensorMemory.liveBytes == 4000)
      #expect(written(b) == 1)
      #expect(TensorMemory.peakBytes == 8000)
      #expect(TensorMemory.liveBytes == 4000)
      #expect(a.values == b.values)
    }
  }
}
