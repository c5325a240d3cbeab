extension Tokenizer {
  /// The tokens of a prompt: control tokens may be written in its text, and the begin-of-text token stands in front exactly
  /// once where the model expects one.
  public func promptTokens(_ text: String) -> [TokenID] {
    let tokens = encode(text, parsingSpecials: true)
    guard description.addsBOS, let bos = description.bos, tokens.first != bos else { return tokens }
    return [bos] + tokens
  }
}
