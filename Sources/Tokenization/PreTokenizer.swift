/// How a byte-level tokenizer cuts text into the pieces inside which merges happen.
///
/// Raw values are the names that `tokenizer.ggml.pre` of a GGUF uses.
public enum PreTokenizer: String, Sendable, Equatable, CaseIterable {
  /// Every digit alone, then the GPT-2 pattern (SmolLM, SmolLM2, StarCoder).
  case smollm
  /// The Llama 3 pattern; digits in groups of up to three.
  case llamaBPE = "llama-bpe"
  /// The GPT-2 pattern.
  case gpt2 = "gpt-2"
  /// The Llama 3 pattern with every digit alone (Qwen 2, Qwen 2.5, Qwen 3).
  case qwen2
  /// Lines, letters with case, punctuation, white space at the end, CJK, then every digit alone (DeepSeek-LLM, V2).
  case deepSeekLLM = "deepseek-llm"
  /// Lines, letters, punctuation, CJK, then every digit alone (DeepSeek-Coder).
  case deepSeekCoder = "deepseek-coder"
  /// Words cut between small and capital letters, every digit alone (Mistral Nemo).
  case tekken
  /// What llama.cpp does when a file does not name its pre-tokenizer.
  case `default`

  /// Other names of the same behaviour, as llama.cpp knows them.
  private static let aliases: [String: PreTokenizer] = [
    "starcoder": .smollm, "refact": .smollm, "command-r": .smollm, "codeshell": .smollm, "exaone": .smollm,
    "minerva-7b": .smollm,
    "llama3": .llamaBPE, "llama-v3": .llamaBPE, "falcon3": .llamaBPE, "falcon-h1": .llamaBPE, "pixtral": .llamaBPE,
    "midm-2.0": .llamaBPE, "lfm2": .llamaBPE,
    "phi-2": .gpt2, "mpt": .gpt2, "olmo": .gpt2, "jais": .gpt2, "gigachat": .gpt2, "a.x-4.0": .gpt2, "mellum": .gpt2,
    "exaone4": .gpt2, "trillion": .gpt2, "granite-docling": .gpt2,
    "deepseek-r1-qwen": .qwen2, "megrez": .qwen2, "stablelm2": .qwen2, "hunyuan": .qwen2, "solar-open": .qwen2,
  ]

  /// Every name that `init(ggufName:)` accepts, sorted.
  public static var acceptedNames: [String] { (allCases.map(\.rawValue) + aliases.keys).sorted() }

  /// The pre-tokenizer that `tokenizer.ggml.pre` names.
  ///
  /// - Throws: `TokenizerError.unknownPreTokenizer`, which lists the accepted names.
  public init(ggufName name: String) throws(TokenizerError) {
    guard let found = PreTokenizer(rawValue: name) ?? Self.aliases[name] else {
      throw .unknownPreTokenizer(name: name, accepted: Self.acceptedNames)
    }
    self = found
  }

  /// Whether a whole piece that is a token wins over the merges that would build it otherwise.
  var ignoresMerges: Bool { self == .llamaBPE || self == .tekken }

  /// Whether llama.cpp adds BOS when a file does not have the key `tokenizer.ggml.add_bos_token`.
  public var addsBOSWhenUnsaid: Bool { self == .llamaBPE || self == .tekken }
}
