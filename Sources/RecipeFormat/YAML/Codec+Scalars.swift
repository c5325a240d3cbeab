import Yams

/// Reads a plain or quoted scalar with `parse`; anything else, and whatever `parse` refuses, is noted with the rule.
private func scalar<Value>(
  rule: String, repair: String, parse: @escaping (String) -> Value?, write: @escaping (Value) -> String
) -> Codec<Value> {
  Codec(
    read: { node, path, problems in
      problems.visit(path, node)
      if case .scalar(let scalar) = node, let value = parse(scalar.string) { return value }
      problems.add(path, found: node.isNull ? "nothing" : node.shown, rule: "needed is \(rule)", repair: repair)
      return nil
    },
    write: { Node(write($0), .implicit, .plain) })
}

extension Codec<Int> {
  /// A whole number.
  static func count(_ range: ClosedRange<Int>) -> Codec {
    scalar(
      rule: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      repair: "write for example \(range.lowerBound)",
      parse: { text in NumberText.integer(text).flatMap { range.contains($0) ? $0 : nil } }, write: { String($0) })
  }

  /// A number of tokens: `65_536`, `64k` (k = 1,024), `1M` (M = 1,024²).
  static func tokens(_ range: ClosedRange<Int>) -> Codec {
    scalar(
      rule: "a number of tokens from \(range.lowerBound) to \(range.upperBound)",
      repair: "write for example 65_536 or 64k (k = 1,024, M = 1,048,576)",
      parse: { text in
        NumberText.integer(text, units: NumberText.tokenUnits).flatMap { range.contains($0) ? $0 : nil }
      },
      write: { String($0) })
  }

  /// A number of bytes: `8GiB`, `512M`.
  static var bytes: Codec {
    scalar(
      rule: "a number of bytes from 1M", repair: "write for example 8GiB or 512M",
      parse: { text in NumberText.bytes(text).flatMap { $0 >= 1 << 20 ? $0 : nil } }, write: { String($0) })
  }
}

extension Codec<Double> {
  /// A number for which `isAllowed` holds; `rule` says the same in words.
  static func number(_ rule: String, example: String, where isAllowed: @escaping (Double) -> Bool) -> Codec {
    scalar(
      rule: "a number \(rule)", repair: "write for example \(example)",
      parse: { text in NumberText.double(text).flatMap { isAllowed($0) ? $0 : nil } }, write: NumberText.text)
  }

  static var positive: Codec { number("above 0", example: "1e-5") { $0 > 0 } }
  static var factor: Codec { number("of 1 or more", example: "8") { $0 >= 1 } }
}

extension Codec<Bool> {
  static var boolean: Codec {
    scalar(
      rule: "true or false", repair: "write true or false",
      parse: { ["true": true, "false": false][$0] }, write: { $0 ? "true" : "false" })
  }
}

extension Codec<String> {
  /// Any text that is not empty.
  static var text: Codec {
    Codec(
      read: { node, path, problems in
        problems.visit(path, node)
        if case .scalar(let scalar) = node, !scalar.string.isEmpty, !node.isNull { return scalar.string }
        problems.add(
          path, found: node.isNull ? "nothing" : node.shown, rule: "needed is a text",
          repair: "write it after the colon, in quotes if it has signs of YAML in it")
        return nil
      },
      write: { text in
        let isPlain =
          !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._/-".contains($0)) }
        let isWord = text.contains { $0.isLetter } && !["null", "true", "false"].contains(text.lowercased())
        return Node(text, .implicit, isPlain && isWord && text.first?.isLetter == true ? .plain : .doubleQuoted)
      })
  }

  /// A day of the calendar, as YYYY-MM-DD.
  static var date: Codec {
    Codec(
      read: { node, path, problems in
        guard let text = text.read(node, path, &problems) else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let isDate =
          text.utf8.count == 10 && parts.count == 3 && parts[0] > 0 && (1...12).contains(parts[1])
          && (1...daysInMonth(parts[1], ofYear: parts[0])).contains(parts[2])
        if isDate { return text }
        problems.add(
          path, found: node.shown, rule: "needed is a day as YYYY-MM-DD", repair: "write for example 2025-03-09")
        return nil
      }, write: text.write)
  }

  private static func daysInMonth(_ month: Int, ofYear year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// A short name for folders and tables.
  static var name: Codec {
    let isAllowed: (String) -> Bool = { text in
      (1...64).contains(text.count)
        && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
    return Codec(
      read: { node, path, problems in
        guard let name = text.read(node, path, &problems) else { return nil }
        if isAllowed(name) { return name }
        problems.add(
          path, found: node.shown, rule: "a name has 1 to 64 letters, digits, dots, dashes or underscores",
          repair: "use for example \(Self.slug(of: name))")
        return nil
      }, write: text.write)
  }

  /// The nearest allowed name.
  private static func slug(of name: String) -> String {
    let kept = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" }
    return String(kept.prefix(64))
  }
}

extension Codec where Value: RawRepresentable, Value.RawValue == String {
  /// One of some words.
  static func word(among values: [Value]) -> Codec {
    let words = values.map(\.rawValue)
    return Codec(
      read: { node, path, problems in
        problems.visit(path, node)
        if case .scalar(let scalar) = node, let value = values.first(where: { $0.rawValue == scalar.string }) {
          return value
        }
        let nearest = nearest(to: node.scalar?.string ?? "", among: words) ?? words.first ?? ""
        problems.add(
          path, found: node.isNull ? "nothing" : node.shown,
          rule: "allowed is \(words.joined(separator: ", "))", repair: "write \(nearest)")
        return nil
      },
      write: { Node($0.rawValue, .implicit, .plain) })
  }
}

extension Codec where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the words of an enumeration.
  static var word: Codec { word(among: Array(Value.allCases)) }
}
