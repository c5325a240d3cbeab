import Kernels

/// The rules for names and extents that reading and writing share.
enum TensorRules {
  static let longestName = 63
  static let mostExtents = 4
  /// Far above any in use; a header is padded to it in memory.
  static let largestAlignment: UInt32 = 1 << 20

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
    if case .uint32(let alignment) = value, alignment.nonzeroBitCount == 1, alignment <= largestAlignment {
      return Int(alignment)
    }
    throw GGUFError(
      .invalidAlignment, path: metadata.path, subject: .key(key), found: "\(value.typeDescription) \(value)",
      allowed: "u32, a power of two up to \(largestAlignment)",
      repair: "Remove the key (32 is the rule), or convert the model again.")
  }
}
