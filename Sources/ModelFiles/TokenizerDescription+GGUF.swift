public import GGUFFormat
public import Tokenization

extension TokenizerDescription {
  /// The tokenizer that a GGUF file's `tokenizer.*` keys describe, with llama.cpp's defaults for absent ones.
  public init(gguf metadata: Metadata) throws {
    let prefix = "tokenizer.ggml."
    let path = metadata.path ?? "GGUF metadata"
    let name: String = try metadata.require(prefix + "model")
    let isSentencePiece = name == "llama"
    guard isSentencePiece || name == "gpt2" else {
      throw ModelFileError(
        path: path, subject: prefix + "model", found: "\"\(name)\"",
        allowed: "\"gpt2\" (byte-level BPE) or \"llama\" (SentencePiece BPE)",
        repair: "Use a model with such a tokenizer.")
    }
    let pre = try PreTokenizer(ggufName: try metadata.find(prefix + "pre") ?? "default")
    let tokens: [String] = try metadata.require(prefix + "tokens")
    let types: [Int]? = try metadata.find(prefix + "token_type")
    func id(_ key: String, _ unsaid: TokenID? = nil) throws -> TokenID? {
      guard let number: Int = try metadata.find(prefix + key) else { return unsaid }
      if let id = TokenID(exactly: number), id >= 0 { return id }
      throw ModelFileError(
        path: path, subject: prefix + key, found: "\(number)", allowed: "a token's number, from 0",
        repair: "Correct the key, or leave it out.")
    }
    let merges: [String]? = isSentencePiece ? [] : try metadata.require(prefix + "merges")
    self.init(
      model: isSentencePiece ? .sentencePieceBPE : .byteLevelBPE(pre), tokens: tokens,
      tokenTypes: types.map { $0.map { TokenType(rawValue: Int32(truncatingIfNeeded: $0)) ?? .normal } },
      scores: try metadata.find(prefix + "scores") ?? [], merges: merges ?? [],
      bos: try id("bos_token_id", isSentencePiece ? 1 : nil), eos: try id("eos_token_id", isSentencePiece ? 2 : nil),
      eot: try id("eot_token_id"), eom: try id("eom_token_id"),
      unknown: try id("unknown_token_id", isSentencePiece ? 0 : nil), padding: try id("padding_token_id"),
      addsBOS: try metadata.find(prefix + "add_bos_token") ?? (isSentencePiece || pre.addsBOSWhenUnsaid),
      addsEOS: try metadata.find(prefix + "add_eos_token") ?? false,
      addsSpacePrefix: try metadata.find(prefix + "add_space_prefix") ?? isSentencePiece,
      chatTemplate: try metadata.find("tokenizer.chat_template"))
    try readOwnKeys(of: metadata)
  }
}
