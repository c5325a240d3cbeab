import Foundation

/// One measured thing: a line of results.jsonl.
public struct EvaluationRecord: Codable, Equatable, Sendable {
  /// As the user named it.
  public var model: String
  public var coordinates: TestCoordinates
  public var seconds: Double
  /// An answered test; nil for what is not answered.
  public var answer: Answer?
  /// Losses by place in the text.
  public var buckets: [PositionBucket]?
  /// Agreement with the base model.
  public var agreement: Agreement?

  public struct Answer: Codable, Equatable, Sendable {
    public var promptTokens: Int
    public var expected: [String]
    public var text: String
    public var scoring: ScoringRule
    /// 0...1.
    public var score: Double

    public init(promptTokens: Int, expected: [String], text: String, scoring: ScoringRule, score: Double) {
      (self.promptTokens, self.expected, self.text) = (promptTokens, expected, text)
      (self.scoring, self.score) = (scoring, score)
    }
  }

  public struct Agreement: Codable, Equatable, Sendable {
    public var base: String
    public var tokens: Int
    /// Mean KL(base ‖ model), nats.
    public var divergence: Double
    /// Part of the tokens at which both prefer the same.
    public var sameTop: Double

    public init(base: String, tokens: Int, divergence: Double, sameTop: Double) {
      (self.base, self.tokens, self.divergence, self.sameTop) = (base, tokens, divergence, sameTop)
    }

    /// Of the opinions of a whole text that a model and the base model have.
    public init(of scores: any NextTokenScores, withBase base: any NextTokenScores, named name: String, tokens: Int) {
      let found = scores.agreement(withBase: base, rows: 0..<tokens)
      self.init(base: name, tokens: tokens, divergence: found.divergence, sameTop: found.sameTop)
    }
  }

  public init(
    model: String, _ coordinates: TestCoordinates, seconds: Double, answer: Answer? = nil,
    buckets: [PositionBucket]? = nil, agreement: Agreement? = nil
  ) {
    (self.model, self.coordinates, self.seconds) = (model, coordinates, seconds)
    (self.answer, self.buckets, self.agreement) = (answer, buckets, agreement)
  }
}

/// Loss over the tokens at some positions of a text.
public struct PositionBucket: Codable, Equatable, Sendable {
  /// First position, from 0, and the one after the last.
  public var start: Int, end: Int
  public var tokens: Int
  /// Σ −ln p over them.
  public var loss: Double

  public init(start: Int, end: Int, tokens: Int, loss: Double) {
    (self.start, self.end, self.tokens, self.loss) = (start, end, tokens, loss)
  }

  /// Buckets that double from 64 positions on, up to a length; the first position has nothing before it and is left out.
  public static func doubling(to length: Int) -> [PositionBucket] {
    var buckets: [PositionBucket] = [], start = 0, end = 64
    while start < length {
      buckets.append(PositionBucket(start: start, end: min(end, length), tokens: 0, loss: 0))
      (start, end) = (end, end * 2)
    }
    return buckets
  }
}
