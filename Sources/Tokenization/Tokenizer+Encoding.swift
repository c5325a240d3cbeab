extension Tokenizer {
  /// The token ids of `text`.
  ///
  /// - Parameters:
  ///   - parsingSpecials: whether the text of a control token, such as `<|im_end|>`, becomes that token. Leave it off
  ///     for text that strangers wrote. User-defined tokens are recognised in any case.
  ///   - addingBOS: whether `description.bos` goes first; nothing is added if the vocabulary has none.
  public func encode(_ text: String, parsingSpecials: Bool, addingBOS: Bool = false) -> [TokenID] {
    var state = EncodingState(keepsRanges: false)
    if addingBOS, let bos = description.bos { state.sink.append(bos, 0..<0) }
    encode(text, parsingSpecials, &state)
    return state.sink.ids
  }

  /// The token ids of `text` with the bytes that each one stands for.
  ///
  /// Ranges are UTF-8 offsets, ascending, without overlap and together the whole text, except bytes that the vocabulary
  /// cannot write (`unwritableBytes`).
  public func encodeWithRanges(_ text: String, parsingSpecials: Bool) -> [EncodedToken] {
    var state = EncodingState(keepsRanges: true)
    encode(text, parsingSpecials, &state)
    return zip(state.sink.ids, state.sink.ranges).map { EncodedToken(id: $0, range: $1) }
  }

  private func encode(_ text: String, _ parsingSpecials: Bool, _ state: inout EncodingState) {
    let bytes = text.utf8.span
    let specials = parsingSpecials ? allSpecials : userDefined
    state.sink.reserve(bytes.count / 3)
    var position = 0
    while let match = specials.firstMatch(in: bytes, from: position) {
      encodeFragment(bytes, position..<match.range.lowerBound, &state)
      state.sink.append(match.id, match.range)
      position = match.range.upperBound
    }
    encodeFragment(bytes, position..<bytes.count, &state)
  }

  /// Text between special tokens.
  private func encodeFragment(_ text: Span<UInt8>, _ range: Range<Int>, _ state: inout EncodingState) {
    guard !range.isEmpty else { return }
    switch algorithm {
    case .byteLevel(let bpe) where description.normalizesToNFC:
      guard let composed = ComposedText(text, range) else { return bpe.encode(text, range, &state) }
      bpe.encode(composed, &state)
    case .byteLevel(let bpe): bpe.encode(text, range, &state)
    case .sentencePiece(let bpe): bpe.encode(text, range, &state)
    }
  }
}
