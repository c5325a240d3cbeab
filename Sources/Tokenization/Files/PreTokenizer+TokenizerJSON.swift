/// The splits of each pre-tokenizer as `tokenizer.json` writes them.
extension PreTokenizer {
  /// One step before the bytes are taken.
  enum FileStep: Equatable {
    /// `Digits` with `individual_digits`.
    case digits
    /// `Split`, or the pattern that is part of `ByteLevel`.
    case split(String)

    /// By their bytes: Swift takes the Kelvin sign, with which a range of DeepSeek's begins, for a K.
    static func == (left: FileStep, right: FileStep) -> Bool {
      switch (left, right) {
      case (.digits, .digits): true
      case (.split(let left), .split(let right)): left.utf8.elementsEqual(right.utf8)
      default: false
      }
    }
  }

  /// The steps in the spelling that is written.
  var fileSteps: [FileStep] {
    switch self {
    case .smollm: [.digits, .split(Self.gpt2Expression)]
    case .gpt2: [.split(Self.gpt2Expression)]
    case .llamaBPE: [.split(Self.llama3Expression(digits: #"\p{N}{1,3}"#))]
    case .qwen2: [.split(Self.llama3Expression(digits: #"\p{N}"#))]
    case .deepSeekLLM:
      [
        .split("[\r\n]"), .split(#"\s?["# + Self.casedLetters + "]+"), .split(#"\s?["# + Self.punctuationMarks + "]+"),
        .split(#"\s+$"#), .split("[" + Self.eastAsian + "]+"), .digits,
      ]
    case .deepSeekCoder:
      [
        .split("[\r\n]"), .split(#"\s?\p{L}+"#), .split(#"\s?\p{P}+"#), .split("[" + Self.eastAsian + "]+"), .digits,
      ]
    case .tekken: [.split(Self.tekkenExpression)]
    case .default:
      [
        .split(#"[\p{P}\$\+<=>\^~\|]+"#), .split(Self.gpt2Expression), .split(#"\p{N}+"#), .split("[0-9][0-9][0-9]"),
      ]
    }
  }

  /// The pre-tokenizer with these steps, in any spelling that is known.
  init?(fileSteps: [FileStep]) {
    let spelled = fileSteps.enumerated().map { index, step in
      switch step {
      case .split(let expression) where fileSteps.count > 1 && index == 0 && expression == #"\p{N}"#: FileStep.digits
      case .split(let expression): FileStep.split(Self.otherSpellings[expression] ?? expression)
      case .digits: step
      }
    }
    guard let found = Self.allCases.first(where: { $0.fileSteps == spelled }) else { return nil }
    self = found
  }

  /// The pattern that `ByteLevel` has built in.
  static let gpt2Expression = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private static func llama3Expression(digits: String, contractions: String = "(?i:'s|'t|'re|'ve|'m|'ll|'d)") -> String
  {
    contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// Without the contractions of Llama 3, and with words cut where a small letter meets a capital.
  private static let tekkenExpression =
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
    + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"#
    + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Expressions that mean the same as one above.
  private static let otherSpellings: [String: String] = {
    var spellings = [
      #"[\r\n]"#: "[\r\n]",
      #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: gpt2Expression,
      #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#: gpt2Expression,
    ]
    for digits in [#"\p{N}{1,3}"#, #"\p{N}"#] {
      let written = llama3Expression(digits: digits)
      for contractions in [
        "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
        "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])", "'(?i:[sdmt]|ll|ve|re)",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
      ] { spellings[llama3Expression(digits: digits, contractions: contractions)] = written }
    }
    return spellings
  }()
}
