public import Kernels

/// Where a tensor lies in a file, and how to read it.
public struct TensorInfo: Equatable, Sendable {
  public let name: String
  /// ggml's order: the first extent is the one whose elements are neighbours in memory. 0 to 4 extents, each
  /// at least 1; the first is a multiple of the type's block size.
  public let extents: [Int]
  public let type: TensorType
  /// The first byte, counted from the beginning of its file.
  public let offset: Int
  public let byteCount: Int
  /// Which file of a split model holds it, from 0.
  public internal(set) var part = 0

  /// The extents in the order of torch and numpy, `[rows, columns]` for a weight matrix.
  public var shape: [Int] { extents.reversed() }

  /// Elements of one row.
  public var columnCount: Int { extents.first ?? 1 }

  /// Rows; all extents but the first, multiplied.
  public var rowCount: Int { extents.dropFirst().reduce(1, *) }

  public var elementCount: Int { columnCount * rowCount }

  /// Bytes of one row.
  public var rowByteCount: Int { columnCount / type.blockSize * type.blockBytes }
}
