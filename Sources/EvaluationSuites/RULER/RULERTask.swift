/// The tasks of RULER (Hsieh et al. 2024, arXiv 2404.06654; NVIDIA/RULER, version 1).
public enum RULERTask: String, CaseIterable, Sendable, Codable {
  case niahSingle1 = "niah_single_1"
  case niahSingle2 = "niah_single_2"
  case niahSingle3 = "niah_single_3"
  case niahMultikey1 = "niah_multikey_1"
  case niahMultikey2 = "niah_multikey_2"
  case niahMultikey3 = "niah_multikey_3"
  case niahMultivalue = "niah_multivalue"
  case niahMultiquery = "niah_multiquery"
  case variableTracking = "vt"
  case commonWords = "cwe"
  case frequentWords = "fwe"
  /// Questions on SQuAD 2.0 paragraphs; needs the user's file.
  case squad = "qa_1"
  /// Questions on HotpotQA paragraphs; needs the user's file.
  case hotpot = "qa_2"

  /// The tasks that need no file.
  public static let generated = allCases.filter { $0 != .squad && $0 != .hotpot }

  /// Tokens left for the answer.
  public var answerTokens: Int {
    switch self {
    case .variableTracking: 30
    case .commonWords: 120
    case .frequentWords: 50
    case .squad, .hotpot: 32
    default: 128
    }
  }

  /// How its answers are scored.
  public var scoring: ScoringRule { self == .squad || self == .hotpot ? .anyContained : .allContained }

  /// What its needles look like; nil for other tasks.
  var needles: RULERNeedles? {
    switch self {
    case .niahSingle1: RULERNeedles(.noise, value: .number)
    case .niahSingle2: RULERNeedles(.essay, value: .number)
    case .niahSingle3: RULERNeedles(.essay, value: .uuid)
    case .niahMultikey1: RULERNeedles(.essay, value: .number, keys: 4)
    case .niahMultikey2: RULERNeedles(.needles, value: .number)
    case .niahMultikey3: RULERNeedles(.needles, key: .uuid, value: .uuid)
    case .niahMultivalue: RULERNeedles(.essay, value: .number, values: 4)
    case .niahMultiquery: RULERNeedles(.essay, value: .number, keys: 4, queries: 4)
    default: nil
    }
  }
}

/// The kinds of needles of one RULER task.
struct RULERNeedles: Sendable {
  enum Haystack: Sendable { case noise, essay, needles }
  enum Content: String, Sendable { case word = "words", number = "numbers", uuid = "uuids" }
  var haystack: Haystack
  var key = Content.word
  var value: Content
  var keys = 1, values = 1, queries = 1

  init(
    _ haystack: Haystack, key: Content = .word, value: Content, keys: Int = 1, values: Int = 1, queries: Int = 1
  ) {
    (self.haystack, self.key, self.value) = (haystack, key, value)
    (self.keys, self.values, self.queries) = (keys, values, queries)
  }
}

/// One example of a RULER task.
struct RULERExample {
  var prompt: Prompt
  var answers: [String]
}

enum RULERTexts {
  static let noise = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again."
}
