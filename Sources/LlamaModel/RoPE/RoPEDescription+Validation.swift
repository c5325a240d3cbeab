extension RoPEDescription {
  /// Checks every number, so that forming angles cannot fail; readers of files call this at the border.
  ///
  /// - Throws: `RoPEError.invalid` with the first value out of its range.
  public func validate(headSize: Int) throws(RoPEError) {
    guard headSize > 2, headSize.isMultiple(of: 2) else {
      throw .invalid(name: "head size", found: "\(headSize)", allowed: "an even number above 2")
    }
    try context(originalContext, "original context")
    try context(trainedContext, "trained context")
    try base(originalTheta, "original theta")
    try base(theta, "theta")
    switch scaling {
    case .none: break
    case .linear(let factor): try positive([factor], "linear factor")
    case .yarn(let yarn):
      try positive([yarn.factor], "yarn factor")
      try positive([yarn.betaSlow], "yarn beta_slow")
      guard yarn.betaFast.isFinite, yarn.betaFast > yarn.betaSlow else {
        throw .invalid(name: "yarn beta_fast", found: "\(yarn.betaFast)", allowed: "above beta_slow = \(yarn.betaSlow)")
      }
      try positive([yarn.attentionFactor ?? 1], "yarn attention_factor")
      try context(yarn.originalContext ?? originalContext, "yarn original_context")
    case .llama3(let llama3):
      try positive([llama3.factor], "llama3 factor")
      try positive([llama3.lowFrequencyFactor], "llama3 low_freq_factor")
      guard llama3.highFrequencyFactor.isFinite, llama3.highFrequencyFactor > llama3.lowFrequencyFactor else {
        throw .invalid(
          name: "llama3 high_freq_factor", found: "\(llama3.highFrequencyFactor)",
          allowed: "above low_freq_factor = \(llama3.lowFrequencyFactor)")
      }
      try context(llama3.originalContext ?? originalContext, "llama3 original_context")
    case .longRoPE(let longRoPE):
      try divisors(longRoPE.shortFactors, "longrope short_factor", pairs: headSize / 2)
      try divisors(longRoPE.longFactors, "longrope long_factor", pairs: headSize / 2)
      try positive([longRoPE.attentionFactor ?? 1], "longrope attention_factor")
      try context(longRoPE.originalContext ?? originalContext, "longrope original_context")
    case .perDimension(let perDimension):
      try divisors(perDimension.divisors, "divisors", pairs: headSize / 2)
      try positive([perDimension.attentionFactor], "attention factor")
    }
  }

  private func context(_ length: Int, _ name: String) throws(RoPEError) {
    // Up to 2π tokens ln(T/2π) is not positive and no rule has a meaning; 2⁴⁰ keeps positions exact in a Double.
    guard length > 6, length <= 1 << 40 else {
      throw .invalid(name: name, found: "\(length)", allowed: "7 to \(1 << 40) tokens")
    }
  }

  private func base(_ theta: Double, _ name: String) throws(RoPEError) {
    // Model files hold it as a Float.
    guard Float(theta).isFinite, theta > 1 else {
      throw .invalid(name: name, found: "\(theta)", allowed: "above 1, up to \(Float.greatestFiniteMagnitude)")
    }
  }

  private func positive(_ numbers: [Double], _ name: String) throws(RoPEError) {
    for number in numbers where !(number.isFinite && number > 0) {
      throw .invalid(name: name, found: "\(number)", allowed: "a finite number above 0")
    }
  }

  private func divisors(_ numbers: [Double], _ name: String, pairs: Int) throws(RoPEError) {
    guard numbers.count == pairs else {
      throw .invalid(name: name, found: "\(numbers.count) numbers", allowed: "one for each of the \(pairs) pairs")
    }
    try positive(numbers, name)
  }
}
