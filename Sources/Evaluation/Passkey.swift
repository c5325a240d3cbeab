public import LlamaModel
public import Tokenization

/// The passkey test of Mohtashami & Jaggi (2023, arXiv 2305.16300): a number stands somewhere in filler text and
/// is asked for at the end. Words as in their code, the filler cut by sentences.
public struct Passkey: Equatable, Sendable {
  /// The number to find, 1 to 50,000.
  public let key: Int
  /// Where it stands: 0 at the beginning, 1 at the end.
  public let depth: Double
  /// The prompt up to the question, for the user's turn.
  public let text: String
  /// Where the answer begins: the start of the assistant's turn, or the end of a plain prompt.
  public static let answerStart = "The pass key is"

  private static let header =
    "There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. "
    + "I will quiz you about the important information there."
  private static let filler = [
    "The grass is green.", "The sky is blue.", "The sun is yellow.", "Here we go.", "There and back again.",
  ]

  /// The text with so many sentences of filler.
  init(key: Int, depth: Double, sentences: Int) {
    (self.key, self.depth) = (key, depth)
    let before = Int((depth * Double(sentences)).rounded())
    func sentence(_ range: Range<Int>) -> String {
      range.map { Self.filler[$0 % Self.filler.count] }.joined(separator: " ")
    }
    let needle = "The pass key is \(key). Remember it. \(key) is the pass key."
    text = [Self.header, sentence(0..<before), needle, sentence(before..<sentences), "What is the pass key?"]
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The longest test whose prompt, as `tokens` forms it, has at most `length` tokens; nil if even the shortest has
  /// more.
  ///
  /// - Parameter number: chooses the key; the same number gives the same key everywhere.
  /// - Throws: what `tokens` throws.
  static func fitting<E: Error>(
    _ length: Int, depth: Double, number: Int, tokens: (Passkey) throws(E) -> [TokenID]
  ) throws(E) -> (test: Passkey, prompt: [TokenID])? {
    let key = Int(mixed(UInt64(number.magnitude)) % 50_000) + 1
    func made(_ sentences: Int) throws(E) -> (test: Passkey, prompt: [TokenID]) {
      let test = Passkey(key: key, depth: depth, sentences: sentences)
      return (test, try tokens(test))
    }
    var best = try made(0)
    guard best.prompt.count <= length else { return nil }
    // Sentences have about as many tokens each, so the right number is near; then one by one.
    let sample = try made(50), perSentence = max(1, Double(sample.prompt.count - best.prompt.count) / 50)
    var sentences = Int(Double(length - best.prompt.count) / perSentence)
    while sentences > 0, try made(sentences).prompt.count > length { sentences -= max(1, sentences / 200) }
    if sentences > 0 { best = try made(sentences) }
    // A chat template may cut long texts short: then a sentence more brings no token more, and this is the longest.
    while case let longer = try made(sentences + 1), longer.prompt.count <= length,
      longer.prompt.count > best.prompt.count
    {
      (best, sentences) = (longer, sentences + 1)
    }
    return best
  }

  /// Whether the first whole number of an answer is the key.
  func accepts(_ answer: String) -> Bool {
    let digits = answer.drop { !$0.isNumber }.prefix { $0.isNumber }
    return Int(digits) == key
  }

  /// SplitMix64's output function (Steele et al. 2014).
  private static func mixed(_ number: UInt64) -> UInt64 {
    var z = (number &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// One answered passkey test.
public struct PasskeyAnswer: Equatable, Sendable {
  public var test: Passkey
  public var promptTokens: Int
  public var answer: String
  public var isCorrect: Bool
}

extension Llama {
  /// Tokens left for the answer, as in the test's own code.
  private static var answerTokens: Int { 10 }

  /// Asks for `samples` numbers at each depth, in prompts that fill `context` tokens.
  ///
  /// - Parameters:
  ///   - prompt: the token ids of a test as this model is asked it, up to and with `Passkey.answerStart`.
  ///   - onAnswer: sees each answer as it comes; false ends the test.
  /// - Throws: what `prompt` throws.
  public func passkeyAnswers<E: Error>(
    context: Int, depths: [Double], samples: Int, seed: Int, tokenizer: Tokenizer,
    prompt: (Passkey) throws(E) -> [TokenID], onAnswer: (PasskeyAnswer) -> Bool = { _ in true }
  ) throws(E) -> [PasskeyAnswer] {
    let model = frozen()
    var answers: [PasskeyAnswer] = []
    for sample in 0..<samples {
      for (index, depth) in depths.enumerated() {
        let number = (seed &* 1_000_003) &+ sample &* depths.count &+ index
        guard
          let (test, tokens) = try Passkey.fitting(
            context - Self.answerTokens, depth: depth, number: number, tokens: prompt)
        else { return answers }
        let generated = model.generateGreedily(
          after: tokens, maximumTokens: Self.answerTokens, context: context, stoppingAt: tokenizer.stopTokens)
        let text = tokenizer.decode(generated.tokens.map(\.id))
        answers.append(
          PasskeyAnswer(test: test, promptTokens: tokens.count, answer: text, isCorrect: test.accepts(text)))
        if !onAnswer(answers[answers.count - 1]) { return answers }
      }
    }
    return answers
  }
}
