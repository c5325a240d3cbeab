/// EasyContext's needle (Zhang 2024, eval_needle.py): a number, found when greedy decoding goes on with it.
struct NumberNeedle: Needle {
  static let cities = ["New York", "London", "Paris", "Tokyo", "Beijing", "Berlin"]
  let scoring = ScoringRule.beginning
  let answerTokens = 12
  private let number: Int
  /// A number and where it stands, as a part of the text.
  private let distractors: [(city: String, number: Int, place: Double)]

  /// - Parameters:
  ///   - seed: NumPy's; EasyContext has 24242424.
  ///   - sample: each has another number, the same at every length and depth.
  init(seed: Int, sample: Int, distractors count: Int) {
    var random = NumPyRandom(seed: UInt32(truncatingIfNeeded: seed))
    number = (0...sample).reduce(0) { _, _ in random.integer(in: 0..<10_000_000) }
    var others = PythonRandom(seed: seed, for: "distractors/\(sample)")
    distractors = (0..<count).map { index in
      (Self.cities[index % Self.cities.count], others.below(10_000_000), others.unit())
    }
  }

  var expected: [String] { [String(number)] }

  func prompt(hidingIn text: HaystackText, depth: Double) -> Prompt {
    var text = text
    let count = text.words.count
    text.insert(Self.sentence("Singapore", number), at: text.place(after: Int(Double(count) * depth / 100)))
    for other in distractors {
      let start = Int(Double(text.words.count) * other.place)
      text.insert(Self.sentence(other.city, other.number), at: text.place(after: start))
    }
    return Prompt(
      user: "This is a very long story book: <book>" + text.text + "</book>.\n Based on the content of the book, "
        + "Question: What is the special magic Singapore number?",
      answerStart: "Answer: The special magic Singapore number is:",
      plainEnd: " Answer: The special magic Singapore number is:")
  }

  private static func sentence(_ city: String, _ number: Int) -> String {
    "\nThe special magic \(city) number is: \(number).\n"
  }
}
