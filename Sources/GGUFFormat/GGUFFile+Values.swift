import Kernels

extension GGUFFile {
  /// Converts a whole tensor to floats, rows one after another.
  ///
  /// Traps unless `values` has room for exactly `tensor.elementCount` floats.
  public func decode(_ tensor: TensorInfo, into values: inout MutableSpan<Float>) {
    decode(tensor, rows: 0..<tensor.rowCount, into: &values)
  }

  /// Converts the rows `rows` of a tensor to floats; a row is `tensor.columnCount` elements.
  ///
  /// Traps unless the rows exist and `values` has room for exactly them. Different rows may be converted by
  /// several threads at once.
  public func decode(_ tensor: TensorInfo, rows: Range<Int>, into values: inout MutableSpan<Float>) {
    require(
      rows.lowerBound >= 0 && rows.upperBound <= tensor.rowCount,
      "decode '\(tensor.name)': rows \(rows) of \(tensor.rowCount)")
    require(
      values.count == rows.count * tensor.columnCount,
      "decode '\(tensor.name)': \(rows.count) rows of \(tensor.columnCount) into \(values.count) floats")
    withBytes(of: tensor) { bytes in
      let from = rows.lowerBound * tensor.rowByteCount
      tensor.type.decode(bytes.extracting(from..<from + rows.count * tensor.rowByteCount), into: &values)
    }
  }

  /// A whole tensor as floats.
  public func values(of tensor: TensorInfo) -> [Float] {
    var values = [Float](repeating: 0, count: tensor.elementCount)
    var span = values.mutableSpan
    decode(tensor, into: &span)
    return values
  }
}
