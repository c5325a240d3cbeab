/// The points of one curve gathered into columns of a chart, so that a run of a million steps draws no more than one of
/// three hundred, and no spike is lost.
struct Columns {
  /// What stands in one column.
  struct Column: Equatable {
    /// Of its first and last point.
    var from: Double, to: Double
    /// Of the finite values; nil without any.
    var low: Double?, high: Double?
    var sum = 0.0
    var finite = 0
    /// Values that are not numbers, or infinite.
    var lost = 0

    /// The mean of the finite values, also where their sum is too great.
    var mean: Double? { low.flatMap { low in high.map { min(max(sum / Double(finite), low), $0) } } }
    var middle: Double { (from + to) / 2 }
  }
  /// By the column's number, ascending; columns without points are left out.
  let columns: [(number: Int, column: Column)]

  /// - Parameter count: of columns over the whole axis.
  init(_ points: [LineChart.Point], _ axis: Axis, count: Int) {
    var found: [Int: Column] = [:]
    for point in points {
      let place = axis.position(point.x)
      guard place.isFinite else { continue }
      let number = Int((place * Double(count - 1)).rounded())
      var column = found[number] ?? Column(from: point.x, to: point.x)
      (column.from, column.to) = (min(column.from, point.x), max(column.to, point.x))
      if point.y.isFinite {
        column.low = min(column.low ?? point.y, point.y)
        column.high = max(column.high ?? point.y, point.y)
        column.sum += point.y
        column.finite += 1
      } else {
        column.lost += 1
      }
      found[number] = column
    }
    columns = found.sorted { $0.key < $1.key }.map { (number: $0.key, column: $0.value) }
  }
}
