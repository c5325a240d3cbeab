/// Words of running text among which something is hidden; as many as wanted, the text repeated when it ends.
public struct Haystack: Sendable, Equatable {
  /// Without white space; at least one.
  public let words: [String]

  /// nil when the text has no word.
  public init?(text: String) {
    words = text.splitAtWhitespace()
    if words.isEmpty { return nil }
  }

  /// Text in sentences of a fixed form, of the word lists: "The … … may … beside a … ….".
  ///
  /// - Parameter words: about so many different words of text.
  public init(generatedWords words: Int, seed: Int) {
    var random = PythonRandom(seed: seed), list: [String] = []
    while list.count < max(1, words) {
      list += GeneratedSentence.draw(from: &random).splitAtWhitespace()
    }
    self.words = list
  }

  /// The first so many words.
  public func prefix(_ count: Int) -> [String] {
    if count <= words.count { return Array(words.prefix(max(0, count))) }
    return (0..<count).map { words[$0 % words.count] }
  }

  /// The first so many words as sentences: each ends with a word that ends in a full stop, a question or exclamation mark.
  public func sentences(words count: Int) -> [String] {
    var sentences: [String] = [], sentence: [String] = []
    for word in prefix(count) {
      sentence.append(word)
      if Self.ends(word) {
        sentences.append(sentence.joined(separator: " "))
        sentence = []
      }
    }
    if !sentence.isEmpty { sentences.append(sentence.joined(separator: " ")) }
    return sentences
  }

  /// Whether a word ends a sentence.
  static func ends(_ word: String) -> Bool { word.utf8.last.map { ".!?".utf8.contains($0) } ?? false }
}
