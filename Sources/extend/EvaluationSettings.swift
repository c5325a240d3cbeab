import Foundation

/// What results of one folder have in common; with other settings the same questions would be others.
struct EvaluationSettings: Codable, Equatable {
  var seed: Int
  var depths: [Double]
  var stride: Int
  /// Lengths of sliding windows, whose targets depend on the longest; nil before they are measured.
  var windows: [Int]?
  /// Of all texts and question files.
  var data: String
  /// Of each model, by name.
  var models: [String: String]

  static func path(in folder: String) -> String { folder + "/settings.json" }

  /// What it is, and each value of it.
  var rows: [(String, String)] {
    [
      ("seed", "\(seed)"), ("depths", depths.map { String(format: "%g %%", $0) }.joined(separator: ", ")),
      ("tokens scored of each sliding window", "\(stride)"),
      ("texts and precision", data.trimmingCharacters(in: .whitespaces)),
    ].filter { !$0.1.isEmpty }
      + models.sorted { $0.key < $1.key }.map { ("model \($0.key) (size, date in seconds since 1970)", $0.value) }
  }
}
