/// Finds special tokens in text: the leftmost, and of those that begin there the longest.
///
/// llama.cpp searches the whole text for the longest token first, then for the next. The results differ only where two
/// special tokens overlap in the text; there this one does as the tokenizers library does.
struct SpecialTokenMatcher: Sendable {
  /// A trie: (node, byte) → node; node 0 is the root.
  private var edges: MergeTable
  /// The token that ends at a node, or −1.
  private var tokens: ContiguousArray<TokenID> = [-1]
  private var canBegin = ContiguousArray(repeating: false, count: 256)
  private let rules: [TokenID: AddedTokenRule]

  init(_ specials: [(id: TokenID, text: String)], rules: [TokenID: AddedTokenRule]) {
    self.rules = rules
    edges = MergeTable(capacity: 16)
    for (id, text) in specials where !text.isEmpty {
      var node: Int32 = 0
      for byte in text.utf8 {
        if node == 0 { canBegin[Int(byte)] = true }
        var child = edges.merge(node, Int32(byte)).result
        if child < 0 {
          child = Int32(tokens.count)
          tokens.append(-1)
          edges.insert(node, Int32(byte), Merge(rank: 0, result: child))
        }
        node = child
      }
      tokens[Int(node)] = id
    }
  }

  /// The first special token at or after `start`, with the white space that belongs to it.
  func firstMatch(in text: Span<UInt8>, from start: Int) -> (id: TokenID, range: Range<Int>)? {
    guard tokens.count > 1 else { return nil }
    var position = start
    while position < text.count {
      guard canBegin[Int(text[position])], let match = longestMatch(in: text, at: position) else {
        position += 1
        continue
      }
      guard let rule = rules[match.id] else { return match }
      // As in the tokenizers library, a word that only contains the token is passed over as a whole.
      if let range = rule.applied(to: match.range, in: text, from: start) { return (match.id, range) }
      position = match.range.upperBound
    }
    return nil
  }

  private func longestMatch(in text: Span<UInt8>, at start: Int) -> (id: TokenID, range: Range<Int>)? {
    var node: Int32 = 0
    var longest: (id: TokenID, range: Range<Int>)?
    for position in start..<text.count {
      node = edges.merge(node, Int32(text[position])).result
      if node < 0 { break }
      if tokens[Int(node)] >= 0 { longest = (tokens[Int(node)], start..<(position + 1)) }
    }
    return longest
  }
}
