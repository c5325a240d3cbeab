import Diagnostics

/// Byte-pair encoding of characters by score, as SentencePiece does it (Kudo and Richardson 2018), with llama.cpp's
/// details: a space is `▁`, and a character without a token becomes its bytes. With a list of merges, as a
/// `tokenizer.json` has, their order counts and not the scores.
final class SentencePieceBPE: Sendable {
  private static let space: Unicode.Scalar = "\u{2581}"
  /// Longer tokens are refused: each is looked up at all its cuts, which takes quadratic time.
  static let longestToken = 1024

  /// The symbol of each character below U+10000: a token, a part of tokens only (`vocabularyCount` and up), or −1.
  private let symbols: ContiguousArray<Int32>
  /// The same for the characters above.
  private let rareSymbols: [UInt32: Int32]
  private let merges: MergeTable
  private let byteTokens: ContiguousArray<Int32>
  private let unknown: TokenID?
  private let vocabularyCount: Int32
  private let spacePrefix: SpacePrefix?
  /// Whether no token has a space after another character, so that nothing can merge across the start of a word.
  private let wordsAreSeparate: Bool

  /// - Throws: `TokenizerError.noFallback`, `.scoreIsNotANumber`, `.tokenTooLong`.
  init(_ description: TokenizerDescription, _ vocabulary: Vocabulary) throws(TokenizerError) {
    vocabularyCount = Int32(vocabulary.count)
    spacePrefix = description.addsSpacePrefix ? description.spacePrefix : nil
    unknown = description.unknown
    let byteTokens = Self.byteTokens(vocabulary)
    if description.unknown == nil, byteTokens.contains(-1) {
      throw .noFallback(byteTokens: byteTokens.count { $0 >= 0 })
    }
    self.byteTokens = byteTokens
    var builder = SentencePieceTables(firstPart: vocabularyCount)
    for (index, text) in description.tokens.enumerated() {
      guard !description.scores[index].isNaN else { throw .scoreIsNotANumber(token: TokenID(index)) }
      // As in SentencePiece, and unlike in llama.cpp, merging never gives a token declared as control, unknown or byte:
      // text does not turn into structure. No published vocabulary is known where the two differ.
      guard [.normal, .userDefined, .unused].contains(description.tokenTypes[index]) else { continue }
      guard text.utf8.count <= Self.longestToken else {
        throw .tokenTooLong(token: TokenID(index), bytes: text.utf8.count, limit: Self.longestToken)
      }
      builder.add(TokenID(index), text, score: description.scores[index])
    }
    merges =
      description.merges.isEmpty
      ? builder.mergeTable(vocabulary) : try ByteLevelBPE.mergeTable(description, vocabulary)
    symbols = builder.commonSymbols
    rareSymbols = builder.rareSymbols
    wordsAreSeparate = !builder.hasSpaceInside
  }

  /// Appends the tokens of `range` of `text`, which has no special tokens in it and is preceded by one, or by nothing.
  func encode(_ text: Span<UInt8>, _ range: Range<Int>, _ state: inout EncodingState) {
    let base = range.lowerBound
    state.workspace.prepare(for: wordsAreSeparate ? min(range.count, 64) : range.count)
    guard range.count < Int32.max else {
      stop("encode: a text of \(range.count) bytes; at most 2147483646 are allowed")
    }
    var run = UnknownRun()
    var afterSpace = false
    if takesSpacePrefix(text, range) {
      state.workspace.append(symbol(of: Self.space.value), start: 0)
      afterSpace = true
    }
    var position = range.lowerBound
    while position < range.upperBound {
      let (scalar, length) = Self.scalar(in: text, at: position)
      let isSpace = scalar == 0x20 || scalar == Self.space.value
      if isSpace && !afterSpace && wordsAreSeparate {
        emit(text, base..<position, &run, &state)
        state.workspace.removeAll()
      }
      state.workspace.append(symbol(of: scalar == 0x20 ? Self.space.value : scalar), start: position - base)
      afterSpace = isSpace
      position += length
    }
    emit(text, range, &run, &state)
  }

  private func takesSpacePrefix(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard let spacePrefix, !range.isEmpty else { return false }
    if spacePrefix == .everyPart { return true }
    let (first, _) = Self.scalar(in: text, at: range.lowerBound)
    let isSpaced = first == 0x20 || first == Self.space.value
    return !isSpaced && (spacePrefix == .everyPartOnce || range.lowerBound == 0)
  }

  /// Whether the last token is the unknown token, which then takes in further text without a token.
  private struct UnknownRun { var isOpen = false }

  /// Merges what is in the workspace and appends its tokens; `fragment` is the text from its start to the last symbol's end.
  private func emit(
    _ text: Span<UInt8>, _ fragment: Range<Int>, _ run: inout UnknownRun, _ state: inout EncodingState
  ) {
    let base = fragment.lowerBound
    state.workspace.merge(by: merges)
    let count = state.workspace.symbols.count
    for index in 0..<count {
      let symbol = state.workspace.symbols[index]
      let end = index + 1 < count ? base + Int(state.workspace.symbols[index + 1].start) : fragment.upperBound
      let range = (base + Int(symbol.start))..<end
      if symbol.id >= 0 && symbol.id < vocabularyCount {
        state.sink.append(symbol.id, range)
        run.isOpen = false
      } else {
        emitBytes(text, range, &run, &state.sink)
      }
    }
  }

  /// Writes one character that is no token as bytes; a space, added or not, as those of `▁`.
  private func emitBytes(
    _ text: Span<UInt8>, _ range: Range<Int>, _ run: inout UnknownRun, _ sink: inout TokenSink
  ) {
    let isSpace = range.isEmpty || text[range.lowerBound] == 0x20
    let bytes = isSpace ? Array(String(Self.space).utf8) : range.map { text[$0] }
    if let unknown, bytes.contains(where: { byteTokens[Int($0)] < 0 }) {
      if run.isOpen { sink.extendLast(to: range.upperBound) } else { sink.append(unknown, range) }
      run.isOpen = true
      return
    }
    for (offset, byte) in bytes.enumerated() {
      let start = min(range.lowerBound + offset, range.upperBound)
      sink.append(byteTokens[Int(byte)], start..<min(start + 1, range.upperBound))
    }
    run.isOpen = false
  }

  private func symbol(of scalar: UInt32) -> Int32 {
    scalar < symbols.count ? symbols[Int(scalar)] : rareSymbols[scalar] ?? -1
  }

  /// The character at `position` of valid UTF-8, and its length in bytes.
  private static func scalar(in text: Span<UInt8>, at position: Int) -> (UInt32, Int) {
    let first = UInt32(text[position])
    if first < 0x80 { return (first, 1) }
    func tail(_ offset: Int) -> UInt32 { UInt32(text[position + offset]) & 0x3F }
    if first < 0xE0 { return ((first & 0x1F) << 6 | tail(1), 2) }
    if first < 0xF0 { return ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3) }
    return ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
  }

  private static func byteTokens(_ vocabulary: Vocabulary) -> ContiguousArray<Int32> {
    let digits = Array("0123456789ABCDEF")
    return ContiguousArray((0..<256).map { vocabulary.id(of: "<0x\(digits[$0 >> 4])\(digits[$0 & 15])>") ?? -1 })
  }
}
