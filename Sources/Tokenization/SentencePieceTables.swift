/// Builds what `SentencePieceBPE` looks up: characters as symbols, and pairs of symbols that make a token.
struct SentencePieceTables {
  private struct Entry {
    var id: TokenID
    var text: [UInt8]
    var score: Float
    /// Where the characters begin, and the end.
    var cuts: [Int]
    var scalars: [UInt32]
  }

  private var entries: [Entry] = []
  private var nextPart: Int32
  private(set) var commonSymbols = ContiguousArray<Int32>(repeating: -1, count: 0x10000)
  private(set) var rareSymbols: [UInt32: Int32] = [:]
  /// Whether some token has `▁` after another character.
  private(set) var hasSpaceInside = false

  /// Characters that are parts of tokens but no tokens themselves are numbered from `firstPart`.
  init(firstPart: Int32) { nextPart = firstPart }

  mutating func add(_ id: TokenID, _ text: String, score: Float) {
    var entry = Entry(id: id, text: Array(text.utf8), score: score, cuts: [0], scalars: [])
    for scalar in text.unicodeScalars {
      if scalar == "\u{2581}", let last = entry.scalars.last, last != 0x2581 { hasSpaceInside = true }
      entry.scalars.append(scalar.value)
      entry.cuts.append((entry.cuts.last ?? 0) + UTF8.width(scalar))
    }
    if entry.scalars.count == 1 { setSymbol(entry.scalars[0], id) } else { entries.append(entry) }
  }

  /// All ways in which two symbols make a token, ranked by falling score; equal scores have equal ranks.
  mutating func mergeTable(_ vocabulary: Vocabulary) -> MergeTable {
    for entry in entries {
      for scalar in entry.scalars where symbol(of: scalar) < 0 {
        setSymbol(scalar, nextPart)
        nextPart += 1
      }
    }
    var ids = ByteStringTable(capacity: entries.count)
    for entry in entries { _ = ids.insert(entry.text.span, entry.id) }
    let scores = Set(entries.map(\.score)).sorted(by: >)
    let ranks = Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($1, UInt32($0)) })
    var table = MergeTable(capacity: 2 * entries.count)
    for entry in entries {
      let merge = Merge(rank: ranks[entry.score] ?? 0, result: entry.id)
      let count = entry.scalars.count
      for cut in 1..<max(count, 1) {
        let left = cut == 1 ? symbol(of: entry.scalars[0]) : ids.find(entry.text.span, 0..<entry.cuts[cut])
        let right =
          cut == count - 1
          ? symbol(of: entry.scalars[cut]) : ids.find(entry.text.span, entry.cuts[cut]..<entry.text.count)
        if let left, let right { table.insert(left, right, merge) }
      }
    }
    return table
  }

  private func symbol(of scalar: UInt32) -> Int32 {
    scalar < commonSymbols.count ? commonSymbols[Int(scalar)] : rareSymbols[scalar] ?? -1
  }

  private mutating func setSymbol(_ scalar: UInt32, _ symbol: Int32) {
    if scalar < commonSymbols.count { commonSymbols[Int(scalar)] = symbol } else { rareSymbols[scalar] = symbol }
  }
}

extension SentencePieceTables {
  /// The merges that the scores of a vocabulary stand for, as a list: every cut of a token into two tokens, by falling
  /// score, then by the ids of the parts.
  static func merges(of description: TokenizerDescription) -> [String] {
    struct Candidate {
      var score: Float
      var left: TokenID
      var right: TokenID
    }
    var ids = ByteStringTable(capacity: description.tokens.count)
    func isText(_ index: Int) -> Bool { [.normal, .userDefined, .unused].contains(description.tokenTypes[index]) }
    for (index, text) in description.tokens.enumerated() where isText(index) && !text.isEmpty {
      _ = ids.insert(text.utf8.span, TokenID(index))
    }
    var candidates: [Candidate] = []
    for (index, text) in description.tokens.enumerated() where isText(index) {
      let bytes = Array(text.utf8)
      for cut in bytes.indices.dropFirst() where bytes[cut] & 0xC0 != 0x80 {
        if let left = ids.find(bytes.span, 0..<cut), let right = ids.find(bytes.span, cut..<bytes.count) {
          candidates.append(Candidate(score: description.scores[index], left: left, right: right))
        }
      }
    }
    candidates.sort { ($1.score, $0.left, $0.right) < ($0.score, $1.left, $1.right) }
    return candidates.map { "\(description.tokens[Int($0.left)]) \(description.tokens[Int($0.right)])" }
  }
}
