import JSONText

/// Why a `TokenizerDescription` does not define a tokenizer.
public enum TokenizerError: Error, Equatable, Sendable {
  /// `tokenizer.ggml.pre` names a pre-tokenizer that this program does not have.
  case unknownPreTokenizer(name: String, accepted: [String])
  /// The vocabulary has no tokens.
  case emptyVocabulary
  /// The vocabulary has more tokens than ids.
  case tooManyTokens(count: Int)
  /// A list must be as long as the vocabulary and is not.
  case countMismatch(key: String, count: Int, tokens: Int)
  /// A special token's id is not in the vocabulary.
  case idOutOfRange(key: String, id: TokenID, tokens: Int)
  /// Two tokens have the same text.
  case duplicateToken(text: String, first: TokenID, second: TokenID)
  /// A merge is not of the form `left right`.
  case malformedMerge(index: Int, merge: String)
  /// A part of a merge, or its result, is not a token.
  case unresolvedMerge(index: Int, merge: String, missing: String)
  /// A byte-level vocabulary with more than one token, but without merges.
  case missingMerges(tokens: Int)
  /// A score that cannot be ordered.
  case scoreIsNotANumber(token: TokenID)
  /// A token of type byte whose text is not `<0xNN>`.
  case malformedByteToken(token: TokenID, text: String)
  /// A SentencePiece vocabulary that can write neither every byte nor an unknown token.
  case noFallback(byteTokens: Int)
  /// A SentencePiece token too long to be found by merging.
  case tokenTooLong(token: TokenID, bytes: Int, limit: Int)
  /// PCRE2 refused a pre-tokenizer pattern; a defect of this program or of the installed library.
  case patternRejected(pattern: String, offset: Int, reason: String)
}

extension TokenizerError: CustomStringConvertible {
  /// Where, what was found, what is allowed, and how to repair it.
  public var description: String {
    switch self {
    case .unknownPreTokenizer(let name, let accepted):
      "tokenizer.ggml.pre is \(quoted(name)), which is not a known pre-tokenizer; known are "
        + accepted.joined(separator: ", ") + ". Convert the model again with the name that fits its family."
    case .emptyVocabulary:
      "tokenizer.ggml.tokens is empty; a tokenizer needs at least one token. "
        + "Convert the model again, with its tokenizer files beside it."
    case .tooManyTokens(let count):
      "tokenizer.ggml.tokens has \(count) entries; token ids are 32 bits wide, so at most \(Int32.max) are allowed. "
        + "The file is damaged; fetch it again."
    case .countMismatch(let key, let count, let tokens):
      "\(key) has \(count) entries, but tokenizer.ggml.tokens has \(tokens); both must be equally long. "
        + "Convert the model again."
    case .idOutOfRange(let key, let id, let tokens):
      "\(key) is \(id), but the vocabulary has \(tokens) tokens, so 0...\(tokens - 1) is allowed. "
        + "Correct the key, or leave it out."
    case .duplicateToken(let text, let first, let second):
      "tokenizer.ggml.tokens[\(second)] is \(quoted(text)), which tokens[\(first)] already is; texts must differ. "
        + "Rename one of them (unused places are usually called [PAD\(second)])."
    case .malformedMerge(let index, let merge):
      "tokenizer.ggml.merges[\(index)] is \(quoted(merge)); a merge is two tokens with one space between. "
        + "Convert the model again."
    case .unresolvedMerge(let index, let merge, let missing):
      "tokenizer.ggml.merges[\(index)] is \(quoted(merge)), but \(quoted(missing)) is not in tokenizer.ggml.tokens; "
        + "both parts and the result of a merge must be tokens. Convert the model again."
    case .missingMerges(let tokens):
      "tokenizer.ggml.merges is missing, but the byte-level vocabulary has \(tokens) tokens longer than one byte, "
        + "which only merges can reach. Convert the model again."
    case .scoreIsNotANumber(let token):
      "tokenizer.ggml.scores[\(token)] is NaN; merges are ordered by score, so it must be a number. "
        + "Convert the model again."
    case .malformedByteToken(let token, let text):
      "tokenizer.ggml.tokens[\(token)] is \(quoted(text)) and of type byte (6); such a token is written <0xNN> with "
        + "two hexadecimal digits. Correct its text or its type."
    case .noFallback(let byteTokens):
      "the SentencePiece vocabulary has \(byteTokens) of the 256 byte tokens <0x00>...<0xFF> and no "
        + "tokenizer.ggml.unknown_token_id; text outside the vocabulary needs one of the two. Set the key."
    case .tokenTooLong(let token, let bytes, let limit):
      "tokenizer.ggml.tokens[\(token)] is \(bytes) bytes long; at most \(limit) are allowed in a SentencePiece "
        + "vocabulary. Make it a control token, or shorten it."
    case .patternRejected(let pattern, let offset, let reason):
      "PCRE2 refused a pre-tokenizer pattern at offset \(offset): \(reason). The pattern is \(pattern). "
        + "Install libpcre2 10.40 or newer with Unicode support."
    }
  }
}
