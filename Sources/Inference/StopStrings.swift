/// Finds stop strings in text that comes in pieces, and holds back what could still become one.
public struct StopStrings: Sendable {
  private let strings: [[UInt8]]
  /// Text that may be the beginning of a stop string.
  private var held: [UInt8] = []
  /// Whether one was found; all later text is dropped.
  public private(set) var isFound = false

  /// - Parameter strings: empty ones are left out.
  public init(_ strings: [String]) { self.strings = strings.filter { !$0.isEmpty }.map { Array($0.utf8) } }

  /// The text that is certain now; it ends before the first stop string.
  public mutating func append(_ piece: String) -> String {
    if isFound { return "" }
    if strings.isEmpty { return piece }
    held += piece.utf8
    if let end = firstMatch() {
      isFound = true
      defer { held.removeAll() }
      return String(decoding: held.prefix(end), as: UTF8.self)
    }
    let certain = held.count - longestBeginning()
    defer { held.removeFirst(certain) }
    return String(decoding: held.prefix(certain), as: UTF8.self)
  }

  /// What was held back, when no more comes.
  public mutating func finish() -> String {
    defer { held.removeAll() }
    return String(decoding: held, as: UTF8.self)
  }

  /// Where the first stop string begins.
  private func firstMatch() -> Int? {
    held.indices.first { start in strings.contains { held[start...].starts(with: $0) } }
  }

  /// How many bytes at the end are the beginning of a stop string. Both are whole characters, so cutting there splits none.
  private func longestBeginning() -> Int {
    let most = (strings.map(\.count).max() ?? 1) - 1
    return (0...max(0, min(most, held.count))).reversed().first { count in
      strings.contains { $0.count > count && $0.starts(with: held.suffix(count)) }
    } ?? 0
  }
}
