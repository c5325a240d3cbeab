/// Where a tensor lies in a safetensors file, and how to read it.
public struct TensorEntry: Equatable, Sendable {
  public let name: String
  public let type: SafetensorsType
  /// Row-major, `[rows, columns]` for a weight matrix; no extents for a single value.
  public let shape: [Int]
  /// The first byte, counted from the beginning of the file.
  public let offset: Int
  public let byteCount: Int

  public var elementCount: Int { byteCount / type.byteCount }
  /// Elements of one row: the last extent.
  public var columnCount: Int { shape.last ?? 1 }
  /// Rows: all extents but the last, multiplied; none if there are no elements.
  public var rowCount: Int { elementCount == 0 ? 0 : elementCount / columnCount }
}
