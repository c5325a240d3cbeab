/// One step of a pre-tokenizer: a pattern and what its matches mean.
struct SplitStep {
  let pattern: String
  /// Whether the matches cover all text, one after the other; else the text between matches is a piece as well.
  let coversAllText: Bool
}

extension PreTokenizer {
  /// The steps in order; each step cuts every piece of the step before, and sees the end of a piece as end of text.
  ///
  /// Sources: `tokenizer.json` of GPT-2, Llama 3, Qwen 2, SmolLM2, DeepSeek-LLM, DeepSeek-Coder and Mistral Nemo, and
  /// llama.cpp for `default`. Two things differ from the letter of those patterns, so that the result is that of llama.cpp: white space is listed (PCRE2's `\s`
  /// also takes U+180E), and letters, numbers and marks of Unicode 15.1 are added to PCRE2's Unicode 14.
  var steps: [SplitStep] {
    switch self {
    case .smollm:
      // Digits alone, then GPT-2, in one pass: white space before a digit ends its piece, hence `#` in the look-ahead.
      [covering("'(?:[stmd]|re|ve|ll)| ?[@]+|[#]| ?[^~@#]+|[~]+(?![^~#])|[~]+")]
    case .gpt2: [covering(Self.gpt2Pattern)]
    case .llamaBPE: [covering(Self.llama3Pattern(digits: "[#]{1,3}"))]
    case .qwen2: [covering(Self.llama3Pattern(digits: "[#]"))]
    case .deepSeekLLM:
      [
        separating("[\r\n]"), separating("[~]?[\(Self.casedLetters)]+"),
        separating("[~]?[\(Self.punctuationMarks.replacing("~", with: #"\~"#))]+"),
        // White space at the end; each run of it is tried once, from its beginning.
        separating(#"(?:\G|(?<![~]))[~]++\z"#), separating("[\(Self.eastAsian)]+"), separating("[#]"),
      ]
    case .deepSeekCoder:
      [
        separating("[\r\n]"), separating("[~]?[@]+"), separating("[~]?[&]+"), separating("[\(Self.eastAsian)]+"),
        separating("[#]"),
      ]
    case .tekken:
      [
        covering(
          #"[^\r\n@#]?[%]*[_]+|[^\r\n@#]?[%]+[_]*|[#]| ?[^~@#]+[\r\n/]*|[~]*[\r\n]+|[~]+(?![^~])|[~]+"#)
      ]
    case .default:
      [
        separating(#"[&\$\+<=>\^\~\|]+"#), covering(Self.gpt2Pattern), separating("[#]+"),
        separating("[0-9][0-9][0-9]"),
      ]
    }
  }

  private static let gpt2Pattern = "'(?:[stmd]|re|ve|ll)| ?[@]+| ?[#]+| ?[^~@#]+|[~]+(?![^~])|[~]+"

  private static func llama3Pattern(digits: String) -> String {
    #"'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])|[^\r\n@#]?[@]+|"# + digits
      + #"| ?[^~@#]+[\r\n]*|[~]*[\r\n]+|[~]+(?![^~])|[~]+"#
  }

  private func covering(_ short: String) -> SplitStep { SplitStep(pattern: Self.spelled(short), coversAllText: true) }
  private func separating(_ short: String) -> SplitStep {
    SplitStep(pattern: Self.spelled(short), coversAllText: false)
  }

  /// Writes out the one-character class names: `@` letters, `#` numbers, `&` punctuation, `~` white space; of letters
  /// and marks `%` all but small letters, `_` all but capitals.
  private static func spelled(_ short: String) -> String {
    var long = ""
    var escaped = false
    for character in short {
      switch character {
      case "@" where !escaped: long += letters
      case "#" where !escaped: long += numbers
      case "&" where !escaped: long += punctuation
      case "~" where !escaped: long += whiteSpace
      case "%": long += #"\p{Lu}\p{Lt}"# + caseless
      case "_": long += #"\p{Ll}\x{1DF25}-\x{1DF2A}"# + caseless
      default: long.append(character)
      }
      escaped = character == #"\"# && !escaped
    }
    return long
  }

  private static let letters = #"\p{L}\x{1DF25}-\x{1DF2A}"# + newLetters
  /// Those without case that PCRE2 does not know.
  private static let newLetters =
    #"\x{1123F}\x{11240}\x{11F02}\x{11F04}-\x{11F10}\x{11F12}-\x{11F33}\x{1342F}\x{13441}-\x{13446}\x{1B132}"#
    + #"\x{1B155}\x{1E030}-\x{1E06D}\x{1E4D0}-\x{1E4EB}\x{2B739}\x{2EBF0}-\x{2EE5D}\x{31350}-\x{323AF}"#
  /// Letters without case, and marks.
  private static let caseless =
    #"\p{Lm}\p{Lo}\p{M}\x{CF3}\x{ECE}\x{10EFD}-\x{10EFF}\x{11241}\x{11F00}\x{11F01}\x{11F03}\x{11F34}-\x{11F3A}"#
    + #"\x{11F3E}-\x{11F42}\x{13440}\x{13447}-\x{13455}\x{1E08F}\x{1E4EC}-\x{1E4EF}"# + newLetters
  private static let numbers = #"\p{N}\x{11F50}-\x{11F59}\x{1D2C0}-\x{1D2D3}\x{1E4F0}-\x{1E4F9}"#
  private static let punctuation = #"\p{P}\x{11B00}-\x{11B09}\x{11F43}-\x{11F4F}"#
  private static let whiteSpace =
    #"\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"#
}
