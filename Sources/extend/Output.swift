import Foundation

/// A value as one line of JSON.
func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Rows as aligned columns, the first row a heading; numbers to the right.
///
/// - Parameters:
///   - width: columns that would pass it follow below in a table of their own, after the `keys` first ones again.
///   - keys: columns that say what a row is about.
func table(_ rows: [[String]], width: Int = .max, keys: Int = 1) -> String {
  guard let heading = rows.first else { return "" }
  let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  let gap = 2, own = heading.indices.prefix(keys), start = own.reduce(-gap) { $0 + widths[$1] + gap }
  var blocks: [[Int]] = [[]], end = start
  for column in heading.indices.dropFirst(keys) {
    if end + gap + widths[column] > width, blocks[blocks.count - 1].count > 0 {
      blocks.append([])
      end = start
    }
    blocks[blocks.count - 1].append(column)
    end += gap + widths[column]
  }
  return blocks.map { block in
    rows.map { row in
      (own + block).enumerated().map { place, column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return place == 0 ? row[column] + padding : padding + row[column]
      }.joined(separator: String(repeating: " ", count: gap))
    }.joined(separator: "\n")
  }.joined(separator: "\n\n")
}
