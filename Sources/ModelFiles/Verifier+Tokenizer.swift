import ChatTemplates
import GGUFFormat
import Tokenization

extension Verifier {
  /// What lets a model stop, and text become the tokens it was trained with.
  mutating func checkTokenizer(_ metadata: Metadata) {
    let model = (try? metadata.find("tokenizer.ggml.model", as: String.self)) ?? nil
    if model == "gpt2" {
      if let merges = (try? metadata.find("tokenizer.ggml.merges", as: [String].self)) ?? nil, merges.isEmpty {
        note(
          .error, "key tokenizer.ggml.merges", found: "no merges", expected: "the merges of byte-level BPE",
          repair: "Text would fall apart into single bytes; convert the model again.")
      }
      if metadata["tokenizer.ggml.pre"] == nil || metadata["tokenizer.ggml.pre"] == .string("default") {
        note(
          .warning, "key tokenizer.ggml.pre", found: metadata["tokenizer.ggml.pre"] == nil ? "no such key" : "default",
          expected: "the name of the vocabulary's way to cut text, such as llama-bpe, qwen2 or smollm",
          repair: "llama.cpp warns that quality will be degraded; convert the model again.")
      }
    }
    checkAgainstSource(metadata)
    guard let description = attempt("tokenizer", { try TokenizerDescription(gguf: metadata) }),
      let tokenizer = attempt("tokenizer", { try Tokenizer(description) })
    else { return }
    checkPre(tokenizer)
    checkName(tokenizer, metadata)
    checkEnd(tokenizer, metadata)
    checkTemplate(tokenizer)
  }

  private mutating func checkAgainstSource(_ metadata: Metadata) {
    guard let source = expectation?.source else { return }
    for entry in source.entries where entry.key.hasPrefix("tokenizer.") && metadata[entry.key] != entry.value {
      note(
        .error, "key \(entry.key)", found: metadata[entry.key] == nil ? "no such key" : "another value than the run's",
        expected: "what the model was trained with", repair: "Export the run again.")
    }
    if expectation?.isChat == true, metadata["tokenizer.chat_template"] == nil {
      note(
        .error, "key tokenizer.chat_template", found: "no such key", expected: "the template of the training",
        repair: "The model was trained on chats and would be spoken to in plain text; export the run again.")
    }
  }

  /// Vocabularies that are recognised by their size and a special token, and the one right way to cut their texts.
  private static let vocabularies: [(sizes: ClosedRange<Int>, token: String, pre: PreTokenizer)] = [
    (128_000...200_000, "<|begin_of_text|>", .llamaBPE), (151_000...153_000, "<|im_start|>", .qwen2),
    (49_152...49_152, "<|im_start|>", .smollm), (100_000...102_400, "<｜begin▁of▁sentence｜>", .deepSeekLLM),
    (32_000...32_256, "<｜begin▁of▁sentence｜>", .deepSeekCoder), (130_000...131_072, "[INST]", .tekken),
  ]

  private mutating func checkPre(_ tokenizer: Tokenizer) {
    guard case .byteLevelBPE(let pre) = tokenizer.description.model else { return }
    let known = Self.vocabularies.first { $0.sizes.contains(tokenizer.tokenCount) && tokenizer.id(of: $0.token) != nil }
    if let right = known?.pre, right != pre {
      note(
        .error, "key tokenizer.ggml.pre", found: pre.rawValue,
        expected: "\(right.rawValue), by the vocabulary's special tokens",
        repair: "Text would become other tokens than in training; write the right name.")
    }
  }

  /// llama.cpp takes a model for a Phi-3 by its name, and stops if it lacks one of four tokens then.
  private mutating func checkName(_ tokenizer: Tokenizer, _ metadata: Metadata) {
    guard let name = (try? metadata.find("general.name", as: String.self)) ?? nil,
      ["phi-3", "phi3"].contains(where: name.lowercased().contains)
    else { return }
    let missing = ["</s>", "<unk>", "<s>", "<|endoftext|>"].filter { tokenizer.id(of: $0) == nil }
    if missing.isEmpty { return }
    note(
      .error, "key general.name", found: "the name of a Phi-3 and no \(missing.joined(separator: ", "))",
      expected: "a name without phi-3 or phi3, or those tokens",
      repair: "llama.cpp takes the model for a Phi-3 and stops; give it another name.")
  }

  private mutating func checkEnd(_ tokenizer: Tokenizer, _ metadata: Metadata) {
    let description = tokenizer.description
    guard let eos = description.eos, metadata["tokenizer.ggml.eos_token_id"] != nil else {
      return note(
        .error, "key tokenizer.ggml.eos_token_id", found: "no such key", expected: "the token that ends a text",
        repair: "llama.cpp takes token 11 or 2 for it, whatever that is, and the model never stops; write the key.")
    }
    if tokenizer.type(of: eos) != .control {
      note(
        .warning, "key tokenizer.ggml.eos_token_id",
        found: "token \(eos), \"\(description.tokens[Int(eos)])\", which is \(tokenizer.type(of: eos))",
        expected: "a control token", repair: "Make sure that it ends a text, and mark it as control.")
    }
    if metadata["tokenizer.ggml.bos_token_id"] == nil {
      note(
        .warning, "key tokenizer.ggml.bos_token_id", found: "no such key", expected: "the token that begins a text",
        repair: "llama.cpp takes token 11 or 1 for it; write the key.")
    }
    if metadata["tokenizer.ggml.add_bos_token"] == nil {
      note(
        .warning, "key tokenizer.ggml.add_bos_token", found: "no such key", expected: "true or false",
        repair: "Programs have different defaults; write the key.")
    }
  }
}
