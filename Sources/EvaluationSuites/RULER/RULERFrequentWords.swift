import Foundation

/// RULER's frequent words extraction: coded words whose frequencies follow a zeta distribution.
///
/// Its sizes are found otherwise than those of the other tasks: by growing in steps of a thirty-second of the length.
struct RULERFrequentWords {
  private let limit: Int
  private let seed: Int
  private var random: PythonRandom
  private static let wordLength = 6
  /// Noise and the three words asked for.
  private static let fewest = 4
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz")

  /// - Parameter length: tokens of the prompt and the answer.
  init(length: Int, seed: Int) {
    (limit, self.seed) = (max(0, length - RULERTask.frequentWords.answerTokens), seed)
    random = PythonRandom(seed: seed)
  }

  /// The number of words whose text just fits.
  mutating func size(_ counter: TokenCounter) throws -> Int {
    let vocabulary = vocabulary(), step = max(1, limit / 32)
    var words = limit / Self.wordLength
    guard vocabulary.count >= Self.fewest else { return 0 }
    // A word has a token at least, unless a chat template cuts long texts short.
    while words <= limit, try counter.prompt(example(vocabulary, words: words).prompt) < limit { words += step }
    return words - step
  }

  /// The next example; made smaller until it fits, nil where nothing of it is left.
  mutating func example(size: Int, counter: TokenCounter) throws -> (example: RULERExample, tokens: Int)? {
    let vocabulary = vocabulary()
    var words = size
    while words > 0 {
      let example = example(vocabulary, words: words), tokens = try counter.prompt(example.prompt)
      if tokens <= limit { return vocabulary.count >= Self.fewest ? (example, tokens) : nil }
      words -= max(1, limit / 32)
    }
    return nil
  }

  /// Coded words, the most frequent first; the first stands for noise.
  private mutating func vocabulary() -> [String] {
    let size = limit / 50
    var words: [String] = []
    var seen: Set<String> = []
    while words.count < size || seen.count < size {
      let word = random.letters(Self.alphabet, count: Self.wordLength)
      words.append(word)
      seen.insert(word)
    }
    var list = seen.inByteOrder(), order = PythonRandom(seed: seed)
    order.shuffle(&list)
    if !list.isEmpty { list[0] = "..." }
    return list
  }

  private func example(_ vocabulary: [String], words: Int) -> RULERExample {
    var text: [String] = []
    for (rank, word) in vocabulary.enumerated() {
      let share = Double(words) * pow(Double(rank + 1), -2) / 1.6449340668482264  // ζ(2)
      text += Array(repeating: word, count: max(0, Int(share)))
    }
    var order = PythonRandom(seed: seed)
    order.shuffle(&text)
    return RULERExample(
      prompt: Prompt(
        user: "Read the following coded text and track the frequency of each coded word. "
          + "Find the three most frequently appeared coded words. \(text.joined(separator: " "))\n"
          + "Question: Do not provide any explanation. Please ignore the dots '....'. "
          + "What are the three most frequently appeared words in the above coded text?",
        answerStart: " Answer: According to the coded text above, the three most frequently appeared words are:"),
      answers: Array(vocabulary.dropFirst().prefix(3)))
  }
}
