extension DataInspection: CustomStringConvertible {
  /// The inspection as text tables.
  public var description: String {
    var lines: [String] = []
    for file in files {
      lines.append(file.summary)
      lines.append("  turns by role: " + Self.list(file.roles))
      for (kind, count) in [file].issueCounts { lines.append("  records with \(kind): \(count)") }
      lines += file.firstIssues.map {
        "    line \($0.location.line), record \($0.location.record): \($0.problem.detail)"
      }
      let issues = file.issueCounts.values.reduce(0, +)
      if issues > file.firstIssues.count { lines.append("    … and \(issues - file.firstIssues.count) more") }
      if let warning = file.warning { lines.append("  warning: \(warning)") }
    }
    lines.append("")
    let joined =
      joining.joinedParts > 0 ? " (\(joining.joinedParts) parts joined, \(joining.repeatedTurns) repeated turns)" : ""
    lines.append("conversations  \(conversations)\(joined), \(turns) turns, \(total) \(unit)")
    lines.append("languages      " + Self.list(languages))
    if refusedByTemplate > 0 {
      lines.append("refused by the chat template: \(refusedByTemplate) (their words are counted)")
    }
    if conversations > 0 { lines += ["", lengthTable, "", histogramText, "", reachTable] }
    return lines.joined(separator: "\n")
  }

  /// Counts with their names, the largest first.
  private static func list(_ counts: [String: Int]) -> String {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private var lengthTable: String {
    let names = Self.shares.map(\.name)
    let head = "length in \(unit)".padded(to: 22) + names.map { $0.padded(to: 10, onTheLeft: true) }.joined()
    let values = names.map { String(quantiles[$0] ?? 0).padded(to: 10, onTheLeft: true) }.joined()
    return head + "\n" + "".padded(to: 22) + values
  }

  private var histogramText: String {
    var lines = [
      "length in \(unit)".padded(to: 22) + "conversations".padded(to: 14, onTheLeft: true)
        + unit.padded(to: 14, onTheLeft: true)
    ]
    let most = histogram.map(\.documents).max() ?? 1
    for bucket in histogram {
      let cells = [bucket.documents, bucket.tokens].map { String($0).padded(to: 14, onTheLeft: true) }.joined()
      let bar = String(repeating: "#", count: max(1, 32 * bucket.documents / max(most, 1)))
      lines.append("\(bucket.lower) ..< \(bucket.upper)".padded(to: 22) + cells + "  " + bar)
    }
    return lines.joined(separator: "\n")
  }

  private var reachTable: String {
    var lines = [
      (unit == "tokens" ? "reach a context of" : "have characters").padded(to: 22)
        + "conversations".padded(to: 14, onTheLeft: true)
        + "share".padded(to: 10, onTheLeft: true) + unit.padded(to: 14, onTheLeft: true)
    ]
    for row in reach {
      let tenths = (row.conversations * 1000 + conversations / 2) / max(conversations, 1)
      lines.append(
        String(row.length).padded(to: 22) + String(row.conversations).padded(to: 14, onTheLeft: true)
          + "\(tenths / 10).\(tenths % 10) %".padded(to: 10, onTheLeft: true)
          + String(row.total).padded(to: 14, onTheLeft: true))
    }
    return lines.joined(separator: "\n")
  }
}
