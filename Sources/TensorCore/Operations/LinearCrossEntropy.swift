public import Kernels

extension Tensor {
  /// Σ −log softmax(x·Wᵀ)[label] over the rows that have a label, by tiles: the [n, V] logits never exist.
  ///
  /// The gradient is formed in the forward tile, while its logits are at hand (Hsu et al. 2024, Liger), so no
  /// product runs twice. Rows without a label cost nothing.
  ///
  /// - Shapes: `self` [n, D], `weight` [V, D], `labels` [n], −1 = no label, else below V → [].
  /// - Saves: gradients of the labelled rows [labelled, D] and of `weight` [V, D].
  public func linearCrossEntropy(
    _ weight: Tensor, labels: [Int32], precision: Precision = .fp32
  ) -> Tensor {
    let x = self
    let width = shape.width
    let vocabulary = weight.shape.rows
    shape.require(
      weight.shape.extents.count == 2 && weight.shape.width == width && labels.count == shape.rows,
      .linearCrossEntropy, "[n, D], [V, D] and n labels (\(labels.count))", weight.shape)
    let labelled = labels.indices.filter { labels[$0] >= 0 }.map(Int32.init)
    let tile = Self.lossTileRows(vocabulary: vocabulary, width: width)
    var total = 0.0
    var tiles: [(rows: [Int32], dx: Tensor)] = []
    var dWeight = Tensor(zeros: weight.isTracked ? weight.shape : Shape(0))
    for start in stride(from: 0, to: labelled.count, by: tile) {
      let rows = Array(labelled[start..<min(start + tile, labelled.count)])
      let (loss, dx) = x.lossTile(
        weight, rows: rows, labels: rows.map { labels[Int($0)] }, precision: precision, dWeight: &dWeight)
      total += loss
      if x.isTracked { tiles.append((rows, dx)) }
    }
    let gradient = (tiles: tiles, dWeight: dWeight)
    return Tensor(Shape(), Buffer(1) { $0[0] = Float(total) }, by: .linearCrossEntropy, of: x, weight) {
      dy, gradients in
      gradients.accumulate(x) { dx in
        for (rows, tile) in gradient.tiles {
          Kernel.scatter(tile.scaled(by: dy.scalar).span, rows: rows.span, width: width, addingTo: &dx)
        }
      }
      gradients.accumulate(weight, dy.scalar == 1 ? gradient.dWeight : gradient.dWeight.scaled(by: dy.scalar))
    }
  }

  /// Rows whose logits `linearCrossEntropy` forms at a time: few enough that they take no more than twice what the
  /// weight takes, or 64 MiB.
  public static func lossTileRows(vocabulary: Int, width: Int) -> Int {
    max(16, min(1024, max((1 << 24) / max(1, vocabulary), 2 * width)))
  }

  /// Loss of some rows, the gradient of those rows, and theirs of the weight, added to `dWeight`.
  private func lossTile(
    _ weight: Tensor, rows: [Int32], labels: [Int32], precision: Precision, dWeight: inout Tensor
  ) -> (loss: Double, dx: Tensor) {
    let (n, vocabulary, width) = (rows.count, weight.shape.rows, shape.width)
    let inputs = detached().embedding(rows)
    var logits = Tensor.matmul(inputs, weight.detached(), transposing: .right, precision: precision)
    var losses = [Double](repeating: 0, count: n)
    let formsGradient = isTracked || weight.isTracked
    crossEntropy(&logits, &losses, labels: labels, formingGradient: formsGradient)
    if weight.isTracked {
      var dWeightSpan = dWeight.mutableSpan
      Kernel.matmul(
        logits.span, inputs.span, transposing: .left, m: vocabulary, n: width, k: n, accumulating: true,
        precision: precision, into: &dWeightSpan)
    }
    let dx = isTracked ? Tensor.matmul(logits, weight.detached(), precision: precision) : Tensor(zeros: Shape(0))
    return (losses.reduce(0, +), dx)
  }

  private func crossEntropy(
    _ logits: inout Tensor, _ losses: inout [Double], labels: [Int32], formingGradient: Bool
  ) {
    let width = logits.shape.width
    var logitsSpan = logits.mutableSpan
    var lossSpan = losses.mutableSpan
    Kernel.crossEntropy(
      labels: labels.span, width: width, formingGradient: formingGradient, logits: &logitsSpan, loss: &lossSpan)
  }
}
