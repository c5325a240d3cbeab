import Kernels
import TensorCore
import TestSupport

/// The table: at least one row for each operation. Every test of `TableTests` runs on every row.
enum OperationCases {
  static let all = elementwise + rows + products + lookups + attention + losses + combinators

  /// Extents of 0, 1 and numbers that are multiples of nothing.
  private static let shapes: [Shape] = [
    Shape(1), Shape(3, 5), Shape(7, 65), Shape(0, 7), Shape(2, 3, 7), Shape(),
  ]
  private static let matrices: [Shape] = [
    Shape(1, 7), Shape(3, 5), Shape(7, 65), Shape(0, 7), Shape(65, 9), Shape(9, 1),
  ]

  static let elementwise: [OperationCase] = shapes.flatMap { shape in
    [added(shape), multiplied(shape), scaled(shape), summed(shape), reshaped(shape), swiGLU(shape)]
  }

  static let rows: [OperationCase] =
    matrices.flatMap { shape in [biased(shape), softmax(shape), transposed(shape)] }
    + [Shape(3, 5), Shape(1, 65), Shape(65, 7), Shape(0, 7), Shape(2, 3, 7)].map(rmsNormalized)
    + [(1, 4), (3, 4), (65, 16), (65, 65), (0, 4)].map(rmsNormalizedLinear)
    + [
      rotated(1, heads: 1, headSize: 2), rotated(5, heads: 3, headSize: 4), rotated(65, heads: 2, headSize: 14),
      rotated(0, heads: 1, headSize: 8),
    ]

  static let products: [OperationCase] = ([[], .left, .right, [.left, .right]] as [TransposedSides]).flatMap { sides in
    [
      matmul(1, 1, 7, sides), matmul(3, 5, 4, sides), matmul(65, 7, 64, sides), matmul(0, 7, 5, sides),
      matmul(7, 9, 0, sides), matmul(130, 70, 9, sides),
    ]
  }

  static let lookups: [OperationCase] = [1, 7, 65].flatMap { width in
    [
      embedding([0], width: width), embedding([3, 1, 3, 3, 0], width: width), embedding([], width: width),
      embedding((0..<70).map { $0 % 4 }, width: width),
    ]
  }

  static let losses: [OperationCase] = [
    loss("every row labelled", width: 4, vocabulary: 5, labels: [4, 0, 2]),
    loss("some rows labelled", width: 7, vocabulary: 9, labels: [-1, 8, -1, -1, 0, 8]),
    loss("no row labelled", width: 4, vocabulary: 5, labels: [-1, -1, -1]),
    loss("one row", width: 7, vocabulary: 65, labels: [64]), loss("no row", width: 4, vocabulary: 5, labels: []),
    loss("vocabulary of one", width: 4, vocabulary: 1, labels: [0, 0, -1]),
    loss("two tiles", width: 3, vocabulary: 5, labels: (0..<1300).map { $0 % 6 - 1 }),
  ]
}

extension OperationCases {
  private static func added(_ shape: Shape) -> OperationCase {
    OperationCase(
      .added, inputs: [.normal(shape), .normal(shape)], linear: [[0, 1]], apply: { $0[0] + $0[1] },
      oracle: { x in zip(x[0], x[1]).map(+) })
  }

  private static func multiplied(_ shape: Shape) -> OperationCase {
    OperationCase(
      .multiplied, inputs: [.normal(shape), .normal(shape)], linear: [[0], [1]], apply: { $0[0] * $0[1] },
      oracle: { x in zip(x[0], x[1]).map(*) })
  }

  private static func scaled(_ shape: Shape) -> OperationCase {
    OperationCase(
      .scaled, inputs: [.normal(shape)], linear: [[0]], apply: { $0[0].scaled(by: -0.75) },
      oracle: { x in x[0].map { -0.75 * $0 } })
  }

  private static func summed(_ shape: Shape) -> OperationCase {
    OperationCase(
      .summed, inputs: [.normal(shape)], accumulates: shape.count, linear: [[0]], apply: { $0[0].summed() },
      oracle: { x in [x[0].reduce(0, +)] })
  }

  private static func reshaped(_ shape: Shape) -> OperationCase {
    OperationCase(
      .reshaped, inputs: [.normal(shape)], linear: [[0]], apply: { $0[0].reshaped(to: Shape(1, shape.count)) },
      oracle: { x in x[0] })
  }

  private static func swiGLU(_ shape: Shape) -> OperationCase {
    OperationCase(
      .swiGLU, inputs: [.normal(shape), .normal(shape)], linear: [[1]], apply: { .swiGLU(gate: $0[0], up: $0[1]) },
      oracle: { x in Oracle.swiGLU(gate: x[0], up: x[1]) })
  }

  private static func biased(_ shape: Shape) -> OperationCase {
    OperationCase(
      .biased, inputs: [.normal(shape), .normal(shape.width)], linear: [[0, 1]], apply: { $0[0].biased(by: $0[1]) },
      oracle: { x in Oracle.biased(x[0], by: x[1]) })
  }

  private static func softmax(_ shape: Shape) -> OperationCase {
    OperationCase(
      .softmax, inputs: [.normal(shape)], accumulates: shape.width, apply: { $0[0].softmax() },
      oracle: { x in Oracle.softmax(x[0], width: shape.width) })
  }

  private static func transposed(_ shape: Shape) -> OperationCase {
    OperationCase(
      .transposed, inputs: [.normal(shape)], linear: [[0]], apply: { $0[0].transposed() },
      oracle: { x in Oracle.transposed(x[0], rows: shape.rows, columns: shape.width) })
  }

  private static func rmsNormalized(_ shape: Shape) -> OperationCase {
    OperationCase(
      .rmsNormalized, inputs: [.normal(shape), .normal(shape.width)], linear: [[1]],
      apply: { $0[0].rmsNormalized(by: $0[1], epsilon: 0x1p-8) },
      oracle: { x in Oracle.rmsNorm(x[0], x[1], epsilon: 0x1p-8) })
  }

  private static func rmsNormalizedLinear(_ tokens: Int, rows: Int) -> OperationCase {
    OperationCase(
      .rmsNormalizedLinear, "tiles of \(rows)", inputs: [.normal(tokens, 7), .normal(7), .normal(5, 7)],
      accumulates: 7, linear: [[1], [2]],
      apply: { $0[0].rmsNormalizedLinear(by: $0[1], epsilon: 0x1p-8, $0[2], rows: rows) },
      oracle: { x in
        Oracle.matmul(
          Oracle.rmsNorm(x[0], x[1], epsilon: 0x1p-8), x[2], m: tokens, n: 5, k: 7, leftTransposed: false,
          rightTransposed: true)
      })
  }

  private static func rotated(_ tokens: Int, heads: Int, headSize: Int) -> OperationCase {
    // Any numbers will do for cos and sin: the formula does not ask that they lie on the circle.
    var random = SplitMix64(seed: 5)
    let shape = Shape(tokens, headSize / 2)
    let (cosine, sine) = (random.normals(shape.count), random.normals(shape.count))
    return OperationCase(
      .rotated, "\(heads) heads of \(headSize)", inputs: [.normal(tokens, heads * headSize)], linear: [[0]],
      apply: { $0[0].rotated(cosine: Tensor(shape, cosine), sine: Tensor(shape, sine), headSize: headSize) },
      oracle: { x in Oracle.rotated(x[0], cosine: cosine.doubles, sine: sine.doubles, headSize: headSize) })
  }

  private static func matmul(_ m: Int, _ n: Int, _ k: Int, _ sides: TransposedSides) -> OperationCase {
    let (aT, bT) = (sides.contains(.left), sides.contains(.right))
    return OperationCase(
      .matmul, "left transposed: \(aT), right: \(bT)",
      inputs: [aT ? .normal(k, m) : .normal(m, k), bT ? .normal(n, k) : .normal(k, n)], accumulates: k,
      linear: [[0], [1]], apply: { .matmul($0[0], $0[1], transposing: sides) },
      oracle: { x in Oracle.matmul(x[0], x[1], m: m, n: n, k: k, leftTransposed: aT, rightTransposed: bT) })
  }

  private static func embedding(_ tokens: [Int32], width: Int) -> OperationCase {
    OperationCase(
      .embedding, "\(tokens.count) tokens", inputs: [.normal(4, width)], linear: [[0]],
      apply: { $0[0].embedding(tokens) }, oracle: { x in Oracle.embedding(x[0], tokens: tokens, width: width) })
  }

  private static func loss(_ note: String, width: Int, vocabulary: Int, labels: [Int32]) -> OperationCase {
    OperationCase(
      .linearCrossEntropy, note, inputs: [.normal(labels.count, width), .normal(vocabulary, width)],
      accumulates: width, apply: { $0[0].linearCrossEntropy($0[1], labels: labels) },
      oracle: { x in [Oracle.linearCrossEntropy(x[0], x[1], labels: labels, width: width)] })
  }
}
