import Foundation

/// A mean over tokens, and how many there were.
public typealias TokenMean = (value: Double, tokens: Int)

extension Sequence<PositionBucket> {
  /// e^(mean loss) of all tokens; nil without any.
  public var perplexity: TokenMean? {
    let tokens = reduce(0) { $0 + $1.tokens }
    return tokens > 0 ? (exp(reduce(0) { $0 + $1.loss } / Double(tokens)), tokens) : nil
  }
}

extension Sequence<EvaluationRecord.Agreement> {
  /// The mean of one figure, each text counting by its tokens; nil without any.
  public func mean(_ figure: (EvaluationRecord.Agreement) -> Double) -> TokenMean? {
    let tokens = reduce(0) { $0 + $1.tokens }
    return tokens > 0 ? (reduce(0) { $0 + figure($1) * Double($1.tokens) } / Double(tokens), tokens) : nil
  }
}
