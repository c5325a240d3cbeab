import EvaluationSuites
import Testing

struct ScoringTests {
  struct Case {
    var rule: ScoringRule, answer: String, expected: [String], score: Double
    init(_ rule: ScoringRule, _ answer: String, _ expected: [String], _ score: Double) {
      (self.rule, self.answer, self.expected, self.score) = (rule, answer, expected, score)
    }
  }
  static let cases: [Case] = [
    Case(.firstInteger, "the key is 12345, or 7", ["12345"], 1.0), Case(.firstInteger, "7 or 12345", ["12345"], 0),
    Case(.firstInteger, "012345", ["12345"], 1), Case(.firstInteger, "none", ["12345"], 0),
    Case(.firstInteger, "", ["0"], 0),
    Case(.firstInteger, "99999999999999999999999999", ["12345"], 0), Case(.firstInteger, "000", ["0"], 1),
    Case(.lastInteger, "line 7 is <2416>.", ["2416"], 1), Case(.lastInteger, "<2416> <46,323,567,983", ["2416"], 0),
    Case(.lastInteger, "no number", ["2416"], 0), Case(.beginning, "\n 2965478.", ["2965478"], 1),
    Case(.beginning, "It is 2965478", ["2965478"], 0), Case(.beginning, "29654781", ["2965478"], 1),
    Case(.allContained, "FIGS and goat Cheese", ["figs", "prosciutto", "goat cheese"], 2.0 / 3),
    Case(.allContained, "", ["a"], 0),
    Case(.anyContained, "in Paris, France", ["London", "paris"], 1),
    Case(.anyContained, "Rome", ["London", "Paris"], 0),
  ]

  @Test(arguments: cases) func `answers are scored by their rule`(test: Case) {
    #expect(abs(test.rule.score(test.answer, expecting: test.expected) - test.score) < 1e-12)
  }

  @Test func `control characters of an answer become line ends`() {
    #expect(" \t a\u{1}b\r\u{0} ".cleanedAnswer == "a\nb")
    #expect("".cleanedAnswer == "")
  }
}
