extension RoPEDescription {
  /// The description after a stage of `context` tokens that makes `change`.
  ///
  /// Theta rules and factors are counted from the original model, whatever was applied before. A kind of scaling can
  /// be given anew; it cannot be exchanged for another kind, except Llama 3.1's by YaRN, whose original context is the
  /// same 8,192 tokens (as UltraLong does, arXiv 2504.06214).
  ///
  /// - Throws: `RoPEError` for values out of range, for combinations without an agreed meaning, and for factors that
  ///   do not reach `context`.
  public func applying(
    _ change: RoPEChange, context: Int, headSize: Int
  ) throws(RoPEError) -> RoPEDescription {
    guard context > 0 else {
      throw .invalid(name: "context", found: "\(context)", allowed: "a positive number of tokens")
    }
    try validate(headSize: headSize)
    var result = self
    result.trainedContext = max(trainedContext, context)
    var stretch: (factor: Double, originalContext: Int)?
    switch change {
    case .unchanged:
      break
    case .theta(let rule):
      try requireNamedFrequencies(for: change, rule: rule)
      result.theta = rule.theta(
        context: context, originalContext: originalContext, originalTheta: originalTheta, headSize: headSize)
    case .linear(let factor):
      try requireScaling(for: change, is: scaling.name == "linear")
      result.scaling = .linear(factor: factor)
      if theta == originalTheta { stretch = (factor, originalContext) }
    case .yarn(var yarn):
      try requireScaling(for: change, is: scaling.name == "yarn" || scaling.name == "llama3")
      let bandContext = try bandContext(yarn.originalContext, for: change)
      yarn.originalContext = bandContext
      result.scaling = .yarn(yarn)
      stretch = (yarn.factor, bandContext)
    case .llama3(var llama3):
      try requireScaling(for: change, is: scaling.name == "llama3")
      llama3.originalContext = try bandContext(llama3.originalContext, for: change)
      result.scaling = .llama3(llama3)
    case .longRoPE(var longRoPE):
      try requireScaling(for: change, is: scaling.name == "longrope")
      longRoPE.originalContext = try bandContext(longRoPE.originalContext, for: change)
      result.scaling = .longRoPE(longRoPE)
    }
    try result.validate(headSize: headSize)
    if let stretch { try requireReach(change, stretch.factor, of: stretch.originalContext, context: context) }
    return result
  }

  private var existing: String {
    theta == originalTheta ? "\(scaling.name) scaling" : "\(scaling.name) scaling and theta raised to \(theta)"
  }

  /// A scaling may be given where there is none yet, or where the same kind is given anew.
  private func requireScaling(for change: RoPEChange, is sameKind: Bool) throws(RoPEError) {
    guard scaling == .none || sameKind else {
      throw .combination(
        existing: existing, requested: change.name,
        reason: "the model was trained with other angles, and one scaling on top of another has no agreed formula",
        repair: "use \"unchanged\", give new parameters of \(scaling.name), or start from the model before extension")
    }
  }

  /// A theta rule is derived for unscaled frequencies; a number is taken with linear, YaRN and Llama 3 scaling, whose
  /// formulas all start from theta.
  private func requireNamedFrequencies(for change: RoPEChange, rule: ThetaRule) throws(RoPEError) {
    if scaling == .none { return }
    switch (scaling, rule) {
    case (.linear, .number), (.yarn, .number), (.llama3, .number): return
    case (.perDimension, _), (.longRoPE, _):
      throw .combination(
        existing: existing, requested: change.name,
        reason: "its divisors were found for theta \(theta) and no formula says what they are for another",
        repair: "use \"unchanged\", or start from a file that names its scaling")
    default:
      throw .combination(
        existing: existing, requested: change.name, reason: "the rule is derived for frequencies without scaling",
        repair: "give theta as a number")
    }
  }

  /// The context that turns and wavelengths are counted against: the stated one, or that of the scaling there is, or
  /// the original model's. After a change of theta there is no one answer, so it has to be stated.
  private func bandContext(_ stated: Int?, for change: RoPEChange) throws(RoPEError) -> Int {
    if let stated { return stated }
    guard theta == originalTheta else {
      throw .combination(
        existing: existing, requested: change.name,
        reason: "\(change.name) counts turns within an original context, and raising theta has moved it",
        repair: "state original_context (\(trainedContext) if the raised theta was trained at that length)")
    }
    return scaling.originalContext ?? originalContext
  }

  private func requireReach(
    _ change: RoPEChange, _ factor: Double, of originalContext: Int, context: Int
  ) throws(RoPEError) {
    guard factor >= 1 else {
      throw .invalid(name: "\(change.name) factor", found: "\(factor)", allowed: "a number of 1 or more")
    }
    guard factor * Double(originalContext) >= Double(context) else {
      throw .outOfReach(method: change.name, factor: factor, originalContext: originalContext, context: context)
    }
  }
}
