public import Kernels

/// A matrix that stays in the blocks of its file while a model runs; not differentiable.
public struct BlockMatrix: Sendable {
  /// [rows, columns]
  public let shape: Shape
  public let format: BlockFormat
  private let bytes: [UInt8]

  /// - Parameter bytes: the rows one after another, each of `format.rowBytes(columns)`.
  public init(_ shape: Shape, _ format: BlockFormat, bytes: [UInt8]) {
    require(
      shape.extents.count == 2 && shape.width % format.blockSize == 0
        && bytes.count == shape.rows * format.rowBytes(shape.width),
      "BlockMatrix: \(bytes.count) bytes are no matrix of shape \(shape)")
    (self.shape, self.format, self.bytes) = (shape, format, bytes)
  }

  public var byteCount: Int { bytes.count }
  /// The blocks, row after row.
  public var span: Span<UInt8> { @_lifetime(borrow self) borrowing get { bytes.span } }

  /// Rows by number, as floats. Shapes: rows [n] → [n, columns].
  public func gathered(_ rows: [Int32]) -> Tensor {
    let width = shape.width
    let y = Buffer(rows.count * width) {
      Kernel.gather(blocks: bytes.span, format, rows: rows.span, width: width, into: &$0)
    }
    return Tensor(Shape(rows.count, width), y)
  }

  /// Some rows, still in blocks.
  public func rows(_ range: Range<Int>) -> BlockMatrix {
    let each = format.rowBytes(shape.width)
    return BlockMatrix(
      Shape(range.count, shape.width), format,
      bytes: Array(bytes[range.lowerBound * each..<range.upperBound * each]))
  }

  /// Whether no value is NaN or infinite.
  public var isFinite: Bool {
    stride(from: 0, to: shape.rows, by: 1024).allSatisfy { start in
      gathered(Array(Int32(start)..<Int32(min(start + 1024, shape.rows)))).isFinite
    }
  }
}

extension Tensor {
  /// A linear layer, x·Wᵀ, whose matrix stays in blocks.
  ///
  /// - Shapes: `self` [n, in], `weight` [out, in] → [n, out].
  public func linear(_ weight: BlockMatrix, precision: Precision = .fp32) -> Tensor {
    shape.require(
      !isTracked && shape.extents.count == 2 && shape.width == weight.shape.width, .matmul,
      "a constant [n, in] and blocks [out, in]", weight.shape)
    let (m, n, k) = (shape.rows, weight.shape.rows, shape.width)
    let y = Buffer(m * n) {
      Kernel.matmul(span, blocks: weight.span, weight.format, m: m, n: n, k: k, precision: precision, into: &$0)
    }
    return Tensor(Shape(m, n), y)
  }
}
