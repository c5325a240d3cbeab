/// The number of a token in a model's vocabulary; 32 bits, as in GGUF and in the data caches.
public typealias TokenID = Int32

/// What a vocabulary says about one of its tokens; raw values are those of `tokenizer.ggml.token_type`.
public enum TokenType: Int32, Sendable, Equatable, CaseIterable {
  /// Ordinary text.
  case normal = 1
  /// Stands for text that the vocabulary cannot write.
  case unknown = 2
  /// Structure, such as an end of turn; matched in text only on request, hidden by decoding unless asked for.
  case control = 3
  /// Text that was added as one token; always matched before anything else.
  case userDefined = 4
  /// A hole in the vocabulary; decodes to nothing.
  case unused = 5
  /// One raw byte, written `<0xNN>`; SentencePiece vocabularies only.
  case byte = 6
}

/// Everything that defines a tokenizer, as the `tokenizer.ggml.*` keys of a GGUF hold it, and the little that only a
/// `tokenizer.json` can say.
///
/// A plain value without checks; `Tokenizer.init` checks it.
public struct TokenizerDescription: Sendable, Equatable {
  /// The algorithm that turns text into tokens.
  public enum Model: Sendable, Equatable {
    /// `tokenizer.ggml.model` = `gpt2`: byte-pair merges by rank inside pieces cut by a pre-tokenizer.
    case byteLevelBPE(PreTokenizer)
    /// `tokenizer.ggml.model` = `llama`: merges by score over the whole text, spaces written as `▁`.
    case sentencePieceBPE
  }

  /// The algorithm, with its pre-tokenizer.
  public var model: Model
  /// The text of every token; for byte-level vocabularies in the GPT-2 byte alphabet (`Ġ` is a space).
  public var tokens: [String]
  /// The type of every token; as many as `tokens`.
  public var tokenTypes: [TokenType]
  /// The score of every token; as many as `tokens` for SentencePiece, else as many or none.
  public var scores: [Float]
  /// Merges `left right`, best first. A SentencePiece vocabulary may have none; then `scores` order its merges.
  public var merges: [String]
  /// Begins a document.
  public var bos: TokenID?
  /// Ends a document.
  public var eos: TokenID?
  /// Ends a turn.
  public var eot: TokenID?
  /// Ends a message that expects a tool's answer.
  public var eom: TokenID?
  /// Stands for text that the vocabulary cannot write.
  public var unknown: TokenID?
  /// Fills unused places of a batch.
  public var padding: TokenID?
  /// Whether other programs put `bos` before a text by default.
  public var addsBOS: Bool
  /// Whether other programs put `eos` after a text by default.
  public var addsEOS: Bool
  /// Whether a space is put before text that begins a document or follows a special token; SentencePiece only.
  public var addsSpacePrefix: Bool
  /// Whether text is brought to Unicode's composed form first (`NFC`, as Qwen's `tokenizer.json` asks); byte-level only.
  ///
  /// A GGUF cannot say so, and llama.cpp does not do it.
  public var normalizesToNFC: Bool
  /// Where exactly `addsSpacePrefix` puts its space; a GGUF knows `everyPart` only.
  public var spacePrefix: SpacePrefix
  /// How tokens of type control, unknown and user-defined are found, where that is not by their letters alone.
  public var addedTokenRules: [TokenID: AddedTokenRule]
  /// The Jinja template that writes a conversation as text.
  public var chatTemplate: String?

  /// Collects the parts; `tokenTypes` left out means that every token is normal.
  public init(
    model: Model, tokens: [String], tokenTypes: [TokenType]? = nil, scores: [Float] = [], merges: [String] = [],
    bos: TokenID? = nil, eos: TokenID? = nil, eot: TokenID? = nil, eom: TokenID? = nil, unknown: TokenID? = nil,
    padding: TokenID? = nil, addsBOS: Bool = false, addsEOS: Bool = false, addsSpacePrefix: Bool = false,
    normalizesToNFC: Bool = false, spacePrefix: SpacePrefix = .everyPart,
    addedTokenRules: [TokenID: AddedTokenRule] = [:], chatTemplate: String? = nil
  ) {
    self.model = model
    self.tokens = tokens
    self.tokenTypes = tokenTypes ?? Array(repeating: .normal, count: tokens.count)
    self.scores = scores
    self.merges = merges
    self.bos = bos
    self.eos = eos
    self.eot = eot
    self.eom = eom
    self.unknown = unknown
    self.padding = padding
    self.addsBOS = addsBOS
    self.addsEOS = addsEOS
    self.addsSpacePrefix = addsSpacePrefix
    self.normalizesToNFC = normalizesToNFC
    self.spacePrefix = spacePrefix
    self.addedTokenRules = addedTokenRules
    self.chatTemplate = chatTemplate
  }
}
