/// What packing did; nothing is left out silently.
public struct PackingReport: Equatable, Sendable {
  var documents = 0
  /// Tokens of all documents offered.
  var tokens = 0
  var contextLength = 0
  /// Sequences that one document fills alone.
  var longSequences = 0
  var packedSequences = 0
  /// Documents longer than the context length.
  var overLongDocuments = 0
  /// Documents that stand in more than one sequence.
  var splitDocuments = 0
  /// Documents left out, and tokens cut, by the over-length policy.
  var droppedDocuments = 0
  var droppedTokens = 0
  var truncatedTokens = 0
  /// The last tokens, too few for one more sequence.
  var tailTokens = 0
  /// Sequences (and their tokens) with fewer labelled predictions than the minimum.
  var unlabelledSequences = 0
  var unlabelledTokens = 0

  /// Sequences an epoch trains on.
  var sequences: Int { longSequences + packedSequences }
  /// Tokens an epoch trains on: all but the ones counted as left out.
  var usedTokens: Int { sequences * contextLength }
  /// Tokens that no sequence holds.
  var lostTokens: Int { droppedTokens + truncatedTokens + tailTokens + unlabelledTokens }
}

extension PackingReport: CustomStringConvertible {
  /// For example `420 sequences from 5000 documents; left out: 37 tokens, too few for one sequence more`.
  public var description: String {
    var left: [String] = []
    if droppedDocuments > 0 { left.append("\(droppedDocuments) longer documents (\(droppedTokens) tokens)") }
    if truncatedTokens > 0 { left.append("\(truncatedTokens) tokens, the ends of longer documents") }
    if unlabelledSequences > 0 { left.append("\(unlabelledSequences) sequences with too few labels") }
    if tailTokens > 0 { left.append("\(tailTokens) tokens, too few for one sequence more") }
    return "\(sequences) sequences from \(documents) documents"
      + (left.isEmpty ? "" : "; left out: " + left.joined(separator: ", "))
  }
}
