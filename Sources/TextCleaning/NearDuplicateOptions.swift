/// When two conversations count as nearly the same.
public struct NearDuplicateOptions: Equatable, Sendable, Codable {
  /// What an n-gram is made of.
  public enum Unit: String, CaseIterable, Sendable, Codable {
    /// Runs of letters and digits.
    case words
    /// Letters and digits, and one space for whatever stands between them.
    case characters
  }

  /// The share of n-grams two texts have in common (Jaccard) from which the later one is left out, above 0 to 1.
  public var threshold: Double
  /// Length of a signature: more hashes, a sharper threshold. A multiple of 16 from 16 to 1,024.
  public var hashes: Int
  /// How many units stand in one n-gram, from 1 to 64.
  public var ngram: Int
  public var unit: Unit
  /// Decides the hash functions; the same seed gives the same result on any machine with any number of threads.
  public var seed: Int

  /// The allowed values, for messages of those who read them.
  public static let hashCounts = 16...1024
  public static let ngrams = 1...64

  /// - Requires: the ranges above.
  public init(threshold: Double = 0.8, hashes: Int = 128, ngram: Int = 5, unit: Unit = .words, seed: Int = 0) {
    precondition(threshold > 0 && threshold <= 1, "near duplicates: threshold must be above 0 to 1 but is \(threshold)")
    precondition(
      Self.hashCounts.contains(hashes) && hashes % 16 == 0,
      "near duplicates: hashes must be a multiple of 16 in \(Self.hashCounts) but is \(hashes)")
    precondition(Self.ngrams.contains(ngram), "near duplicates: ngram must be in \(Self.ngrams) but is \(ngram)")
    (self.threshold, self.hashes, self.ngram, self.unit, self.seed) = (threshold, hashes, ngram, unit, seed)
  }
}
