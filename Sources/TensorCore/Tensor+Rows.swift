import Kernels

// Copies of rows. None of these is differentiable: they take and give constants.
extension Tensor {
  /// Some rows. Shapes: [n, D] → [range.count, D].
  public func rows(_ range: Range<Int>) -> Tensor {
    let width = shape.width
    let source = span
    let slice = Buffer(range.count * width) { target in
      Kernel.copy(source.extracting(range.lowerBound * width..<range.upperBound * width), to: &target, at: 0)
    }
    return Tensor(Shape(range.count, width), slice)
  }

  /// Rows of equal width, one below the other.
  public init(stackingRows parts: [Tensor]) {
    let width = parts.first?.shape.width ?? 0
    let count = parts.reduce(0) { $0 + $1.shape.rows }
    let all = Buffer(count * width) { target in
      var row = 0
      for part in parts {
        Kernel.copy(part.span, to: &target, at: row * width)
        row += part.shape.rows
      }
    }
    self.init(Shape(count, width), all)
  }

  /// Overwrites the rows from `start` on. Shapes: `self` [n, D], `rows` [m, D].
  public mutating func setRows(_ rows: Tensor, at start: Int) {
    let width = shape.width
    require(
      rows.shape.width == width && start >= 0 && start + rows.shape.rows <= shape.rows,
      "setRows: expected rows of \(shape) from \(start), got \(rows.shape)")
    var target = mutableSpan
    Kernel.copy(rows.span, to: &target, at: start * width)
  }

  /// Overwrites the columns from `start` on. Shapes: `self` [n, D], `columns` [n, m].
  public mutating func setColumns(_ columns: Tensor, at start: Int) {
    let (width, part) = (shape.width, columns.shape.width)
    require(
      columns.shape.rows == shape.rows && start >= 0 && start + part <= width,
      "setColumns: expected columns of \(shape) from \(start), got \(columns.shape)")
    let source = columns.span
    var target = mutableSpan
    for row in 0..<columns.shape.rows {
      Kernel.copy(source.extracting(row * part..<(row + 1) * part), to: &target, at: row * width + start)
    }
  }
}
