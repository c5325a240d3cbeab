import Foundation

/// The formulas in plain Double loops: what the fast code is compared with. Nothing here is shared with it.
public enum Oracle {
  /// op(a)·op(b). Shapes: op(a) [m, k], op(b) [k, n] → [m, n].
  public static func matmul(
    _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, leftTransposed: Bool = false, rightTransposed: Bool = false
  ) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k {
          c[i * n + j] += a[leftTransposed ? l * m + i : i * k + l] * b[rightTransposed ? j * k + l : l * n + j]
        }
      }
    }
    return c
  }

  /// [rows, columns] → [columns, rows].
  public static func transposed(_ x: [Double], rows: Int, columns: Int) -> [Double] {
    (0..<columns).flatMap { j in (0..<rows).map { i in x[i * columns + j] } }
  }

  /// Rows of a table.
  public static func embedding(_ table: [Double], tokens: [Int32], width: Int) -> [Double] {
    tokens.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
  }

  /// x_i + b_(i mod D).
  public static func biased(_ x: [Double], by b: [Double]) -> [Double] {
    x.indices.map { x[$0] + b[$0 % b.count] }
  }

  /// x_i / √(mean x² + ε) · w_i by rows.
  public static func rmsNorm(_ x: [Double], _ w: [Double], epsilon: Double) -> [Double] {
    byRows(x, width: w.count) { row in
      let mean = row.reduce(0) { $0 + $1 * $1 } / Double(row.count)
      return zip(row, w).map { $0 / (mean + epsilon).squareRoot() * $1 }
    }
  }

  /// e^x_i / Σ e^x_j by rows.
  public static func softmax(_ x: [Double], width: Int) -> [Double] {
    byRows(x, width: width) { row in
      let largest = row.max() ?? 0
      let powers = row.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  /// g·σ(g)·u.
  public static func swiGLU(gate: [Double], up: [Double]) -> [Double] {
    zip(gate, up).map { $0 * sigmoid($0) * $1 }
  }

  /// (x_i + 𝑖·x_(i+H)) · e^(𝑖·angle) for the H pairs of each head, as complex numbers.
  /// Shapes: x [rows, heads·2H]; cosine, sine [rows, H].
  public static func rotated(_ x: [Double], cosine: [Double], sine: [Double], headSize: Int) -> [Double] {
    let half = headSize / 2
    guard !cosine.isEmpty else { return x }
    let width = x.count / (cosine.count / half)
    var y = x
    for (position, value) in x.enumerated() {
      let (row, column) = (position / width, position % width % headSize)
      let pair = row * half + column % half
      if column < half {
        y[position] = value * cosine[pair] - x[position + half] * sine[pair]
      } else {
        y[position] = value * cosine[pair] + x[position - half] * sine[pair]
      }
    }
    return y
  }

  /// Σ −log softmax(x·Wᵀ)[label] over the rows with a label. Shapes: x [n, D], w [V, D].
  public static func linearCrossEntropy(_ x: [Double], _ w: [Double], labels: [Int32], width: Int) -> Double {
    let vocabulary = w.count / width
    var loss = 0.0
    for (row, label) in labels.enumerated() where label >= 0 {
      var logits = [Double](repeating: 0, count: vocabulary)
      for token in 0..<vocabulary {
        for i in 0..<width { logits[token] += x[row * width + i] * w[token * width + i] }
      }
      let largest = logits.max() ?? 0
      loss += largest + log(logits.reduce(0) { $0 + exp($1 - largest) }) - logits[Int(label)]
    }
    return loss
  }

  /// `body` on every row of `width` values.
  public static func byRows(_ x: [Double], width: Int, _ body: ([Double]) -> [Double]) -> [Double] {
    width == 0 ? [] : stride(from: 0, to: x.count, by: width).flatMap { body(Array(x[$0..<$0 + width])) }
  }
}

// The C library's functions, so that tests need no Foundation for them.
extension Oracle {
  public static func exponential(_ x: Double) -> Double { exp(x) }
  public static func logarithm(_ x: Double) -> Double { log(x) }
  public static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
  /// 1 / (1 + e^−x).
  public static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
