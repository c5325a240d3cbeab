import Yams

/// YAML text as a tree of nodes that know their places.
enum Document {
  /// Stands before a key that is given again, so that reading goes on and finds every problem of the text.
  static let duplicateSign = "\u{E000}"
  /// What a recipe may measure; real ones have a few thousand bytes.
  static let largestSize = 1 << 20
  /// Aliases can repeat what they name exponentially; recipes need few or none.
  static let mostAliases = 24

  /// The root of a text.
  ///
  /// - Throws: the syntax error, with its line and column.
  static func root(of yaml: String) throws(RecipeProblem) -> Node {
    guard yaml.utf8.count <= largestSize else {
      throw RecipeProblem(
        path: "", found: "\(yaml.utf8.count) bytes", rule: "a recipe has at most \(largestSize) bytes",
        repair: "name a recipe, not a data file")
    }
    guard aliasCount(in: yaml) <= mostAliases else {
      throw RecipeProblem(
        path: "", found: "\(aliasCount(in: yaml)) aliases (*name)", rule: "a recipe has at most \(mostAliases)",
        repair: "write the values out")
    }
    var text = yaml
    for _ in 0..<100 {
      do {
        guard let root = try Yams.compose(yaml: text, .default, .default, .utf8) else { return .emptySection }
        return root
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        guard let marked = marking(text, at: context.mark) else {
          throw RecipeProblem(
            path: "", place: "line \(context.mark.line), column \(context.mark.column)",
            found: "\(names.joined(separator: ", ")) more than once", rule: "a key is given once",
            repair: "keep one of them")
        }
        text = marked
      } catch {
        throw problem(of: error)
      }
    }
    throw RecipeProblem(
      path: "", found: "more than 100 keys that are given again", rule: "a key is given once",
      repair: "remove the repetitions")
  }

  /// The text with the sign before the key at `mark`, behind an opening quote.
  private static func marking(_ text: String, at mark: Mark) -> String? {
    // YAML's line breaks; the parser counts columns in Unicode scalars.
    let scalars = text.unicodeScalars
    var (line, index) = (1, scalars.startIndex)
    while line < mark.line {
      guard let end = scalars[index...].firstIndex(where: { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) })
      else { return nil }
      let next = scalars.index(after: end)
      let isPair = scalars[end] == "\r" && next < scalars.endIndex && scalars[next] == "\n"
      index = isPair ? scalars.index(after: next) : next
      line += 1
    }
    guard var key = scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex), key < scalars.endIndex
    else { return nil }
    if scalars[key] == "\"" || scalars[key] == "'" { key = scalars.index(after: key) }
    // Keys that are lists, sections, aliases, or carry anchors or tags are nobody's slip: those are left to the error.
    guard key < scalars.endIndex, !"[{*&!?|>".unicodeScalars.contains(scalars[key]) else { return nil }
    return String(scalars[..<key]) + duplicateSign + String(scalars[key...])
  }

  private static func aliasCount(in yaml: String) -> Int {
    var (count, previous) = (0, UInt8(ascii: " "))
    for byte in yaml.utf8 {
      let isNameStart =
        byte > 127 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(byte)
      if previous == UInt8(ascii: "*"), isNameStart { count += 1 }
      previous = byte
    }
    return count
  }

  private static func problem(of error: any Error) -> RecipeProblem {
    let repair = "see https://yaml.org/spec/1.2.2 or compare with \"extend recipes show quickstart\""
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let around = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
      return RecipeProblem(
        path: "", place: "line \(mark.line), column \(mark.column)", rule: "not YAML: \(problem)\(around)",
        repair: repair)
    case .reader(let problem, let offset, _, _):
      let place = offset.map { "character \($0)" }
      return RecipeProblem(path: "", place: place, rule: "not YAML: \(problem)", repair: repair)
    default:
      return RecipeProblem(path: "", rule: "not YAML: \(error)", repair: repair)
    }
  }
}
