import EvaluationSuites
import Foundation
import Testing

struct SummaryTests {
  /// Rows of RULER's README: scores at 4K…128K, average, weighted to long, weighted to short, effective length.
  static let published: [(scores: [Double], average: Double, increasing: Double, decreasing: Double, effective: Int?)] =
    [
      ([92.8, 90.3, 85.7, 79.9, 76.3, 69.5], 82.4, 78.5, 86.3, 16384),  // Gradient Llama-3-8B 1048k
      ([95.1, 94.4, 90.8, 85.4, 80.9, 72.1], 86.5, 82.6, 90.3, 16384),  // Gradient Llama-3-70B 1048k
      ([95.5, 93.8, 91.6, 87.4, 84.7, 77.0], 88.3, 85.4, 91.3, 32768),  // Llama3.1-8B
      ([96.5, 95.8, 95.4, 94.8, 88.4, 66.6], 89.6, 85.5, 93.7, 65536),  // Llama3.1-70B
      ([82.3, 78.4, 73.7, 69.1, 68.1, 65.0], 72.8, 69.9, 75.7, nil),  // LWM-7B-1M
      ([84.7, 79.9, 70.8, 59.3, 0, 0], 49.1, 33.1, 65.2, nil),  // LongChat-7B-v1.5-32K
      ([88.2, 81.1, 69.4, 63.0, 0, 0], 50.3, 33.8, 66.7, 4096),  // Together-7B-32K
      ([94.5, 92.5, 92.3, 89.3, 83.2, 81.6], 88.9, 86.6, 91.2, 32768),  // ProLong-8B-512K
      ([93.6, 91.2, 87.2, 75.4, 49.0, 13.8], 68.4, 55.6, 81.2, 16384),  // Mistral-7B-v0.2
    ]

  @Test func `RULER's published means and effective lengths come out of its published scores`() throws {
    let lengths = [4096, 8192, 16384, 32768, 65536, 131072]
    for row in Self.published {
      let means = try #require(RULERScore.weightedMeans(row.scores))
      // The scores are rounded to 0.1, and so are the means.
      #expect(abs(means.increasing - row.increasing) < 0.101)
      #expect(abs(means.decreasing - row.decreasing) < 0.101)
      #expect(abs(row.scores.reduce(0, +) / 6 - row.average) < 0.101)
      let list = Array(zip(lengths, row.scores)).map { (length: $0, score: $1) }
      #expect(RULERScore.effectiveLength(list, threshold: RULERScore.threshold) == row.effective)
    }
    #expect(RULERScore.weightedMeans([]) == nil)
  }

  @Test func `Wilson's and Newcombe's intervals are the published ones`() {
    // Newcombe 1998: 81/263 gives 0.2553 to 0.3662; 15/148 gives 0.0624 to 0.1605; 0/20 gives 0 to 0.1611.
    for (successes, count, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)] {
      let interval = Wilson.interval(Double(successes) / Double(count), count: count)
      #expect(abs(interval.lowerBound - low) < 5e-5)
      #expect(abs(interval.upperBound - high) < 5e-5)
    }
    // Newcombe 1998, interval estimation for the difference, table II, method 10: 56/70 − 48/80 gives 0.0524 to 0.3339.
    let difference = Wilson.difference((48.0 / 80, 80), (56.0 / 70, 70))
    #expect(abs(difference.lowerBound - 0.0524) < 5e-5)
    #expect(abs(difference.upperBound - 0.3339) < 5e-5)
    #expect(Wilson.interval(0, count: 0) == 0...1)
  }

  static func record(_ model: String, _ task: String, _ length: Int, _ sample: Int, _ score: Double) -> EvaluationRecord
  {
    EvaluationRecord(
      model: model, TestCoordinates(suite: "ruler", task: task, length: length, depth: 50, sample: sample), seconds: 1,
      answer: EvaluationRecord.Answer(
        promptTokens: 9, expected: ["1"], text: "1", scoring: .allContained, score: score))
  }

  @Test func `tests of a number of lines have the length of their longest prompt`() throws {
    let records = [("a", 0, 40), ("a", 1, 44), ("b", 0, 52)].flatMap { model, sample, tokens in
      [20, 30].map { units in
        EvaluationRecord(
          model: model,
          TestCoordinates(suite: "longeval", task: "lines", units: units, length: 600 + units, sample: sample),
          seconds: 1,
          answer: EvaluationRecord.Answer(
            promptTokens: tokens + units, expected: ["1"], text: "1", scoring: .lastInteger, score: 1))
      }
    }
    let rows = EvaluationSummary(records, models: ["a", "b"]).rows
    #expect(rows.map(\.taskName) == ["lines 20", "lines 30"] && rows.map(\.length) == [72, 82])
    #expect(rows[0].values.map(\.count) == [2, 1])
  }

  @Test func `models are compared task by task with the first`() throws {
    var records: [EvaluationRecord] = []
    for sample in 0..<10 {
      for length in [8192, 4096] {
        records.append(Self.record("a", "vt", length, sample, length == 4096 ? 1 : 0.5))
        records.append(Self.record("a", "fwe", length, sample, sample < 8 ? 1 : 0))
        records.append(Self.record("b", "vt", length, sample, 0))
      }
    }
    let summary = EvaluationSummary(records, models: ["a", "b"], threshold: 85)
    #expect(summary.rows.map(\.task) == ["vt", "vt", "fwe", "fwe"])
    #expect(summary.rows.map(\.length) == [4096, 8192, 4096, 8192])
    let first = summary.rows[0]
    #expect(first.values.map(\.value) == [1, 0])
    #expect(first.values.map(\.count) == [10, 10])
    #expect(first.values[1].difference == -1)
    #expect(try #require(first.values[1].differenceHigh) < -0.6)
    #expect(summary.rows[2].values.map(\.model) == ["a"])
    let ruler = try #require(summary.ruler.first)
    #expect(ruler.scores == [90, 65])
    #expect(ruler.tasks == [2, 2])
    #expect(ruler.meanName == "mean of 2 tasks")
    #expect(ruler.effectiveLength == 4096)
    #expect(abs(ruler.increasingMean - (90 + 2 * 65) / 3) < 1e-9)
    #expect(summary.depthRows.allSatisfy { $0.depth == 50 })
    #expect(EvaluationSummary(records, models: ["b"]).ruler.map(\.effectiveLength) == [nil])
  }

  @Test func `a length that holds fewer tasks says so`() throws {
    let records = [("vt", 128), ("vt", 4096), ("fwe", 4096)].map { Self.record("a", $0.0, $0.1, 0, 1) }
    let ruler = try #require(EvaluationSummary(records, models: ["a"]).ruler.first)
    #expect(ruler.tasks == [1, 2])
    #expect(ruler.meanName == "mean of 1 to 2 tasks")
  }

  @Test func `perplexities are of all tokens together, in all and by position`() throws {
    func record(_ sample: Int, _ losses: [Double]) -> EvaluationRecord {
      EvaluationRecord(
        model: "a", TestCoordinates(suite: "perplexity", task: "position", length: 128, sample: sample), seconds: 1,
        buckets: [
          PositionBucket(start: 0, end: 64, tokens: 63, loss: losses[0]),
          PositionBucket(start: 64, end: 128, tokens: 64, loss: losses[1]),
        ])
    }
    let rows = EvaluationSummary([record(0, [63, 128]), record(1, [126, 64])], models: ["a"]).rows
    #expect(rows.map(\.task) == ["position", "at 0–63", "at 64–127"])
    #expect(rows.map { $0.values[0].count } == [254, 126, 128])
    for (row, mean) in zip(rows, [381.0 / 254, 1.5, 1.5]) { #expect(abs(log(row.values[0].value) - mean) < 1e-12) }
  }
}
