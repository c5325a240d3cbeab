import TensorCore
import TestSupport
import Testing

/// The fused loss beside the same loss made of a product and a softmax.
struct LinearCrossEntropyTests {
  struct Extents: Sendable, CustomStringConvertible {
    var rows, width, vocabulary: Int
    var description: String { "[\(rows), \(width)] to \(vocabulary)" }
  }

  @Test(arguments: [
    Extents(rows: 9, width: 7, vocabulary: 65), Extents(rows: 1100, width: 8, vocabulary: 33),
    Extents(rows: 400, width: 8, vocabulary: 49_152),
  ]) func `loss and both gradients are those of a softmax over all logits`(e: Extents) throws {
    var random = SplitMix64(seed: 41)
    let x = Tensor(Shape(e.rows, e.width), random.normals(e.rows * e.width), isParameter: true)
    let w = Tensor(Shape(e.vocabulary, e.width), random.normals(e.vocabulary * e.width), isParameter: true)
    let labels = random.tokens(e.rows, below: e.vocabulary).enumerated().map { $0 % 7 == 3 ? -1 : $1 }
    let loss = x.linearCrossEntropy(w, labels: labels)
    var gradients = Gradients()
    loss.backward(weight: 0.5, into: &gradients)

    let shares = x.detached().linear(w.detached()).softmax().values
    var expected = 0.0
    var dLogits = [Float](repeating: 0, count: shares.count)
    for (row, label) in labels.enumerated() where label >= 0 {
      let (start, hit) = (row * e.vocabulary, row * e.vocabulary + Int(label))
      expected -= Oracle.logarithm(Double(shares[hit]))
      for i in start..<start + e.vocabulary { dLogits[i] = 0.5 * shares[i] }
      dLogits[hit] -= 0.5
    }
    #expect(abs(Double(loss.scalar) / expected - 1) < 1e-6)
    let d = Tensor(Shape(e.rows, e.vocabulary), dLogits)
    let dx = Tensor.matmul(d, w.detached()).values.doubles
    let dw = Tensor.matmul(d, x.detached(), transposing: .left).values.doubles
    #expect(Tolerance.relativeNorm(try #require(gradients[x]).values.doubles, dx) < 1e-6)
    #expect(Tolerance.relativeNorm(try #require(gradients[w]).values.doubles, dw) < 1e-6)
    #expect(Tolerance.mismatch(try #require(gradients[x]).values.doubles, dx, within: 2e-5) == nil)
    #expect(Tolerance.mismatch(try #require(gradients[w]).values.doubles, dw, within: 2e-5) == nil)
  }

  @Test func `without a label the loss is 0 and so is every gradient`() {
    let x = Tensor(Shape(3, 2), [1, 2, 3, 4, 5, 6], isParameter: true)
    let w = Tensor(Shape(4, 2), [Float](repeating: 1, count: 8), isParameter: true)
    let loss = x.linearCrossEntropy(w, labels: [-1, -1, -1])
    var gradients = Gradients()
    loss.backward(into: &gradients)
    #expect(loss.scalar == 0)
    #expect(gradients[x]?.values.allSatisfy { $0 == 0 } ?? true)
    #expect(gradients[w]?.values.allSatisfy { $0 == 0 } ?? true)
  }

  @Test func `with one token in the vocabulary there is nothing to learn`() {
    let x = Tensor(Shape(2, 2), [1, 2, 3, 4], isParameter: true)
    let w = Tensor(Shape(1, 2), [5, 6], isParameter: true)
    let loss = x.linearCrossEntropy(w, labels: [0, 0])
    var gradients = Gradients()
    loss.backward(into: &gradients)
    #expect(loss.scalar == 0)
    #expect(gradients[x]?.values == [0, 0, 0, 0])
    #expect(gradients[w]?.values == [0, 0])
  }

  @Test func `logits of all rows never exist at once`() async {
    await #expect(processExitsWith: .success) {
      let (rows, vocabulary) = (8192, 4096)
      let x = Tensor(zeros: Shape(rows, 2)).asLeaf(isParameter: true)
      let w = Tensor(zeros: Shape(vocabulary, 2)).asLeaf(isParameter: true)
      var gradients = Gradients()
      x.linearCrossEntropy(w, labels: [Int32](repeating: 1, count: rows)).backward(into: &gradients)
      // All logits would take 128 MiB; a tile of 1024 rows takes 16.
      #expect(TensorMemory.peakBytes < 20 << 20)
    }
  }
}
