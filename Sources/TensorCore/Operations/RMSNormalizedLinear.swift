public import Kernels

extension Tensor {
  /// A norm and a linear layer in one: (x / rms(x) ∘ gain)·Wᵀ, by tiles of rows. The normalized rows, as large as the
  /// input, exist one tile at a time; backward forms them again, but not the product.
  ///
  /// - Shapes: `self` [n, in], `gain` [in], `weight` [out, in] → [n, out].
  /// - Saves: `self`, `gain`, `weight`.
  public func rmsNormalizedLinear(
    by gain: Tensor, epsilon: Float, _ weight: Tensor, rows: Int, precision: Precision = .fp32
  ) -> Tensor {
    let x = self
    let width = weight.shape.rows
    let end = shape.rows
    shape.require(
      shape.extents.count == 2 && weight.shape.extents.count == 2 && weight.shape.width == shape.width
        && gain.shape == Shape(shape.width) && rows > 0, .rmsNormalizedLinear, "[n, in], [in] and [out, in]",
      gain.shape,
      weight.shape)
    let ranges = Self.slices(of: end, rows: rows)
    let y = Buffer(end * width) { y in
      for range in ranges {
        let tile = x.rows(range).rmsNormalized(by: gain.detached(), epsilon: epsilon)
        Kernel.copy(
          tile.linear(weight.detached(), precision: precision).span, to: &y, at: range.lowerBound * width)
      }
    }
    return Tensor(Shape(end, width), y, by: .rmsNormalizedLinear, of: x, gain, weight) { dy, gradients in
      for range in ranges {
        let leaf = x.rows(range).asLeaf(isParameter: x.isTracked)
        let normalized = leaf.rmsNormalized(by: gain, epsilon: epsilon)
        let dyTile = dy.rows(range)
        gradients.accumulate(product: weight) { dWeight, accumulating in
          Kernel.matmul(
            dyTile.span, normalized.span, transposing: .left, m: width, n: weight.shape.width, k: range.count,
            accumulating: accumulating, precision: precision, into: &dWeight)
        }
        normalized.backward(
          from: .matmul(dyTile, weight.detached(), precision: precision), into: &gradients)
        gradients.accumulate(rows: range, of: x.slot, from: leaf.id)
      }
    }
  }
}
