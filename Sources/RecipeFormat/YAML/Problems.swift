import Yams

/// What a reading of a recipe has found so far.
struct Problems {
  private(set) var all: [RecipeProblem] = []
  /// How many were left out because there were `most` before.
  private var omitted = 0
  private static let most = 200
  /// Where each path stands in the text, as far as it was read.
  private var marks: [String: Mark] = [:]
  /// Paths whose values come from `--set`, with the text of it.
  var overrides: [String: String] = [:]

  /// Remembers where a value stands.
  mutating func visit(_ path: String, _ node: Node) {
    if let mark = node.mark { marks[path] = mark }
  }

  /// Notes a problem; its place is that of the value, or of the nearest thing around it.
  mutating func add(_ path: String, mark: Mark? = nil, found: String? = nil, rule: String, repair: String) {
    guard all.count < Self.most else {
      omitted += 1
      return
    }
    all.append(
      RecipeProblem(path: path, place: place(of: path, mark: mark), found: found, rule: rule, repair: repair))
  }

  /// All problems, or the first two hundred and how many more there are.
  var report: [RecipeProblem] {
    guard omitted > 0 else { return all }
    return all + [RecipeProblem(path: "", rule: "there are \(omitted) more", repair: "repair these first")]
  }

  /// Whether there is room for more.
  var isFull: Bool { all.count >= Self.most }

  /// Whether nothing is wrong at a path or below it.
  func isSound(_ path: String) -> Bool {
    !all.contains { $0.path == path || $0.path.hasPrefix(path + ".") || $0.path.hasPrefix(path + "[") }
  }

  private func place(of path: String, mark: Mark?) -> String? {
    var around = path
    while true {
      if let text = overrides[around] { return "--set \(text)" }
      if let mark = mark ?? marks[around] { return "line \(mark.line), column \(mark.column)" }
      guard let end = around.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      around = String(around[..<end])
    }
  }
}

/// `parent.key`, or the key alone at the top.
func join(_ parent: String, _ key: String) -> String {
  parent.isEmpty ? key : "\(parent).\(key)"
}
