/// The record of one LongEval lines test (LongChat, Li et al. 2023): keys and numbers, one of which is asked for.
public struct LongEvalLines: Equatable, Sendable {
  private static let header =
    "Below is a record of lines I want you to remember. Each line begins with 'line <line index>' and contains a "
    + "'<REGISTER_CONTENT>' at the end of the line as a numerical value. For each line index, memorize its "
    + "corresponding <REGISTER_CONTENT>. At the end of the record, I will ask you to retrieve the corresponding "
    + "<REGISTER_CONTENT> of a certain line index. Now the record start:\n\n"
  /// Of each line; as many as numbers.
  public let keys: [String]
  public let numbers: [Int]

  public init(keys: [String], numbers: [Int]) {
    precondition(
      !keys.isEmpty && keys.count == numbers.count, "LongEvalLines: got \(keys.count) keys, \(numbers.count) numbers")
    (self.keys, self.numbers) = (keys, numbers)
  }

  /// A record of the word lists: as LongChat draws them while no adjective has to come twice, else different pairs.
  ///
  /// - Parameter count: 1 to 6,171,620 lines.
  init(count: Int, random: inout PythonRandom) {
    let adjectives = WordLists.adjectives, nouns = WordLists.nouns
    if count <= adjectives.count {
      let first = random.sample(count, below: adjectives.count), second = random.sample(count, below: nouns.count)
      keys = zip(first, second).map { "\(adjectives[$0])-\(nouns[$1])" }
    } else {
      keys = random.sample(count, below: WordPairs.all.count).map { WordPairs.all[$0] }
    }
    numbers = keys.map { _ in random.integer(in: 1...50_000) }
  }

  /// The question for the line at an index. The end is that of LongChat's present generator; the files with up to 680
  /// lines have one more space.
  public func prompt(asking index: Int) -> Prompt {
    let record = zip(keys, numbers).map { "line \($0): REGISTER_CONTENT is <\($1)>\n" }.joined()
    return Prompt(
      user: Self.header + record
        + "\nNow the record is over. Tell me what is the <REGISTER_CONTENT> in line \(keys[index])? I need the number.",
      plainEnd: "Line <\(keys[index])>: <REGISTER_CONTENT> is")
  }
}
