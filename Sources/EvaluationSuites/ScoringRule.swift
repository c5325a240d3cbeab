/// How an answer is compared with what was expected; every score is in 0...1.
public enum ScoringRule: String, Codable, Sendable {
  /// The first run of digits is the expected number (passkey).
  case firstInteger
  /// The last run of digits is the expected number (LongEval lines).
  case lastInteger
  /// The answer begins with the expected text: what teacher-forced exact match means for greedy decoding (EasyContext).
  case beginning
  /// The part of the expected texts that the answer contains, in any case (RULER's string_match_all).
  case allContained
  /// Whether the answer contains any of the expected texts (RULER's string_match_part).
  case anyContained

  /// Whether the score of one answer is always 0 or 1 when so many texts are expected.
  public func isBinary(expecting count: Int) -> Bool { self != .allContained || count == 1 }

  /// The score of an answer.
  public func score(_ answer: String, expecting expected: [String]) -> Double {
    precondition(!expected.isEmpty, "ScoringRule: nothing is expected")
    switch self {
    case .firstInteger: return Self.integers(in: answer).first.map { Self.equal($0, expected[0]) } == true ? 1 : 0
    case .lastInteger: return Self.integers(in: answer).last.map { Self.equal($0, expected[0]) } == true ? 1 : 0
    case .beginning: return answer.drop { $0.isWhitespace }.hasPrefix(expected[0]) ? 1 : 0
    case .allContained:
      let found = Self.contained(expected, in: answer)
      return Double(found) / Double(expected.count)
    case .anyContained: return Self.contained(expected, in: answer) > 0 ? 1 : 0
    }
  }

  /// Runs of ASCII digits.
  private static func integers(in text: String) -> [Substring.UTF8View] {
    text.utf8.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Whether two runs of digits are the same number.
  private static func equal(_ digits: Substring.UTF8View, _ expected: String) -> Bool {
    digits.drop { $0 == UInt8(ascii: "0") }.elementsEqual(expected.utf8.drop { $0 == UInt8(ascii: "0") })
  }

  private static func contained(_ expected: [String], in answer: String) -> Int {
    let text = answer.lowercased()
    return expected.count { text.contains($0.lowercased()) }
  }
}
