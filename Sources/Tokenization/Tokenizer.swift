import Diagnostics

/// Text ⇄ token ids, as llama.cpp and the tokenizers library give them.
///
/// Immutable and shared freely between threads. Building one takes about a second for a vocabulary of a few hundred
/// thousand tokens; keep it.
public struct Tokenizer: Sendable {
  enum Algorithm: Sendable {
    case byteLevel(ByteLevelBPE)
    case sentencePiece(SentencePieceBPE)
  }

  /// What the tokenizer was made from.
  public let description: TokenizerDescription
  /// The tokens after which generation ends: EOS, EOT, EOM, and control tokens with a well-known end-of-turn text.
  public let stopTokens: Set<TokenID>

  let vocabulary: Vocabulary
  let algorithm: Algorithm
  /// Matched when special tokens are parsed: control, unknown and user-defined tokens.
  let allSpecials: SpecialTokenMatcher
  /// Matched always.
  let userDefined: SpecialTokenMatcher

  /// Checks a description and builds its tables.
  ///
  /// - Throws: `TokenizerError` if lengths disagree, an id is outside the vocabulary, two tokens are the same, a merge
  ///   does not resolve, or some text would have no tokens at all.
  public init(_ description: TokenizerDescription) throws(TokenizerError) {
    try description.checkShape()
    let vocabulary = try Vocabulary(description)
    self.description = description
    self.vocabulary = vocabulary
    algorithm =
      switch description.model {
      case .byteLevelBPE(let preTokenizer): .byteLevel(try ByteLevelBPE(description, preTokenizer, vocabulary))
      case .sentencePieceBPE: .sentencePiece(try SentencePieceBPE(description, vocabulary))
      }
    var all: [(id: TokenID, text: String)] = []
    var userDefined: [(id: TokenID, text: String)] = []
    var stops = Set([description.eos, description.eot, description.eom].compactMap(\.self))
    for (index, text) in description.tokens.enumerated() {
      let id = TokenID(index)
      switch vocabulary.types[index] {
      case .userDefined:
        userDefined.append((id, text))
        all.append((id, text))
      case .control, .unknown:
        all.append((id, text))
        if WellKnownToken.endOfTurn.contains(text) { stops.insert(id) }
      case .normal, .unused, .byte: break
      }
    }
    allSpecials = SpecialTokenMatcher(all, rules: description.addedTokenRules)
    self.userDefined = SpecialTokenMatcher(userDefined, rules: description.addedTokenRules)
    stopTokens = stops
  }

  /// How many tokens the vocabulary has; ids are `0..<tokenCount`.
  public var tokenCount: Int { vocabulary.count }

  /// The id of the token spelled `text` in the description, if there is one.
  public func id(of text: String) -> TokenID? { vocabulary.id(of: text) }

  /// The type of a token; end-of-turn markers count as control tokens whatever the description says.
  ///
  /// - Requires: `id` in `0..<tokenCount`.
  public func type(of id: TokenID) -> TokenType {
    guard id >= 0 && Int(id) < tokenCount else {
      stop("type(of:) needs a token in 0..<\(tokenCount), got \(id)")
    }
    return vocabulary.types[Int(id)]
  }

  /// The bytes that a byte-level vocabulary has no token for; encoding drops them, as llama.cpp does.
  ///
  /// SmolLM2 lacks 21 of the 256, all of them control characters or bytes that UTF-8 hardly uses.
  public var unwritableBytes: [UInt8] {
    switch algorithm {
    case .byteLevel(let bpe): bpe.unwritableBytes
    case .sentencePiece: []
    }
  }
}
