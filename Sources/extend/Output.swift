import Foundation

/// A value as one line of JSON.
func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Rows as aligned columns, the first row a heading; numbers to the right.
func table(_ rows: [[String]]) -> String {
  guard let heading = rows.first else { return "" }
  let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).enumerated().map { column, cell in
      let padding = String(repeating: " ", count: cell.1 - cell.0.count)
      return column == 0 ? cell.0 + padding : padding + cell.0
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}
