import Foundation

/// A value as one line of JSON.
func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Rows as aligned columns, the first row a heading; numbers to the right.
///
/// - Parameter width: columns that would pass it follow below, after the first one again.
func table(_ rows: [[String]], width: Int = .max) -> String {
  guard let heading = rows.first else { return "" }
  let widths = heading.indices.map { column in 2 + (rows.map { $0[column].count }.max() ?? 0) }
  var blocks: [[Int]] = [], end = 0
  for column in heading.indices.dropFirst() {
    if blocks.isEmpty || end + widths[column] > width {
      blocks.append([])
      end = widths[0] - 2
    }
    blocks[blocks.count - 1].append(column)
    end += widths[column]
  }
  return (blocks.isEmpty ? [[]] : blocks).map { block in
    rows.map { row in
      row[0].padded(to: widths[0] - 2, atStart: false)
        + block.map { row[$0].padded(to: widths[$0], atStart: true) }.joined()
    }.joined(separator: "\n")
  }.joined(separator: "\n\n")
}

extension String {
  /// The text with spaces before or behind it.
  fileprivate func padded(to width: Int, atStart: Bool) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return atStart ? spaces + self : self + spaces
  }
}
