/// What is measured at each stage's context.
public struct EvaluationRecipe: Equatable, Sendable {
  /// How many held-out sequences the loss is taken of; 0 for none. The default is 4.
  public var heldOutSequences: Int
  /// The passkey test; nil for none. The default is nil.
  public var passkey: PasskeyRecipe?
  /// Whether the model is measured before the first stage, at every stage's context. The default is true.
  public var before: Bool
  /// Whether the model is measured after each stage, at the stage's context. The default is true.
  public var after: Bool
  /// Texts in which gates hide things and take perplexities. The default is none: generated text hides things, and
  /// perplexities are of the data held out.
  public var texts: [String]

  public init(
    heldOutSequences: Int = 4, passkey: PasskeyRecipe? = nil, before: Bool = true, after: Bool = true,
    texts: [String] = []
  ) {
    self.heldOutSequences = heldOutSequences
    self.passkey = passkey
    self.before = before
    self.after = after
    self.texts = texts
  }

  static var codec: Codec<EvaluationRecipe> {
    .section(
      EvaluationRecipe(),
      [
        Field("held_out_sequences", \.heldOutSequences, .count(0...1_000_000)),
        Field("passkey", \.passkey, PasskeyRecipe.codec.orNull),
        Field("before", \.before, .boolean),
        Field("after", \.after, .boolean),
        Field("texts", \.texts, Codec.text.list(0...1000, allowsOne: true, flow: true)),
      ])
  }
}

/// A number hidden in a long text, asked for at its end.
public struct PasskeyRecipe: Equatable, Sendable {
  /// Prompts for each depth. The default is 2.
  public var samples: Int
  /// Where the number stands: 0 at the beginning, 1 at the end. The default is 0, 0.25, 0.5, 0.75, 1.
  public var depths: [Double]

  public init(samples: Int = 2, depths: [Double] = [0, 0.25, 0.5, 0.75, 1]) {
    self.samples = samples
    self.depths = depths
  }

  /// How many prompts there are.
  public var tests: Int { samples * depths.count }

  static var codec: Codec<PasskeyRecipe> {
    let depth = Codec.number("from 0 to 1", example: "0.5") { $0 >= 0 && $0 <= 1 }
    return .section(
      PasskeyRecipe(),
      [
        Field("samples", \.samples, .count(1...10_000)), Field("depths", \.depths, depth.list(1...1001, flow: true)),
      ])
  }
}
