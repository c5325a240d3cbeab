import TextCleaning

extension CorpusReport: CustomStringConvertible {
  /// The report as a text table: what was read, what rules did, what was left out and why, and the lengths.
  public var description: String {
    var lines: [String] = []
    for file in files {
      lines.append(file.summary)
      for issue in file.firstIssues.prefix(3) { lines.append("  \(issue)") }
    }
    lines += warnings.map { "warning: \($0)" }
    lines += rows.filter { $0.isAlwaysShown || $0.count > 0 }.map { row in
      row.name.padded(to: 58) + String(row.count).padded(to: 12, onTheLeft: true)
    }
    if !lengths.isEmpty { lines += ["", histogram] }
    return lines.joined(separator: "\n")
  }

  private struct Row {
    var name: String, count: Int, isAlwaysShown = false
  }

  private var rows: [Row] {
    var rows = [Row(name: "conversations read", count: conversations, isAlwaysShown: true)]
    rows += RecordProblem.Kind.allCases.map { kind in
      Row(name: "  records with \(kind)", count: files.reduce(0) { $0 + $1.issueCounts[kind.rawValue, default: 0] })
    }
    rows += [
      Row(name: "chats joined from parts", count: joining.joinedChats),
      Row(name: "  parts joined to an earlier one", count: joining.joinedParts),
      Row(name: "  turns repeated between parts, taken once", count: joining.repeatedTurns),
      Row(name: "  missing parts (a new document begins)", count: joining.gaps),
      Row(name: "  records whose ids look like a running count", count: joining.runningCounts),
    ]
    rows += CleaningRule.allCases.flatMap { cleaningRows($0) }
    rows += [
      Row(name: "longer pairs of turns than split_long allows (kept)", count: cleaning.pairsLongerThanSplit),
      Row(name: "empty turns (the document ends there)", count: rules.emptyTurns),
      Row(name: "  turns left out behind them", count: rules.turnsBehindEmpty),
      Row(name: "turns merged with one of the same role", count: rules.mergedTurns),
      Row(name: "documents that begin with an assistant turn", count: rules.leadingAssistantTurns),
      Row(name: "  such turns left out", count: rules.droppedLeadingTurns),
      Row(name: "turns left out behind the last answer", count: rules.trailingTurns),
      Row(name: "dropped: no assistant turn", count: rules.withoutAssistant),
      Row(name: "dropped: same turns as an earlier document", count: rules.duplicates),
      Row(name: "dropped: refused by the chat template", count: encoding.refusedByTemplate),
      Row(name: "dropped: no labelled token", count: encoding.withoutLabels),
      Row(name: "dropped: a control token's text and U+10FA57", count: encoding.unwritable),
      Row(name: "documents with a control token's text (kept as words)", count: encoding.withControlText),
      Row(name: "tokens half inside an answer (not labelled)", count: encoding.straddlingTokens),
      Row(name: "learned assistant turns", count: encoding.assistantTurns, isAlwaysShown: true),
      Row(name: "  with a labelled end of turn", count: encoding.endedTurns, isAlwaysShown: true),
      Row(name: "plain texts (labelled from end to end)", count: encoding.plainTexts),
      Row(name: "documents", count: documents, isAlwaysShown: true),
      Row(name: "turns", count: turns, isAlwaysShown: true),
      Row(name: "tokens", count: tokens, isAlwaysShown: true),
      Row(name: "labelled tokens", count: labelledTokens, isAlwaysShown: true),
    ]
    return rows
  }

  private func cleaningRows(_ rule: CleaningRule) -> [Row] {
    let counts = cleaning[rule]
    return [
      Row(name: "\(rule.rawValue): conversations left out", count: counts.dropped),
      Row(name: "\(rule.rawValue): conversations changed", count: counts.changed),
      Row(name: "  turns changed or taken off", count: counts.turns),
      Row(name: "  conversations more than before", count: counts.added),
    ]
  }

  /// Documents and tokens by length.
  private var histogram: String {
    var lines = ["length in tokens".padded(to: 22) + "documents      tokens    labelled"]
    let most = lengths.map(\.tokens).max() ?? 1
    for bucket in lengths {
      let cells = [bucket.documents, bucket.tokens, bucket.labelled].map { String($0).padded(to: 12, onTheLeft: true) }
      let bar = String(repeating: "#", count: max(1, 24 * bucket.tokens / max(most, 1)))
      lines.append("\(bucket.lower) ..< \(bucket.upper)".padded(to: 19) + cells.joined() + "  " + bar)
    }
    return lines.joined(separator: "\n")
  }
}
