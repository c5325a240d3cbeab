extension TokenizerDescription {
  /// Checks what can be said without building the tokenizer: that lists are as long as the vocabulary, and ids in it.
  public func checkShape() throws(TokenizerError) {
    guard !tokens.isEmpty else { throw .emptyVocabulary }
    // Ids above the vocabulary number the characters that are parts of tokens only.
    guard tokens.count <= Int(Int32.max) - 0x110000 else { throw .tooManyTokens(count: tokens.count) }
    try checkCount("tokenizer.ggml.token_type", tokenTypes.count)
    if model == .sentencePieceBPE || !scores.isEmpty { try checkCount("tokenizer.ggml.scores", scores.count) }
    try check("tokenizer.ggml.bos_token_id", bos)
    try check("tokenizer.ggml.eos_token_id", eos)
    try check("tokenizer.ggml.eot_token_id", eot)
    try check("tokenizer.ggml.eom_token_id", eom)
    try check("tokenizer.ggml.unknown_token_id", unknown)
    try check("tokenizer.ggml.padding_token_id", padding)
  }

  private func checkCount(_ key: String, _ count: Int) throws(TokenizerError) {
    guard count == tokens.count else { throw .countMismatch(key: key, count: count, tokens: tokens.count) }
  }

  private func check(_ key: String, _ id: TokenID?) throws(TokenizerError) {
    guard let id else { return }
    guard id >= 0 && Int(id) < tokens.count else { throw .idOutOfRange(key: key, id: id, tokens: tokens.count) }
  }
}
