/// Where a tensor lies in a file, and how to read it.
public struct TensorInfo: Equatable, Sendable {
  public let name: String
  /// ggml's order: the first extent is the one whose elements are neighbours in memory. 0 to 4 extents, each
  /// at least 1; the first is a multiple of the type's block size.
  public let extents: [Int]
  public let type: TensorType
  /// The first byte, counted from the beginning of the file.
  public let offset: Int
  public let byteCount: Int

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

/// The rules for names and extents that reading and writing share.
enum TensorRules {
  static let longestName = 63
  static let mostExtents = 4

  /// The bytes of a tensor, or why it cannot be.
  static func byteCount(
    _ extents: [Int], _ type: TensorType, _ subject: GGUFError.Subject, path: String?, position: Int?
  ) throws(GGUFError) -> Int {
    func refuse(_ found: String, _ allowed: String) -> GGUFError {
      GGUFError(
        .invalidShape, path: path, position: position, subject: subject, found: found, allowed: allowed,
        repair: path == nil ? "Choose another shape or type." : "The file is damaged; download or convert it again.")
    }
    if extents.count > mostExtents { throw refuse("\(extents.count) extents", "at most \(mostExtents)") }
    var elements = 1
    for extent in extents {
      let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
      // One element takes at most 4 bytes.
      if extent < 1 || overflow || product > Int.max / 4 {
        throw refuse("extents \(extents)", "each 1 or more, all multiplied at most \(Int.max / 4)")
      }
      elements = product
    }
    if (extents.first ?? 1) % type.blockSize != 0 {
      throw refuse("rows of \(extents.first ?? 1) elements in \(type)", "rows of a multiple of \(type.blockSize)")
    }
    return elements / type.blockSize * type.blockBytes
  }

  /// `position` rounded up to a multiple of `alignment`, a power of two; nil beyond the largest number.
  static func padded(_ position: Int, to alignment: Int) -> Int? {
    let (sum, overflow) = position.addingReportingOverflow(alignment - 1)
    return overflow ? nil : sum & ~(alignment - 1)
  }

  /// The alignment that `metadata` asks for; 32 unless it says otherwise.
  static func alignment(of metadata: Metadata) throws(GGUFError) -> Int {
    let key = "general.alignment"
    guard let value = metadata[key] else { return 32 }
    if case .uint32(let alignment) = value, alignment.nonzeroBitCount == 1 { return Int(alignment) }
    throw GGUFError(
      .invalidAlignment, path: metadata.path, subject: .key(key), found: "\(value.typeDescription) \(value)",
      allowed: "u32, a power of two", repair: "Remove the key (32 is the rule), or convert the model again.")
  }
}
