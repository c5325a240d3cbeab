import Kernels
import TestSupport
import Testing

/// Kernels that work row by row, against plain loops in Double.
struct RowKernelTests {
  /// A matrix. Rows go past the 64 one thread takes at a time, widths past the vectors.
  struct Extent: Sendable, CustomStringConvertible {
    var rows, width: Int
    var count: Int { rows * width }
    var description: String { "\(rows)×\(width)" }
    func row(_ x: [Double], _ i: Int) -> [Double] { Array(x[i * width..<(i + 1) * width]) }
  }
  static let extents =
    lengths.dropFirst().map { Extent(rows: 3, width: $0) } + lengths.map { Extent(rows: $0, width: 9) }
    + [Extent(rows: 130, width: 65)]

  @Test(arguments: extents) func `gather copies rows`(e: Extent) {
    var random = SplitMix64(seed: 1)
    let table = random.normals(13 * e.width)
    let rows = random.tokens(e.rows, below: 13)
    let y = filled(zeros(e.count)) { Kernel.gather(table.span, rows: rows.span, width: e.width, into: &$0) }
    #expect(y.doubles == Oracle.embedding(table.doubles, tokens: rows, width: e.width))
  }

  @Test(arguments: extents) func `scatter adds rows, those that repeat too`(e: Extent) {
    var random = SplitMix64(seed: 2)
    let dy = random.normals(e.count)
    let start = random.normals(5 * e.width)
    let rows = random.tokens(e.rows, below: 5)
    let y = filled(start) { Kernel.scatter(dy.span, rows: rows.span, width: e.width, addingTo: &$0) }
    var expected = start.doubles
    for (t, row) in rows.enumerated() {
      for i in 0..<e.width { expected[Int(row) * e.width + i] += Double(dy[t * e.width + i]) }
    }
    #expect(Tolerance.mismatch(y, expected, accumulating: e.rows) == nil)
  }

  @Test(arguments: extents) func `transpose adds columns as rows`(e: Extent) {
    var random = SplitMix64(seed: 3)
    let x = random.normals(e.count)
    let y = filled(ones(e.count)) { Kernel.transpose(x.span, rows: e.rows, columns: e.width, addingTo: &$0) }
    let expected = Oracle.transposed(x.doubles.map { $0 + 1 }, rows: e.rows, columns: e.width)
    #expect(Tolerance.mismatch(y, expected) == nil)
  }

  @Test(arguments: extents) func `rmsNorm is x·w/√(mean x² + ε)`(e: Extent) {
    var random = SplitMix64(seed: 4)
    let x = random.normals(e.count)
    let w = random.normals(e.width)
    let (y, r) = filled(zeros(e.count), zeros(e.rows)) {
      Kernel.rmsNorm(x.span, w.span, epsilon: 1e-5, into: &$0, inverseRMS: &$1)
    }
    #expect(Tolerance.mismatch(y, Oracle.rmsNorm(x.doubles, w.doubles, epsilon: 1e-5)) == nil)
    #expect(Tolerance.mismatch(r, Self.inverseRMS(x, e)) == nil)
  }

  static func inverseRMS(_ x: [Float], _ e: Extent) -> [Double] {
    (0..<e.rows).map { i in
      1 / (e.row(x.doubles, i).reduce(0) { $0 + $1 * $1 } / Double(e.width) + 1e-5).squareRoot()
    }
  }

  @Test(arguments: extents) func `rmsNorm's gradients add the derivatives`(e: Extent) {
    var random = SplitMix64(seed: 5)
    let x = random.normals(e.count)
    let w = random.normals(e.width)
    let dy = random.normals(e.count)
    let start = random.normals(e.count)
    let startW = random.normals(e.width)
    let r = Self.inverseRMS(x, e)
    let rounded = r.map(Float.init)
    let dx = filled(start) {
      Kernel.rmsNormInputGradient(dy.span, x.span, w.span, inverseRMS: rounded.span, addingTo: &$0)
    }
    let dw = filled(startW) {
      Kernel.rmsNormWeightGradient(dy.span, x.span, inverseRMS: rounded.span, addingTo: &$0)
    }
    var expected = start.doubles
    var expectedW = startW.doubles
    for n in 0..<e.rows {
      let (x, dy, w) = (e.row(x.doubles, n), e.row(dy.doubles, n), w.doubles)
      for j in 0..<e.width {
        expectedW[j] += dy[j] * x[j] * r[n]
        // y_i = x_i·r·w_i and ∂r/∂x_j = −r³·x_j/D
        expected[n * e.width + j] += dy[j] * w[j] * r[n]
        for i in 0..<e.width {
          expected[n * e.width + j] -= dy[i] * w[i] * x[i] * r[n] * r[n] * r[n] * x[j] / Double(e.width)
        }
      }
    }
    #expect(Tolerance.mismatch(dx, expected, accumulating: e.width) == nil)
    #expect(Tolerance.mismatch(dw, expectedW, accumulating: e.rows) == nil)
  }

  @Test(arguments: [1, 7, 8, 9, 33], [0, 1, 65, 130]) func `rotate turns pairs of each head, and turns back`(
    half: Int, rows: Int
  ) {
    var random = SplitMix64(seed: 6)
    let x = random.normals(rows * 3 * 2 * half)
    let start = random.normals(x.count)
    let cosine = random.normals(rows * half)
    let sine = random.normals(rows * half)
    for direction in [Float(1), -1] {
      let y = filled(start) {
        Kernel.rotate(
          x.span, cosine: cosine.span, sine: sine.span, headSize: 2 * half, direction: direction, into: &$0)
      }
      let signed = sine.map { Double($0 * direction) }
      let expected = Oracle.rotated(x.doubles, cosine: cosine.doubles, sine: signed, headSize: 2 * half)
      #expect(Tolerance.mismatch(y, expected) == nil)
    }
  }

  @Test(arguments: extents) func `softmax and its gradient`(e: Extent) {
    var random = SplitMix64(seed: 7)
    let x = random.normals(e.count, scale: 3)
    let dy = random.normals(e.count)
    let start = random.normals(e.count)
    let y = filled(zeros(e.count)) { Kernel.softmax(x.span, width: e.width, into: &$0) }
    #expect(Tolerance.mismatch(y, Oracle.softmax(x.doubles, width: e.width), accumulating: e.width) == nil)

    let dx = filled(start) { Kernel.softmaxGradient(dy.span, y.span, width: e.width, addingTo: &$0) }
    var expected = start.doubles
    for n in 0..<e.rows {
      let (y, dy) = (e.row(y.doubles, n), e.row(dy.doubles, n))
      let dot = zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 }
      for i in 0..<e.width { expected[n * e.width + i] += y[i] * (dy[i] - dot) }
    }
    #expect(Tolerance.mismatch(dx, expected) == nil)
  }

  @Test(arguments: extents) func `crossEntropy gives loss, and the gradient when asked`(e: Extent) {
    var random = SplitMix64(seed: 8)
    let logits = random.normals(e.count, scale: 3)
    let labels = random.tokens(e.rows, below: e.width)
    func losses(formingGradient: Bool) -> (losses: [Double], gradient: [Float]) {
      var losses = [Double](repeating: 0, count: e.rows)
      let gradient = filled(logits) { span in
        var lossSpan = losses.mutableSpan
        Kernel.crossEntropy(
          labels: labels.span, width: e.width, formingGradient: formingGradient, logits: &span, loss: &lossSpan)
      }
      return (losses, gradient)
    }
    let shares = Oracle.softmax(logits.doubles, width: e.width)
    let expected = labels.enumerated().map { -Oracle.logarithm(shares[$0 * e.width + Int($1)]) }
    let (result, gradient) = losses(formingGradient: true)
    #expect(Tolerance.mismatch(result, expected, within: Tolerance.relative(accumulating: e.width)) == nil)
    #expect(losses(formingGradient: false).losses == result)
    var expectedGradient = shares
    for (row, label) in labels.enumerated() { expectedGradient[row * e.width + Int(label)] -= 1 }
    #expect(Tolerance.mismatch(gradient, expectedGradient, accumulating: e.width) == nil)
  }
}
