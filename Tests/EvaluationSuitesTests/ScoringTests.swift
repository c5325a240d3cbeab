import EvaluationSuites
import Testing

struct ScoringTests {
  @Test(arguments: [
    (ScoringRule.firstInteger, "the key is 12345, or 7", ["12345"], 1.0), (.firstInteger, "7 or 12345", ["12345"], 0),
    (.firstInteger, "012345", ["12345"], 1), (.firstInteger, "none", ["12345"], 0), (.firstInteger, "", ["0"], 0),
    (.firstInteger, "99999999999999999999999999", ["12345"], 0), (.firstInteger, "000", ["0"], 1),
    (.lastInteger, "line 7 is <2416>.", ["2416"], 1), (.lastInteger, "<2416> <46,323,567,983", ["2416"], 0),
    (.lastInteger, "no number", ["2416"], 0), (.beginning, "\n 2965478.", ["2965478"], 1),
    (.beginning, "It is 2965478", ["2965478"], 0), (.beginning, "29654781", ["2965478"], 1),
    (.allContained, "FIGS and goat Cheese", ["figs", "prosciutto", "goat cheese"], 2.0 / 3),
    (.allContained, "", ["a"], 0),
    (.anyContained, "in Paris, France", ["London", "paris"], 1), (.anyContained, "Rome", ["London", "Paris"], 0),
  ])
  func `answers are scored by their rule`(rule: ScoringRule, answer: String, expected: [String], score: Double) {
    #expect(abs(rule.score(answer, expecting: expected) - score) < 1e-12)
  }

  @Test func `control characters of an answer become line ends`() {
    #expect(" \t a\u{1}b\r\u{0} ".cleanedAnswer == "a\nb")
    #expect("".cleanedAnswer == "")
  }
}
