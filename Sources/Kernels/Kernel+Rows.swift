import CKernels

/// Rows one thread takes at a time.
private let rowGrain = 64
/// Columns one thread takes at a time when it must see every row.
private let columnGrain = 64

extension Kernel {
  /// y[t] = table[rows[t]]: table […, width], y [rows, width].
  public static func gather(
    _ table: Span<Float>, rows: Span<Int32>, width: Int, into y: inout MutableSpan<Float>
  ) {
    checkRows(rows, of: table.count, width: width, count: y.count, "gather")
    let count = rows.count
    let table = unsafe Address(table)
    let rows = unsafe Address(rows)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(count, grain: rowGrain) { r in
      unsafe ck_gather(table.base, rows.base + r.lowerBound, r.count, width, y.base + r.lowerBound * width)
    }
  }

  /// dTable[rows[t]] += dy[t].
  public static func scatter(
    _ dy: Span<Float>, rows: Span<Int32>, width: Int, addingTo dTable: inout MutableSpan<Float>
  ) {
    checkRows(rows, of: dTable.count, width: width, count: dy.count, "scatter")
    let count = rows.count
    let dy = unsafe Address(dy)
    let rows = unsafe Address(rows)
    let dTable = unsafe MutableAddress(&dTable)
    Parallel.ranges(width, grain: columnGrain) { r in
      unsafe ck_scatter_add(dy.base, rows.base, count, width, r.lowerBound, r.upperBound, dTable.base)
    }
  }

  private static func checkRows(
    _ rows: Span<Int32>, of tableCount: Int, width: Int, count: Int, _ operation: StaticString
  ) {
    require(count == rows.count * width, operation, "expected \(rows.count)×\(width) values, got \(count)")
    for t in rows.indices {
      let row = Int(rows[t])
      require(row >= 0 && (row + 1) * width <= tableCount, operation, "row \(row) is outside 0..<\(tableCount / width)")
    }
  }

  /// y[j, i] += x[i, j].
  public static func transpose(_ x: Span<Float>, rows: Int, columns: Int, addingTo y: inout MutableSpan<Float>) {
    require(x.count == rows * columns && y.count == x.count, "transpose", "expected \(rows)×\(columns), got \(x.count)")
    let x = unsafe Address(x)
    let y = unsafe MutableAddress(&y)
    unsafe ck_transpose(x.base, rows, columns, columns, 1, y.base, rows)
  }

  /// y = x·r·w by rows, r = 1/√(mean x² + ε).
  public static func rmsNorm(
    _ x: Span<Float>, _ w: Span<Float>, epsilon: Float, into y: inout MutableSpan<Float>,
    inverseRMS r: inout MutableSpan<Float>
  ) {
    let width = w.count
    let rows = r.count
    require(x.count == rows * width && y.count == x.count, "rmsNorm", "expected \(rows)×\(width), got \(x.count)")
    let x = unsafe Address(x)
    let w = unsafe Address(w)
    let y = unsafe MutableAddress(&y)
    let r = unsafe MutableAddress(&r)
    Parallel.ranges(rows, grain: rowGrain) { p in
      let i = p.lowerBound
      unsafe ck_rms_norm(x.base + i * width, w.base, epsilon, p.count, width, y.base + i * width, r.base + i)
    }
  }

  /// dx of `rmsNorm`.
  public static func rmsNormInputGradient(
    _ dy: Span<Float>, _ x: Span<Float>, _ w: Span<Float>, inverseRMS r: Span<Float>,
    addingTo dx: inout MutableSpan<Float>
  ) {
    let width = w.count
    let rows = r.count
    require(
      x.count == rows * width && dy.count == x.count && dx.count == x.count, "rmsNorm",
      "expected \(rows)×\(width), got \(x.count), \(dy.count), \(dx.count)")
    let dy = unsafe Address(dy)
    let x = unsafe Address(x)
    let w = unsafe Address(w)
    let r = unsafe Address(r)
    let dx = unsafe MutableAddress(&dx)
    Parallel.ranges(rows, grain: rowGrain) { p in
      let i = p.lowerBound
      let o = i * width
      unsafe ck_rms_norm_input_gradient(dy.base + o, x.base + o, w.base, r.base + i, p.count, width, dx.base + o)
    }
  }

  /// dw of `rmsNorm`.
  public static func rmsNormWeightGradient(
    _ dy: Span<Float>, _ x: Span<Float>, inverseRMS r: Span<Float>, addingTo dw: inout MutableSpan<Float>
  ) {
    let width = dw.count
    let rows = r.count
    require(x.count == rows * width && dy.count == x.count, "rmsNorm", "expected \(rows)×\(width), got \(x.count)")
    let dy = unsafe Address(dy)
    let x = unsafe Address(x)
    let r = unsafe Address(r)
    let dw = unsafe MutableAddress(&dw)
    Parallel.ranges(width, grain: columnGrain) { p in
      unsafe ck_rms_norm_weight_gradient(
        dy.base, x.base, r.base, rows, width, p.lowerBound, p.upperBound, dw.base)
    }
  }

  /// y += x with the pairs (i, i + headSize/2) of every head turned; `direction` −1 turns back.
  ///
  /// - Shapes: x, y [rows, heads·headSize]; cosine, sine [rows, headSize/2].
  public static func rotate(
    _ x: Span<Float>, cosine: Span<Float>, sine: Span<Float>, headSize: Int, direction: Float,
    into y: inout MutableSpan<Float>
  ) {
    let half = headSize / 2
    let rows = half == 0 ? 0 : cosine.count / half
    let heads = rows == 0 ? 0 : x.count / (rows * headSize)
    require(
      cosine.count == rows * half && sine.count == cosine.count && x.count == rows * heads * headSize
        && y.count == x.count, "rotate",
      "expected […, heads·\(headSize)] and \(rows)×\(half) angles, got \(x.count) and \(cosine.count), \(sine.count)")
    let x = unsafe Address(x)
    let c = unsafe Address(cosine)
    let s = unsafe Address(sine)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(rows, grain: rowGrain) { p in
      let i = p.lowerBound
      let o = i * heads * headSize
      unsafe ck_rotate(
        x.base + o, c.base + i * half, s.base + i * half, direction, p.count, heads, headSize, y.base + o)
    }
  }

  /// Softmax by rows of `width`.
  public static func softmax(_ x: Span<Float>, width: Int, into y: inout MutableSpan<Float>) {
    require(
      width > 0 && x.count % width == 0 && y.count == x.count, "softmax", "expected rows of \(width), got \(x.count)")
    let rows = x.count / width
    let x = unsafe Address(x)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(rows, grain: rowGrain) { p in
      let o = p.lowerBound * width
      unsafe ck_softmax(x.base + o, p.count, width, y.base + o)
    }
  }

  /// dx += y∘(dy − Σ dy∘y) by rows of `width`.
  public static func softmaxGradient(
    _ dy: Span<Float>, _ y: Span<Float>, width: Int, addingTo dx: inout MutableSpan<Float>
  ) {
    require(dy.count == y.count && dx.count == y.count, "softmax", "expected \(y.count), got \(dy.count), \(dx.count)")
    let rows = y.count / width
    let dy = unsafe Address(dy)
    let y = unsafe Address(y)
    let dx = unsafe MutableAddress(&dx)
    Parallel.ranges(rows, grain: rowGrain) { p in
      let o = p.lowerBound * width
      unsafe ck_softmax_gradient(dy.base + o, y.base + o, p.count, width, dx.base + o)
    }
  }

  /// −log softmax(logits)[label] by rows; with `formingGradient` the logits become softmax − one-hot.
  ///
  /// - Shapes: labels [rows], logits [rows, width], loss [rows].
  public static func crossEntropy(
    labels: Span<Int32>, width: Int, formingGradient: Bool, logits: inout MutableSpan<Float>,
    loss: inout MutableSpan<Double>
  ) {
    let rows = labels.count
    require(
      logits.count == rows * width && loss.count == rows, "crossEntropy",
      "expected \(rows)×\(width) logits, got \(logits.count)")
    for t in labels.indices {
      require(labels[t] >= 0 && labels[t] < width, "crossEntropy", "label \(labels[t]) is outside 0..<\(width)")
    }
    let labels = unsafe Address(labels)
    let logits = unsafe MutableAddress(&logits)
    let loss = unsafe MutableAddress(&loss)
    Parallel.ranges(rows, grain: 8) { p in
      let i = p.lowerBound
      unsafe ck_cross_entropy(
        labels.base + i, p.count, width, formingGradient ? 1 : 0, logits.base + i * width, loss.base + i)
    }
  }
}
