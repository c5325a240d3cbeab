/// Byte-pair encoding of bytes inside the pieces of a pre-tokenizer (Sennrich et al. 2016, Radford et al. 2019).
final class ByteLevelBPE: Sendable {
  private let patterns: [PCRE2Pattern]
  /// The token of each single byte, or −1 where the vocabulary has none.
  private let byteTokens: ContiguousArray<Int32>
  private let merges: MergeTable
  /// Pieces that become one token: whole tokens by their bytes. Most pieces of ordinary text are among them.
  private let wholePieces: ByteStringTable

  /// The bytes that no token can write; text with them loses them, as in llama.cpp.
  var unwritableBytes: [UInt8] { (0...255).filter { byteTokens[Int($0)] < 0 } }

  /// - Throws: `TokenizerError` about merges that do not resolve.
  init(_ description: TokenizerDescription, _ preTokenizer: PreTokenizer, _ vocabulary: Vocabulary)
    throws(TokenizerError)
  {
    var patterns: [PCRE2Pattern] = []
    for step in preTokenizer.steps { patterns.append(try PCRE2Pattern(step)) }
    self.patterns = patterns
    byteTokens = ContiguousArray(ByteAlphabet.scalars.map { vocabulary.id(of: String($0)) ?? -1 })
    merges = try Self.mergeTable(description, vocabulary)
    var wholePieces = ByteStringTable(capacity: vocabulary.count)
    var workspace = MergeWorkspace()
    var longTokens = 0
    for (index, text) in description.tokens.enumerated() where vocabulary.types[index] == .normal {
      guard let bytes = ByteAlphabet.decode(text), !bytes.isEmpty else { continue }
      if bytes.count > 1 { longTokens += 1 }
      if !preTokenizer.ignoresMerges {
        // Only tokens that merging would find: a token can be unreachable by the merges of its own bytes.
        Self.fill(&workspace, bytes.span, 0..<bytes.count, byteTokens)
        workspace.merge(by: merges)
        guard workspace.symbols.count == 1, workspace.symbols[0].id == TokenID(index) else { continue }
      }
      _ = wholePieces.insert(bytes.span, TokenID(index))
    }
    if description.merges.isEmpty && longTokens > 0 && !preTokenizer.ignoresMerges {
      throw .missingMerges(tokens: longTokens)
    }
    self.wholePieces = wholePieces
  }

  /// Whether a piece of these letters of the byte alphabet becomes one token.
  func isWholePiece(_ text: String) -> Bool { ByteAlphabet.decode(text).map { wholePieces.find($0) != nil } ?? false }

  /// Appends the tokens of `range` of `text`, which has no special tokens in it.
  func encode(_ text: Span<UInt8>, _ range: Range<Int>, _ state: inout EncodingState) {
    split(text, range, step: 0, &state)
  }

  private func split(_ text: Span<UInt8>, _ range: Range<Int>, step: Int, _ state: inout EncodingState) {
    guard step < patterns.count else { return encodePiece(text, range, &state) }
    var position = range.lowerBound
    while position < range.upperBound {
      let rest = position..<range.upperBound
      guard let match = state.matcher.firstMatch(of: patterns[step], in: text, range: rest), !match.isEmpty else {
        return split(text, rest, step: step + 1, &state)
      }
      if match.lowerBound > position { split(text, position..<match.lowerBound, step: step + 1, &state) }
      split(text, match, step: step + 1, &state)
      position = match.upperBound
    }
  }

  private func encodePiece(_ text: Span<UInt8>, _ range: Range<Int>, _ state: inout EncodingState) {
    if let id = wholePieces.find(text, range) { return state.sink.append(id, range) }
    Self.fill(&state.workspace, text, range, byteTokens)
    state.workspace.merge(by: merges)
    let base = range.lowerBound
    var end = range.upperBound
    let count = state.workspace.symbols.count
    for index in 0..<count {
      let symbol = state.workspace.symbols[index]
      end = index + 1 < count ? base + Int(state.workspace.symbols[index + 1].start) : range.upperBound
      if symbol.id >= 0 { state.sink.append(symbol.id, (base + Int(symbol.start))..<end) }
    }
  }

  private static func fill(
    _ workspace: inout MergeWorkspace, _ text: Span<UInt8>, _ range: Range<Int>, _ byteTokens: ContiguousArray<Int32>
  ) {
    workspace.prepare(for: range.count)
    for position in range { workspace.append(byteTokens[Int(text[position])], start: position - range.lowerBound) }
  }

  static func mergeTable(_ description: TokenizerDescription, _ vocabulary: Vocabulary)
    throws(TokenizerError) -> MergeTable
  {
    var table = MergeTable(capacity: description.merges.count)
    for (index, merge) in description.merges.enumerated() {
      guard let parts = MergeParts(merge) else { throw .malformedMerge(index: index, merge: merge) }
      let ids = vocabulary.idsByText
      guard let left = parts.left(ids) else {
        throw .unresolvedMerge(index: index, merge: merge, missing: parts.left)
      }
      guard let right = parts.right(ids) else {
        throw .unresolvedMerge(index: index, merge: merge, missing: parts.right)
      }
      guard let result = parts.result(ids) else {
        throw .unresolvedMerge(index: index, merge: merge, missing: parts.joined)
      }
      table.insert(left, right, Merge(rank: UInt32(index), result: result))
    }
    return table
  }
}
