/// RULER's common words extraction: a list in which ten words come more often, after one solved example.
struct RULERCommonWordsGenerator: RULERGenerator {
  let step = 10
  private let isShort: Bool
  private let seed: Int
  private let words: [String]
  private var random: PythonRandom

  private static let common = 10
  private static let answerStart = " Answer: The top 10 words that appear most often in the list are:"

  init(length: Int, seed: Int) {
    (isShort, self.seed) = (length < 4096, seed)
    var words = WordLists.all, order = PythonRandom(seed: seed)
    order.shuffle(&words)
    self.words = words
    random = PythonRandom(seed: seed)
  }

  mutating func searchLimit(length: Int, counter: TokenCounter) throws -> Int {
    let perWord = Double(try counter.prompt(example(size: 4096).prompt)) / 4096
    return max(Int((Double(length) / max(perWord, 1e-6)).rounded(.down)) * 2, step * 2)
  }

  mutating func example(size: Int) -> RULERExample {
    let solved = isShort ? list(20, common: 3, others: 1) : list(40, common: 10, others: 3)
    let asked = isShort ? list(size, common: 6, others: 1) : list(size, common: 30, others: 3)
    return RULERExample(
      prompt: Prompt(
        user: Self.task(solved.text) + Self.answerStart + " " + Self.numbered(solved.common) + "\n"
          + Self.task(asked.text),
        answerStart: Self.answerStart),
      answers: asked.common)
  }

  /// So many different words, each as often as asked, in an order that depends on the seed alone.
  private mutating func list(_ count: Int, common: Int, others: Int) -> (text: String, common: [String]) {
    // RULER takes another list of English words where its own are too few; here it is the pairs of words.
    let drawn =
      count <= words.count
      ? random.sample(count, below: words.count).map { words[$0] }
      : random.sample(min(count, WordPairs.all.count), below: WordPairs.all.count).map { WordPairs.all[$0] }
    let (most, rest) = (Array(drawn.prefix(Self.common)), Array(drawn.dropFirst(Self.common)))
    var list = Array(repeating: most, count: common).flatMap { $0 }
    for _ in 0..<others { list += rest }
    var order = PythonRandom(seed: seed)
    order.shuffle(&list)
    return (Self.numbered(list), most)
  }

  private static func numbered(_ words: [String]) -> String {
    words.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: " ")
  }

  private static func task(_ list: String) -> String {
    "Below is a numbered list of words. In these words, some appear more often than others. "
      + "Memorize the ones that appear most often.\n\(list)\n"
      + "Question: What are the 10 most common words in the above list?"
  }
}
