import Foundation
import JSONText
import LlamaModel

extension RoPEDescription {
  /// Our own exact copy of the description in config.json, beside the keys that everyone reads.
  static let ownConfigKey = "extend_rope"

  /// What `rope_theta` with `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5) says.
  init(huggingFace config: JSONFile, family: ModelFamily, headSize: Int) throws {
    let scaling = try config.child("rope_scaling") ?? config.child("rope_parameters")
    let theta = try scaling?.number("rope_theta") ?? config.number("rope_theta") ?? 10_000
    let context = try config.integer("max_position_embeddings") ?? config.integer("max_sequence_length")
    self = try Self.stated(
      scaling, config, family, theta: theta, context: try config.require("max_position_embeddings", context),
      headSize: headSize)
    do {
      try validate(headSize: headSize)
    } catch {
      throw config.error("rope_scaling", "\(error)", "a RoPE description that can be computed")
    }
    if let own = config.value(Self.ownConfigKey),
      let copy = try? JSONDecoder().decode(RoPEDescription.self, from: Data(own.bytes())),
      (try? copy.validate(headSize: headSize)) != nil,
      copy.huggingFaceKeys(family, headSize: headSize).allSatisfy({ key, value in config.object[key] == value })
    {
      self = copy
    }
  }

  private static func stated(
    _ scaling: JSONFile?, _ config: JSONFile, _ family: ModelFamily, theta: Double, context: Int, headSize: Int
  ) throws -> RoPEDescription {
    var result = RoPEDescription(originalContext: context, originalTheta: theta)
    guard let scaling else { return result }
    if let share = try scaling.number("partial_rotary_factor"), share != 1 {
      throw scaling.error("partial_rotary_factor", "\(share)", "1", "Partly rotated heads are not supported.")
    }
    var type = try scaling.string("rope_type") ?? scaling.string("type") ?? "default"
    if type == "su" || type == "yarn" && family == .phi3 { type = "longrope" }
    // Phi-3 states its original context beside the scaling.
    let original =
      try config.integer("original_max_position_embeddings") ?? scaling.integer("original_max_position_embeddings")
    func factor() throws -> Double { try scaling.require("factor", scaling.number("factor")) }
    switch type {
    case "default": break
    case "linear":
      let factor = try factor()
      result.scaling = .linear(factor: factor)
      if let trained = try config.integer("max_sequence_length"), trained > context {
        // LongChat and Vicuna: max_position_embeddings is the original context.
        result.trainedContext = trained
      } else if factor > 1, let share = Int(exactly: (Double(context) / factor).rounded(.down)), share > 6 {
        result.originalContext = share
      }
    case "yarn":
      result.originalContext = original ?? context
      result.scaling = .yarn(try yarn(scaling, originalContext: original ?? context, context: context))
    case "llama3":
      result.originalContext = original ?? context
      result.scaling = .llama3(
        Llama3(
          factor: try factor(),
          lowFrequencyFactor: try scaling.require("low_freq_factor", scaling.number("low_freq_factor")),
          highFrequencyFactor: try scaling.require("high_freq_factor", scaling.number("high_freq_factor")),
          originalContext: original ?? context))
    case "longrope":
      result.originalContext = original ?? (family == .phi3 ? 4096 : context)
      result.scaling = .longRoPE(try longRoPE(scaling, originalContext: result.originalContext, context: context))
    default:
      throw scaling.error(
        "rope_type", "\"\(type)\"", "default, linear, yarn, llama3, longrope",
        type == "dynamic"
          ? dynamicRepair(factor: try factor(), theta: theta, context: context, headSize: headSize)
          : "Use a model with one of these.")
    }
    return result
  }

  /// What to write for `dynamic`: θ grows with the text beyond the context, so one length has to be chosen.
  ///
  /// θ' = θ · (s·L/C − (s − 1))^(d / (d − 2)), transformers' formula, at L = s·C.
  private static func dynamicRepair(factor: Double, theta: Double, context: Int, headSize: Int) -> String {
    let share = factor * factor - (factor - 1), exponent = Double(headSize) / Double(max(1, headSize - 2))
    let length = Int(exactly: (factor * Double(context)).rounded()) ?? context
    return
      "Its angles change with the length of the text, so nothing can be trained with them; set rope_scaling to null to "
      + "train up to max_position_embeddings, or also rope_theta to \(theta * pow(max(1, share), exponent)) and "
      + "max_position_embeddings to \(length), which is what it comes to at \(factor) times that."
  }

  private static func yarn(
    _ scaling: JSONFile, originalContext: Int, context: Int
  ) throws -> YaRN {
    let factor = try scaling.number("factor") ?? Double(context) / Double(originalContext)
    func magnitude(_ share: Double) -> Double { factor <= 1 ? 1 : 0.1 * share * log(factor) + 1 }
    var attention = try scaling.number("attention_factor")
    if attention == nil, let share = try scaling.number("mscale"), let all = try scaling.number("mscale_all_dim"),
      share != 0, all != 0
    {
      attention = magnitude(share) / magnitude(all)
    }
    func beta(_ key: String, _ usual: Double) throws -> Double {
      let stated = try scaling.number(key) ?? 0
      return stated == 0 ? usual : stated
    }
    return YaRN(
      factor: factor, betaFast: try beta("beta_fast", 32), betaSlow: try beta("beta_slow", 1),
      attentionFactor: attention, truncates: try scaling.bool("truncate") ?? true, originalContext: originalContext)
  }

  private static func longRoPE(
    _ scaling: JSONFile, originalContext: Int, context: Int
  ) throws -> LongRoPE {
    var attention = try scaling.number("attention_factor")
    let ratio = Double(context) / Double(originalContext)
    // Without a magnitude of its own, a factor that is not the ratio of the contexts decides.
    if attention == nil, let factor = try scaling.number("factor"), abs(factor / ratio - 1) > 1e-9 {
      attention = factor <= 1 ? 1 : sqrt(1 + log(factor) / log(Double(originalContext)))
    }
    return LongRoPE(
      shortFactors: try scaling.require("short_factor", scaling.numbers("short_factor")),
      longFactors: try scaling.require("long_factor", scaling.numbers("long_factor")), attentionFactor: attention,
      originalContext: originalContext)
  }
}
