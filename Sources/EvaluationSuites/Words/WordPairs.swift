/// Every "adjective-noun" of the word lists in the order of its bytes, without a list of all six million.
public struct WordPairs: RandomAccessCollection, Sendable {
  /// Adjectives whose pairs stand together: one, or several where one begins the others (`x`, `x-rated`).
  private struct Group {
    var start: Int
    var adjectives: [String]
  }
  private let groups: [Group]
  private let nouns: [String]
  public let startIndex = 0
  public let endIndex: Int

  /// The pairs of the built-in lists: 6,171,620.
  public static let all = WordPairs(adjectives: WordLists.adjectives, nouns: WordLists.nouns)

  init(adjectives: [String], nouns: [String]) {
    self.nouns = Set(nouns).inByteOrder()
    var groups: [Group] = [], count = 0
    for adjective in Set(adjectives.map { $0 + "-" }).inByteOrder() {
      if let last = groups.last, adjective.hasPrefix(last.adjectives[0]) {
        groups[groups.count - 1].adjectives.append(adjective)
      } else {
        groups.append(Group(start: count, adjectives: [adjective]))
      }
      count += self.nouns.count
    }
    (self.groups, endIndex) = (groups, count)
  }

  public subscript(position: Int) -> String {
    precondition(indices.contains(position), "WordPairs: expected 0..<\(endIndex), got \(position)")
    var low = 0, high = groups.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if groups[middle].start <= position { low = middle } else { high = middle }
    }
    let group = groups[low], place = position - group.start
    guard group.adjectives.count > 1 else { return group.adjectives[0] + nouns[place] }
    return group.adjectives.flatMap { adjective in nouns.map { adjective + $0 } }.inByteOrder()[place]
  }
}
