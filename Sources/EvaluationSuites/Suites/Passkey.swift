import RandomNumbers

/// The passkey test of Mohtashami & Jaggi (2023, arXiv 2305.16300): a number stands somewhere in filler text and
/// is asked for at the end. Words as in their code, the filler cut by sentences.
public struct Passkey: Equatable, Sendable {
  /// The number to find, 1 to 50,000.
  public let key: Int
  /// Where it stands: 0 at the beginning, 1 at the end.
  public let depth: Double
  /// The prompt up to the question, for the user's turn.
  public let text: String
  /// How the answer begins: the start of the assistant's turn, or the end of a plain prompt.
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

  /// The longest test whose prompt has at most `length` tokens; nil if even the shortest has more.
  ///
  /// - Parameters:
  ///   - number: chooses the key; the same number gives the same key everywhere.
  ///   - tokens: how many tokens the prompt of a test has.
  /// - Throws: what `tokens` throws.
  public static func fitting(
    _ length: Int, depth: Double, number: Int, tokens: (Passkey) throws -> Int
  ) rethrows -> Passkey? {
    var numbers = SplitMix64(seed: UInt64(number.magnitude) &* SplitMix64.increment)
    let key = Int(numbers.next() % 50_000) + 1
    // A sentence has a token at least.
    let sentences = try greatestSize(in: 0...max(0, length), fitting: length) { sentences in
      try tokens(Passkey(key: key, depth: depth, sentences: sentences))
    }
    return sentences.map { Passkey(key: key, depth: depth, sentences: $0) }
  }

  /// What a model is asked.
  public var prompt: Prompt { Prompt(user: text, answerStart: Self.answerStart, plainEnd: " " + Self.answerStart) }

  /// The number that chooses the key of a test among `depths` depths and any number of samples.
  public static func number(seed: Int, sample: Int, depth index: Int, of depths: Int) -> Int {
    (seed &* 1_000_003) &+ sample &* depths &+ index
  }

  /// Tokens left for the answer, as in the test's own code.
  public static let answerTokens = 10
}
