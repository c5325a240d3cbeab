/// RULER's needles in a haystack: keys with values among noise, text or other needles.
struct RULERNeedleGenerator: RULERGenerator {
  let needles: RULERNeedles
  let haystack: Haystack
  let step: Int
  private let seed: Int
  private var random: PythonRandom

  private static let question =
    "\nWhat are all the special magic {type} for {query} mentioned in the provided text?"
  private static let header =
    "Some special magic {type} are hidden within the following text. Make sure to memorize it. "
    + "I will quiz you about the {type} afterwards.\n"
  private static let answerStart = " The special magic {type} for {query} mentioned in the provided text are"
  /// Where needles may stand in a text, in per cent: forty places, spread evenly.
  private static let depths = (0..<40).map { (Double($0) * 100 / 39).rounded(.toNearestOrEven) }

  init(_ needles: RULERNeedles, haystack: Haystack, length: Int, seed: Int) {
    (self.needles, self.haystack, self.seed) = (needles, haystack, seed)
    random = PythonRandom(seed: seed)
    step = needles.haystack == .essay ? 500 : length < 4096 ? 5 : 25
  }

  mutating func example(size: Int) -> RULERExample {
    var keys: [String] = [], values: [[String]] = [], sentences: [String] = []
    for _ in 0..<needles.keys {
      keys.append(draw(needles.key))
      values.append([])
      for _ in 0..<needles.values {
        values[values.count - 1].append(draw(needles.value))
        sentences.append(sentence(keys[keys.count - 1], values[values.count - 1].last ?? ""))
      }
    }
    // A generator of its own: the order of needles is the same in every example.
    var order = PythonRandom(seed: seed)
    order.shuffle(&sentences)
    let context = context(size: size, sentences)

    let asked = random.sample(needles.queries, below: keys.count)
    let queries = asked.map { keys[$0] }
    let query =
      queries.count > 1
      ? queries.dropLast().joined(separator: ", ") + ", and " + queries[queries.count - 1] : queries[0]
    func filled(_ template: String) -> String {
      var template = template, type = needles.value.rawValue
      if needles.queries * needles.values == 1 {
        for (plural, singular) in [("Some", "A"), ("are all", "is"), ("are", "is"), ("answers", "answer")] {
          template = template.replacingAll(plural, with: singular)
        }
        type.removeLast()
      }
      return template.replacingAll("{type}", with: type).replacingAll("{query}", with: query)
    }
    return RULERExample(
      prompt: Prompt(
        user: filled(Self.header) + context + filled(Self.question), answerStart: filled(Self.answerStart)),
      answers: asked.flatMap { values[$0] })
  }

  private mutating func context(size: Int, _ sentences: [String]) -> String {
    guard needles.haystack != .essay else {
      let text = haystack.sentences(words: size)
      let places = random.sample(sentences.count, below: Self.depths.count)
        .map { Int(Double(text.count) * (Self.depths[$0] / 100)) }.sorted()
      var parts: [String] = [], start = 0
      for (place, sentence) in zip(places, sentences) {
        parts += [text[start..<place].joined(separator: " "), sentence]
        start = place
      }
      return (parts + [text[start...].joined(separator: " ")]).joined(separator: " ")
    }
    var lines =
      needles.haystack == .noise
      ? Array(repeating: RULERTexts.noise, count: size)
      : (0..<size).map { _ in
        let key = draw(needles.key)
        return sentence(key, draw(needles.value))
      }
    let places = random.sample(min(sentences.count, size), below: size).sorted(by: >)
    for (place, sentence) in zip(places, sentences) { lines.insert(sentence, at: place) }
    return lines.joined(separator: "\n")
  }

  private func sentence(_ key: String, _ value: String) -> String {
    "One of the special magic \(needles.value.rawValue) for \(key) is: \(value)."
  }

  private mutating func draw(_ content: RULERNeedles.Content) -> String {
    switch content {
    case .word: random.choice(WordPairs.all)
    case .number: String(random.integer(in: 1_000_000...9_999_999))
    case .uuid: random.uuid()
    }
  }
}
