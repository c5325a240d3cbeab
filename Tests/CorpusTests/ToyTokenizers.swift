import Tokenization

@testable import Corpus

/// Small vocabularies and templates that tests write out by hand.
enum Toy {
  /// ChatML, as SmolLM2 and Qwen have it.
  static let chatML =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
    + "{% endfor %}"
  /// Llama 2's: BOS written by the template, a space before the stop token.
  static let llama2 =
    "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token + '[INST] ' + m.content.strip() + ' [/INST]' }}"
    + "{% elif m.role == 'assistant' %}{{ ' ' + m.content.strip() + ' ' + eos_token }}"
    + "{% else %}{{ raise_exception('no system turns') }}{% endif %}{% endfor %}"
  /// No end of turn at all.
  static let endless = "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}"

  /// The character that stands for each byte in GPT-2 vocabularies.
  private static let byteCharacters: [String] = {
    var characters = [String](repeating: "", count: 256)
    var next: UInt32 = 256
    for byte in 0..<256 {
      let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
      characters[byte] = String(UnicodeScalar(isPrintable ? UInt32(byte) : next) ?? " ")
      if !isPrintable { next += 1 }
    }
    return characters
  }()

  /// All bytes, some merges (two line feeds among them), ChatML's control tokens; padding is the end of turn.
  static func byteLevel(addsBOS: Bool = false) throws -> Tokenizer {
    let merges = ["h e", "he l", "Ġ t", "Ċ Ċ", ". Ċ"]
    let tokens = byteCharacters + merges.map { $0.replacing(" ", with: "") } + ["<s>", "<|im_start|>", "<|im_end|>"]
    let count = TokenID(tokens.count)
    var types = [TokenType](repeating: .normal, count: tokens.count)
    for index in tokens.count - 3..<tokens.count { types[index] = .control }
    return try Tokenizer(
      TokenizerDescription(
        model: .byteLevelBPE(.gpt2), tokens: tokens, tokenTypes: types, merges: merges, bos: count - 3, eos: count - 1,
        padding: count - 1, addsBOS: addsBOS, chatTemplate: chatML))
  }

  /// Bytes and a few pieces, as Llama 2 has them.
  static func sentencePiece() throws -> Tokenizer {
    let bytes = (0..<256).map { "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16).uppercased() + ">" }
    let pieces = [
      "▁", "e", "h", "l", "o", "he", "▁he", "hel", "▁hel", "INST", "[", "]", "I", "N", "S", "T", "IN", "ST",
    ]
    let tokens = ["<unk>", "<s>", "</s>"] + bytes + pieces
    return try Tokenizer(
      TokenizerDescription(
        model: .sentencePieceBPE, tokens: tokens,
        tokenTypes: [.unknown, .control, .control] + bytes.map { _ in .byte } + pieces.map { _ in .normal },
        scores: tokens.indices.map { -Float($0) }, bos: 1, eos: 2, unknown: 0, addsBOS: true, addsSpacePrefix: true,
        chatTemplate: llama2))
  }

  /// Conversations with awkward words: scripts, emoji, line feeds at both ends, double spaces.
  static func conversation(seed: UInt64, system: Bool = true) -> [Turn] {
    var generator = KeyedGenerator(seed: seed, purpose: .pieces, step: 77)
    let words = ["hello", " the", "\n", "\n\n", "grüße", "日本", "🙂‍↔️", "  ", "x.\n", "it's", "42", "\t", "<|im", "é"]
    func text() -> String {
      "w"
        + (0..<Int.random(in: 0...12, using: &generator)).map { _ in words.randomElement(using: &generator) ?? "" }
        .joined() + "."
    }
    var turns: [Turn] = system && Bool.random(using: &generator) ? [Turn(.system, text())] : []
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      turns.append(Turn(.user, text()))
      turns.append(Turn(.assistant, text(), isTrained: Int.random(in: 0..<4, using: &generator) > 0))
    }
    return turns
  }
}
