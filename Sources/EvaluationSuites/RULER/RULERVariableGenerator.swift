/// RULER's variable tracking: a chain of assignments among noise, after one solved example.
struct RULERVariableGenerator: RULERGenerator {
  /// A solved example that stands before the task; nil while that example itself is made.
  private(set) var solved: String?
  let step: Int
  private var random: PythonRandom
  private var numbers: NumPyRandom

  private static let hops = 4
  private static let exampleValue = "12345", exampleLength = 500
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

  /// - Throws: what counting tokens throws.
  init(length: Int, seed: Int, counter: TokenCounter) throws {
    self.init(step: 5, random: PythonRandom(seed: seed), numbers: NumPyRandom(seed: UInt32(truncatingIfNeeded: seed)))
    let size = try size(fitting: Self.exampleLength, answerTokens: 0, counter: counter)
    let drawn =
      try example(size: size, fitting: Self.exampleLength, answerTokens: 0, counter: counter)?.example
      ?? example(size: step)
    let solved = drawn.prompt.user + drawn.prompt.answerStart + " " + drawn.answers.joined(separator: " ") + "\n"
    self.init(step: length < 4096 ? 5 : 10, random: random, numbers: numbers)
    self.solved = solved
  }

  private init(step: Int, random: PythonRandom, numbers: NumPyRandom) {
    (self.step, self.random, self.numbers) = (step, random, numbers)
  }

  mutating func example(size: Int) -> RULERExample {
    let isSolved = solved == nil
    var names: [String] = []
    for _ in 0...Self.hops { names.append(random.letters(Self.alphabet, count: isSolved ? 3 : 5)) }
    while Set(names).count < Self.hops + 1 { names.append(random.letters(Self.alphabet, count: isSolved ? 3 : 5)) }
    var seen: Set<String> = []
    names = names.filter { seen.insert($0).inserted }
    let value = isSolved ? Self.exampleValue : String(numbers.integer(in: 10_000..<99_999))
    let chain = ["VAR \(names[0]) = \(value)"] + zip(names.dropFirst(), names).map { "VAR \($0) = VAR \($1) " }
    var lines = Array(repeating: RULERTexts.noise, count: size)
    let places = random.sample(min(chain.count, size), below: size).sorted()
    for (index, (place, line)) in zip(places, chain).enumerated() { lines.insert(line, at: place + index) }
    return RULERExample(
      prompt: Prompt(
        user: "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n"
          + lines.joined(separator: "\n")
          + "\nQuestion: Find all variables that are assigned the value \(value) in the text above.",
        answerStart: " Answer: According to the chain(s) of variable assignment in the text above, "
          + "\(Self.hops + 1) variables are assigned the value \(value), they are: "),
      answers: names)
  }

  func extraTokens(_ counter: TokenCounter) throws -> Int { try solved.map(counter.text) ?? 0 }

  /// The solved example with new names and a new value goes before the task.
  mutating func finished(_ example: RULERExample) -> RULERExample {
    guard var text = solved else { return example }
    for name in text.splitAtWhitespace().suffix(Self.hops + 1) {
      text = text.replacingAll(name, with: random.letters(Self.alphabet, count: name.count))
    }
    text = text.replacingAll(Self.exampleValue, with: String(numbers.integer(in: 10_000..<99_999)))
    var finished = example
    finished.prompt.user = text + "\n" + example.prompt.user
    return finished
  }
}
