import Foundation

/// Numbers as charts and tables write them.
public enum NumberLabel {
  /// Four significant digits; large ones with k, M or G; what is no number as it is.
  public static func short(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value.magnitude < 1e13 else { return String(format: "%.4g", value) }
    for (unit, name) in [(1e9, "G"), (1e6, "M"), (1e4, "k")] where value.magnitude >= unit {
      return String(format: "%.4g", value / (unit == 1e4 ? 1e3 : unit)) + name
    }
    return String(format: "%.4g", value)
  }

  /// Tokens: 4096 as 4K, 1,048,576 as 1M.
  public static func tokens(_ count: Int) -> String {
    if count > 0, count % 1_048_576 == 0 { return "\(count / 1_048_576)M" }
    return count > 0 && count % 1024 == 0 ? "\(count / 1024)K" : "\(count)"
  }

  /// A part of one as per cent.
  public static func percent(_ value: Double) -> String {
    value.isFinite ? String(format: "%.0f %%", value * 100) : "\(value)"
  }

  /// A part of one in whole per cents, for narrow places.
  static func wholePercent(_ value: Double) -> String { value.isFinite ? String(format: "%.0f", value * 100) : "–" }

  /// A coordinate of a drawing.
  static func place(_ value: Double) -> String { String(format: "%.1f", value) }
}
