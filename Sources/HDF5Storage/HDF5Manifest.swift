import Foundation

/// The list of a sealed file's datasets, where their bytes lie and what their checksums are.
public struct HDF5Manifest: Sendable, Equatable, Codable {
  /// One dataset whose data lies in one piece.
  public struct Entry: Sendable, Equatable, Codable {
    /// Its path in the file.
    public var name: String
    /// Where its data begins, in bytes from the start of the file.
    public var offset: Int
    /// How many bytes that is.
    public var bytes: Int
    /// XXH3-64 of those bytes, sixteen hexadecimal digits.
    public var checksum: String

    enum CodingKeys: String, CodingKey {
      case name, offset, bytes
      case checksum = "xxh3_64"
    }

    /// The bytes the dataset takes.
    var range: Range<Int> { offset..<offset + bytes }
  }

  /// The dataset that holds the manifest.
  static let datasetName = "manifest"
  static let formatName = "extend-manifest"

  public var format = HDF5Manifest.formatName
  public var version = 1
  /// What the writer adds, such as the stage and step of a checkpoint.
  public var notes: [String: String]
  /// Sorted by name.
  public var datasets: [Entry]

  init(notes: [String: String], datasets: [Entry]) {
    self.notes = notes
    self.datasets = datasets.sorted { $0.name < $1.name }
  }

  /// JSON with sorted keys.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }

  /// What is wrong with the places the manifest names in a file of `byteCount` bytes; nil when all fit.
  func contradiction(byteCount: Int, manifest: Range<Int>) -> String? {
    guard format == Self.formatName, version == 1 else {
      return "its manifest is \(format.prefix(40)) version \(version)"
    }
    for entry in datasets {
      let (end, overflow) = entry.offset.addingReportingOverflow(entry.bytes)
      guard entry.offset >= HDF5File.sealBytes, entry.bytes >= 0, !overflow, end <= byteCount else {
        return "its manifest places \(entry.name.prefix(80)) outside the file"
      }
    }
    let ranges = (datasets.map(\.range) + [manifest]).sorted { $0.lowerBound < $1.lowerBound }
    for (one, next) in zip(ranges, ranges.dropFirst()) where one.upperBound > next.lowerBound {
      return "its manifest lets two datasets share bytes"
    }
    return nil
  }

  /// The bytes of a file that belong to no dataset: HDF5's own structure.
  func structure(byteCount: Int, manifest: Range<Int>) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var start = HDF5File.sealBytes
    for range in (datasets.map(\.range) + [manifest]).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > start { gaps.append(start..<range.lowerBound) }
      start = max(start, range.upperBound)
    }
    if start < byteCount { gaps.append(start..<byteCount) }
    return gaps
  }
}
