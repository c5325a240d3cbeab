public import Tokenization

/// A model whose scores are no finite numbers.
public struct RuinedScores: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model's file or name, where it is known.
  public var model: String?
  /// The first token with such a score.
  public var id: TokenID
  public var logProbability: Double

  public var description: String {
    (model.map { "\($0): " } ?? "")
      + "found scores that are not finite (token \(id), log-probability \(logProbability)); allowed are weights that "
      + "give finite ones. The file is damaged or the model was ruined in training; use an earlier one"
  }
}

extension Sequence<GeneratedToken> {
  /// Refuses scores that are no finite numbers.
  ///
  /// - Parameter model: what the error names.
  public func requireFinite(of model: String? = nil) throws(RuinedScores) {
    if let ruined = first(where: { !$0.logProbability.isFinite }) {
      throw RuinedScores(model: model, id: ruined.id, logProbability: ruined.logProbability)
    }
  }
}
