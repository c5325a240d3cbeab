import Foundation

/// Numbers as charts and tables write them.
public enum NumberLabel {
  /// So many significant digits; large numbers with k, M or G; what is no number as it is.
  public static func short(_ value: Double, digits: Int = 4) -> String {
    // 9,999.7 is written as ten thousand.
    guard value.isFinite, let rounded = Double(String(format: "%.\(digits - 1)e", value)) else { return "\(value)" }
    let units = [(1e13, 1, ""), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")]
    let (_, unit, name) = units.first { rounded.magnitude >= $0.0 } ?? (0, 1, "")
    return String(format: "%.\(digits)g", value / unit) + name
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
  public static func wholePercent(_ value: Double) -> String {
    value.isFinite ? String(format: "%.0f", value * 100) : "–"
  }

  /// A coordinate of a drawing.
  static func place(_ value: Double) -> String { String(format: "%.1f", value) }
}
