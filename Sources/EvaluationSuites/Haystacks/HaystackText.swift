/// Words of a haystack with something hidden among them.
struct HaystackText {
  private(set) var words: [String]

  init(_ words: [String]) { self.words = words }

  /// Where a text goes that should stand at a depth: after the last sentence that ends there or before.
  func place(before depth: Double) -> Int {
    if depth >= 100 { return words.count }
    var place = Int(Double(words.count) * depth / 100)
    while place > 0, !Haystack.ends(words[place - 1]) { place -= 1 }
    return place
  }

  /// The end of the sentence that is running at a place; the place itself where none ends after it.
  func place(after start: Int) -> Int {
    if start == 0 { return 0 }
    return words[min(start, words.count)...].firstIndex(where: Haystack.ends).map { $0 + 1 } ?? min(start, words.count)
  }

  mutating func insert(_ text: String, at place: Int) { words.insert(text, at: place) }

  /// Words with a space between them, where neither brings white space itself.
  var text: String {
    var text = ""
    for word in words {
      if let last = text.last, !last.isWhitespace, word.first?.isWhitespace == false { text += " " }
      text += word
    }
    return text
  }
}
