import EvaluationSuites
import Report
import Testing

@Suite struct GlanceTests {
  /// Answers to one number in each depth of each length; the model is right as often as is said.
  private func answers(_ model: String, right: [Int: Int], of count: Int, suite: String = "passkey")
    -> [EvaluationRecord]
  {
    right.sorted { $0.key < $1.key }.flatMap { length, right in
      (0..<count).map { sample in
        EvaluationRecord(
          model: model, .init(suite: suite, task: suite, length: length, depth: 50, sample: sample), seconds: 1,
          answer: .init(
            promptTokens: length, expected: ["7"], text: "7", scoring: .firstInteger, score: sample < right ? 1 : 0))
      }
    }
  }
  private func rows(_ records: [EvaluationRecord], _ models: String...) -> [[String]] {
    EvaluationViews(EvaluationSummary(records, models: models)).glance.map {
      [$0.question, $0.lines.joined(separator: "\n")]
    }
  }

  @Test func `a length is used when more than half are right beyond doubt, there and at every shorter one`() {
    // Wilson's 95 %: 10 of 10 is 72 to 100 %, 8 of 10 is 49 to 94 %, 0 of 10 is 0 to 28 %.
    #expect(
      rows(answers("m", right: [1024: 10, 2048: 10, 4096: 8, 8192: 10, 16384: 0], of: 10), "m") == [
        [
          "How long a text does m use?",
          "passkey: up to 2K (100 %; 72 to 100 %), not shown at 4K (80 %; 49 to 94 %); the longest asked, "
            + "16K (0 %; 0 to 28 %)",
        ]
      ])
    #expect(
      rows(answers("m", right: [1024: 10], of: 10), "m").last?.last
        == "passkey: up to 1K (100 %; 72 to 100 %), the longest asked")
    #expect(
      rows(answers("m", right: [1024: 1], of: 1), "m").last?.last == "passkey: not shown at 1K (100 %; 21 to 100 %)")
  }

  @Test
  func `another model finds more, less, or no difference is shown, at the longest and the shortest length of both`() {
    let base = answers("base", right: [1024: 10, 4096: 0, 8192: 0], of: 10)
    func verdicts(_ right: [Int: Int]) -> [String] {
      rows(base + answers("tuned", right: right, of: 10), "base", "tuned").prefix(2).compactMap(\.last)
    }
    let short = "perplexity at the first model's own length: not measured (--suite short --data FILE)\n"
    #expect(
      verdicts([1024: 0, 4096: 10]) == [
        "passkey at 4K, the longest asked: more found, +100 % (61 to 100 %)",
        short + "passkey at 1K, the shortest asked: less found, -100 % (-100 to -61 %)",
      ])
    #expect(
      verdicts([1024: 9, 4096: 2]) == [
        "passkey at 4K, the longest asked: no difference shown, +20 % (-11 to 51 %)",
        short + "passkey at 1K, the shortest asked: no difference shown, -10 % (-40 to 19 %)",
      ])
  }

  @Test func `perplexities are told without verdict, since they have no interval`() {
    var records: [EvaluationRecord] = []
    for (length, loss) in [(1024, 2.0), (2048, 1), (4096, 3)] {
      records.append(
        EvaluationRecord(
          model: "base", .init(suite: "perplexity", task: "sliding", length: length, sample: 0), seconds: 1,
          buckets: [PositionBucket(start: 0, end: 256, tokens: 1, loss: loss)]))
    }
    for (model, loss) in [("base", 1.0), ("tuned", 2)] {
      records.append(
        EvaluationRecord(
          model: model, .init(suite: "short", task: "native", length: 512, sample: 0), seconds: 1,
          buckets: [PositionBucket(start: 0, end: 512, tokens: 1, loss: loss)],
          agreement: model == "base" ? nil : .init(base: "base", tokens: 512, divergence: 0.125, sameTop: 0.75)))
    }
    #expect(
      rows(records, "base", "tuned") == [
        [
          "Did tuned lose anything at short lengths, beside base?",
          "perplexity at 512: 2.72 times the first's, the same next token preferred in 75 %; no interval",
        ],
        [
          "How long a text does base use?",
          "perplexity of the same last tokens: least in windows of 2K (2.718), 20.086 in those of 4K; no interval",
        ],
      ])
    #expect(EvaluationViews(EvaluationSummary([], models: [])).glance.isEmpty)
  }
}
