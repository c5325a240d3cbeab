import EvaluationSuites
import Foundation
import TestSupport
import Testing
import Tokenization

/// A model whose opinions are a function of the token before: the evaluation's own arithmetic can be worked out by hand.
struct TableModel: ModelUnderTest, NextTokenScores {
  var vocabularySize = 4
  var answers: [String] = []
  /// Logits after token t. Shape: [4, 4].
  var table: [[Float]] = [[0, 1, 2, 3], [1, 1, 1, 1], [5, 0, 0, 0], [0, 0, -4, 2]]
  var tokens: [TokenID] = []

  func answer(to prompt: [TokenID], maximumTokens: Int) throws -> String { "the key is 7\u{1}" }
  func scores(of tokens: [TokenID]) throws -> any NextTokenScores {
    var copy = self
    copy.tokens = tokens
    return copy
  }
  func logits(_ rows: Range<Int>) -> [Float] { rows.flatMap { table[Int(tokens[$0])] } }
}

struct RunningTests {
  static let tokens: [TokenID] = (0..<200).map { TokenID($0 * $0 % 7 % 4) }

  static func logProbability(_ model: TableModel, _ before: TokenID, _ token: TokenID) -> Double {
    let row = model.table[Int(before)].map(Double.init)
    return row[Int(token)] - log(row.reduce(0) { $0 + exp($1) })
  }

  @Test func `log-probabilities are those of the logits, over tiles`() throws {
    let model = TableModel(), logs = try model.scores(of: Self.tokens).logProbabilities(of: Self.tokens, at: 3..<200)
    #expect(logs.count == 197)
    for (i, value) in zip(3..<200, logs) {
      #expect(abs(value - Self.logProbability(model, Self.tokens[i - 1], Self.tokens[i])) < 1e-9)
    }
  }

  @Test func `a model agrees with itself, and its divergence from another is as worked out`() throws {
    let model = TableModel()
    var other = model
    other.table[1] = [0, 2, 1, 1]
    let (mine, theirs) = (try other.scores(of: Self.tokens), try model.scores(of: Self.tokens))
    let same = theirs.agreement(withBase: theirs, rows: 0..<200)
    #expect(abs(same.divergence) < 1e-12 && same.sameTop == 1)
    var divergence = 0.0, tops = 0
    for token in Self.tokens {
      for next in TokenID(0)..<4 {
        let p = Self.logProbability(model, token, next)
        divergence += exp(p) * (p - Self.logProbability(other, token, next)) / 200
      }
      tops += token == 1 ? 0 : 1  // of equal ones the first is best: 0, while the other prefers 1
    }
    let found = mine.agreement(withBase: theirs, rows: 0..<200)
    #expect(abs(found.divergence - divergence) < 1e-9)
    #expect(found.sameTop == Double(tops) / 200)
  }

  @Test func `buckets hold every token but the first once`() throws {
    let model = TableModel(), buckets = try Perplexity.buckets(Self.tokens, model)
    #expect(buckets.map(\.start) == [0, 64, 128])
    #expect(buckets.map(\.end) == [64, 128, 200])
    #expect(buckets.map(\.tokens) == [63, 64, 72])
    let sum = (1..<200).reduce(0) { $0 - Self.logProbability(model, Self.tokens[$1 - 1], Self.tokens[$1]) }
    #expect(abs(buckets.reduce(0) { $0 + $1.loss } - sum) < 1e-9)
    let end = try Perplexity.lossAtEnd(of: Self.tokens, stride: 10, model)
    #expect(end.tokens == 10 && end.start == 190)
  }

  @Test func `windows of every size score the same targets`() {
    let documents = [Array(Self.tokens), Array(Self.tokens.prefix(120)), Array(Self.tokens.prefix(20))]
    let targets = Perplexity.targets(of: documents, longest: 100, stride: 10, count: 5)
    #expect(targets.map(\.document) == [0, 1, 0, 1, 0])
    #expect(targets.map(\.start) == [90, 90, 100, 100, 110])
    #expect(Perplexity.targets(of: documents, longest: 300, stride: 10, count: 5).isEmpty)
    let pieces = Perplexity.pieces(of: documents, length: 60, count: 9)
    #expect(pieces.map(\.count) == [60, 60, 60, 60, 60])
    #expect(pieces[1] == Array(Self.tokens.prefix(60)) && pieces[2] == Array(Self.tokens[60..<120]))
  }

  @Test func `short texts are joined until they are long enough, each document from the beginning of one`() {
    let texts: [[TokenID]] = [[1, 2], [3], [4, 5, 6, 7], [8], [9]]
    #expect(Perplexity.joined(texts, length: 3) == [[1, 2, 3], [4, 5, 6, 7]])
    #expect(Perplexity.joined(texts, length: 2) == [[1, 2], [3, 4, 5, 6, 7], [8, 9]])
    #expect(Perplexity.joined(texts, length: 10).isEmpty)
  }

  @Test func `an interrupted evaluation goes on where it stopped, after a torn line too`() throws {
    struct Stop: Error {}
    try withTemporaryDirectory { folder in
      let path = folder + "/results.jsonl"
      let encoder = PromptEncoder(tokens: { Array(repeating: 1, count: $0.plainText.count / 4) }, text: { _ in [1] })
      let runner = EvaluationRunner(name: "m", model: TableModel(), encoder: encoder)
      let cells = PasskeySuite(DepthGrid(lengths: [300, 400], depths: [0, 100], samples: 2, seed: 1)).cells
      func run(stoppingAfter limit: Int) throws -> [EvaluationRecord] {
        let log = try ResultsLog(path: path), done = Set(log.records.map(\.coordinates))
        var asked = 0
        do {
          try runner.run(cells, isDone: done.contains) { record in
            try log.append(record)
            asked += 1
            if asked == limit { throw Stop() }
          }
        } catch is Stop {}
        return log.records
      }
      #expect(try run(stoppingAfter: 3).count == 3)
      let file = try #require(FileHandle(forUpdatingAtPath: path))
      try file.seekToEnd()
      try file.write(contentsOf: Data("{\"model\":\"m\",\"coord".utf8))
      let all = try run(stoppingAfter: .max)
      #expect(all.map(\.coordinates) == cells.flatMap(\.coordinates))
      #expect(all.allSatisfy { $0.answer?.text == "the key is 7" })
      #expect(try run(stoppingAfter: 1) == all)
      try Data("nonsense\n".utf8).write(to: URL(filePath: path))
      #expect(throws: ResultsLog.Problem.self) { try ResultsLog(path: path) }
    }
  }

  @Test func `losses that are no numbers can be kept and read again`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/results.jsonl"
      let place = TestCoordinates(suite: "perplexity", task: "position", length: 64, sample: 0)
      let bucket = PositionBucket(start: 0, end: 64, tokens: 63, loss: .infinity)
      try ResultsLog(path: path).append(EvaluationRecord(model: "m", place, seconds: 1, buckets: [bucket]))
      #expect(try ResultsLog(path: path).records[0].buckets == [bucket])
    }
  }

  @Test func `a file has one writer, and what is no file is not waited for`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/results.jsonl"
      func problem(_ path: String) -> String? {
        do throws(ResultsLog.Problem) { _ = try ResultsLog(path: path) } catch { return error.description }
        return nil
      }
      let log = try ResultsLog(path: path)
      #expect(problem(path)?.contains("another process is writing") == true)
      withExtendedLifetime(log) {}
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      #expect(problem(folder + "/pipe")?.contains("must be a file") == true)
      #expect(throws: ResultsLog.Problem.self) { try ResultsLog.records(at: folder + "/pipe") }
    }
    // The lock ends with the log.
    try withTemporaryDirectory { folder in
      for _ in 0..<2 { _ = try ResultsLog(path: folder + "/results.jsonl") }
    }
  }

  @Test func `what no measurement gives is refused with its line, and a test that stands there twice counts once`()
    throws
  {
    try withTemporaryDirectory { folder in
      let path = folder + "/results.jsonl"
      let place = TestCoordinates(suite: "passkey", task: "passkey", length: 64, depth: 50, sample: 0)
      func record(_ score: Double = 1) -> EvaluationRecord {
        EvaluationRecord(
          model: "m", place, seconds: 1,
          answer: .init(promptTokens: 60, expected: ["7"], text: "7", scoring: .firstInteger, score: score),
          buckets: [PositionBucket(start: 0, end: 64, tokens: 63, loss: .nan)])
      }
      func write(_ lines: [String]) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
      }
      let whole = String(decoding: try ResultsJSON.encode(record()), as: UTF8.self)
      try write([
        whole, "", whole.replacing(#""score":1"#, with: #""score":0"#), whole.replacing(#""m""#, with: #""n""#),
      ])
      #expect(try ResultsLog.records(at: path).map { $0.answer?.score } == [1, 1])
      for (found, wrong, name) in [
        (#""score":1"#, #""score":7"#, "answer.score is 7.0, allowed is 0.0 to 1.0"),
        (#""score":1"#, #""score":"nan""#, "answer.score is nan"), (#""score":1"#, #""score":1e308"#, "answer.score"),
        (#""depth":50"#, #""depth":"inf""#, "depth"), (#""length":64"#, #""length":-9223372036854775808"#, "length"),
        (#""sample":0"#, #""sample":-1"#, "sample"), (#""promptTokens":60"#, #""promptTokens":-1"#, "promptTokens"),
        (#""tokens":63"#, #""tokens":9223372036854775807"#, "tokens"), (#""start":0"#, #""start":65"#, "start"),
        (#""end":64"#, #""end":-64"#, "end"), (whole, "[]", "something else"),
      ] {
        let line = whole.replacing(found, with: wrong)
        #expect(line != whole)
        try write([whole, "", line])
        let problem = #expect(throws: ResultsLog.Problem.self) { try ResultsLog.records(at: path) }
        #expect(problem?.description.hasPrefix("\(path): line 3 is not a result: ") == true, "\(wrong)")
        #expect(problem?.description.contains(name) == true, "\(problem?.description ?? "")")
      }
    }
  }
}
