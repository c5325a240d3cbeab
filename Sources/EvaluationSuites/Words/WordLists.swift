/// English words of the package wonderwords 3.0.1 (MIT), which the published generators draw from.
public enum WordLists {
  /// 6,782 nouns.
  public static let nouns = words(PackageResources.nouns_txt)
  /// 912 adjectives, two of them twice.
  public static let adjectives = words(PackageResources.adjectives_txt)
  /// 1,042 verbs, one of them twice.
  public static let verbs = words(PackageResources.verbs_txt)

  /// All different nouns, adjectives and verbs in the order of their bytes: 8,166.
  public static let all = Set(nouns + adjectives + verbs).inByteOrder()

  private static func words(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self).trimmed }
  }
}

extension Sequence<String> {
  /// Sorted as Python sorts strings: by code points, which for UTF-8 is by bytes.
  func inByteOrder() -> [String] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
