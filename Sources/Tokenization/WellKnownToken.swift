/// Texts that mark the same thing in every vocabulary; the lists are llama.cpp's.
enum WellKnownToken {
  /// Texts after which generation ends.
  static let endOfTurn: Set<String> = [
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
    "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
    "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
  ]

  /// Texts that end a turn of a chat, the surest first.
  static let turnEnds = ["<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>"]

  /// Texts of code completion.
  private static let fillInTheMiddle: Set<String> = [
    "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>",
    "<|prefix|>", "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>",
    "<|code_suffix|>", "<|suffix|>", "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>",
    "<|code_middle|>", "<|middle|>", "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]", "<|fim_repo|>",
    "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>", "<|file_sep|>",
  ]

  /// Whether a token of this text is a control token whatever its declared type is.
  static func isControl(_ text: String) -> Bool {
    // All of them are short and begin so; asking the sets for every token would hash the whole vocabulary.
    guard let first = text.utf8.first, first == 0x3C || first == 0x5B || first == 0x5F || first == 0xE2 else {
      return false
    }
    return endOfTurn.contains(text) || fillInTheMiddle.contains(text)
  }
}
