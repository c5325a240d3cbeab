import GGUFFormat
import Tokenization

extension TokenizerDescription {
  /// The `tokenizer.*` keys by which llama.cpp gets this tokenizer, and our own for the rest.
  func addGGUFKeys(to metadata: inout Metadata) {
    let prefix = "tokenizer.ggml."
    switch model {
    case .byteLevelBPE(let preTokenizer):
      metadata[prefix + "model"] = .string("gpt2")
      metadata[prefix + "pre"] = .string(preTokenizer.rawValue)
      metadata[prefix + "merges"] = .array(.string(merges))
    case .sentencePieceBPE:
      metadata[prefix + "model"] = .string("llama")
      metadata[prefix + "pre"] = .string("default")
      metadata[prefix + "add_space_prefix"] = .bool(addsSpacePrefix)
    }
    metadata[prefix + "tokens"] = .array(.string(tokens))
    metadata[prefix + "token_type"] = .array(.int32(tokenTypes.map(\.rawValue)))
    if !scores.isEmpty { metadata[prefix + "scores"] = .array(.float32(scores)) }
    let ids: [(String, TokenID?)] = [
      ("bos_token_id", bos), ("eos_token_id", eos), ("eot_token_id", eot), ("eom_token_id", eom),
      ("unknown_token_id", unknown), ("padding_token_id", padding),
    ]
    for (key, id) in ids {
      if let id { metadata[prefix + key] = .uint32(UInt32(bitPattern: id)) }
    }
    metadata[prefix + "add_bos_token"] = .bool(addsBOS)
    metadata[prefix + "add_eos_token"] = .bool(addsEOS)
    addOwnKeys(to: &metadata)
    if let chatTemplate { metadata["tokenizer.chat_template"] = .string(chatTemplate) }
  }
}
