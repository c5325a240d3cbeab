import Foundation
import GGUFFormat
import LlamaModel

extension RoPEDescription {
  /// The keys that make llama.cpp form these angles, and our own exact copy.
  ///
  /// YaRN with other than standard betas cannot be said with keys; like LongRoPE's long factors in a model used
  /// at its trained length, it is baked into `rope_freqs.weight` (see `positionTensors`).
  func ggufKeys(_ family: ModelFamily = .llama) -> [(String, MetadataValue)] {
    let scaling = family.ggufArchitecture + ".rope.scaling."
    var keys: [(String, MetadataValue)] = [
      (family.ggufArchitecture + ".rope.freq_base", .float32(Float(theta)))
    ]
    func add(_ key: String, _ value: MetadataValue) { keys.append((scaling + key, value)) }
    switch self.scaling {
    case _ where isLongAndShort(family):
      add("type", .string("longrope"))
      add("attn_factor", .float32(Float(magnitude)))
    case .none, .llama3:
      add("type", .string("none"))
    case .perDimension(let divisors):
      add("type", .string("none"))
      if divisors.attentionFactor != 1 { add("attn_factor", .float32(Float(divisors.attentionFactor))) }
    case .linear(let factor):
      add("type", .string("linear"))
      add("factor", .float32(Float(factor)))
    case .yarn(let yarn) where yarn.isStandard:
      add("type", .string("yarn"))
      add("factor", .float32(Float(yarn.factor)))
      if let attention = yarn.attentionFactor {
        add("attn_factor", .float32(Float(attention / (0.1 * log(yarn.factor) + 1))))
      }
    case .yarn:
      add("type", .string("none"))
      add("attn_factor", .float32(Float(magnitude)))
    case .longRoPE:
      add("type", .string("longrope"))
      add("attn_factor", .float32(Float(magnitude)))
    }
    add("original_context_length", .uint32(UInt32(clamping: bandContext)))
    if trainedContext > originalContext { add("finetuned", .bool(true)) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let own = try? encoder.encode(self) {
      keys.append((Self.ownKey, .string(String(decoding: own, as: UTF8.self))))
    }
    return keys
  }

  /// Whether divisors must be said as LongRoPE's, which is all that llama.cpp's Phi-3 reads.
  private func isLongAndShort(_ family: ModelFamily) -> Bool {
    switch scaling {
    case .llama3, .perDimension: family.ggufDivisors == .longAndShort
    case .yarn(let yarn): family.ggufDivisors == .longAndShort && !yarn.isStandard
    case .none, .linear, .longRoPE: false
    }
  }

  /// Refuses what llama.cpp's code of this family has no place for.
  func requireGGUF(_ family: ModelFamily, path: String) throws(ModelFileError) {
    if family.ggufDivisors != .none || positionTensors(family, headSize: 4).isEmpty { return }
    throw ModelFileError(
      path: path, subject: family.ggufArchitecture + ".rope.scaling.type", found: "\(scaling.name) scaling",
      allowed: "theta, linear, or YaRN with its usual betas, which is all that llama.cpp reads for this architecture",
      repair: "Export to Hugging Face instead, or extend the model by one of these.")
  }

  /// Tensors beside the parameters: divisors of the angles, one per pair. Shapes: [headSize / 2].
  func positionTensors(_ family: ModelFamily = .llama, headSize: Int) -> [(name: String, values: [Double])] {
    if isLongAndShort(family) {
      let divisors = divisors(headSize: headSize)
      return [("rope_factors_long.weight", divisors), ("rope_factors_short.weight", divisors)]
    }
    switch scaling {
    case .none, .linear: return []
    case .yarn(let yarn) where yarn.isStandard: return []
    case .llama3, .perDimension, .yarn: return [("rope_freqs.weight", divisors(headSize: headSize))]
    case .longRoPE(let longRoPE):
      return [
        ("rope_factors_long.weight", longRoPE.longFactors), ("rope_factors_short.weight", longRoPE.shortFactors),
      ]
    }
  }

  /// The context that the scaling's bands count against.
  var bandContext: Int {
    switch scaling {
    case .yarn(let yarn): yarn.originalContext ?? originalContext
    case .llama3(let llama3): llama3.originalContext ?? originalContext
    case .longRoPE(let longRoPE): longRoPE.originalContext ?? originalContext
    case .none, .linear, .perDimension: originalContext
    }
  }
}

extension YaRN {
  /// Whether llama.cpp's fixed betas 32 and 1 and rounded ramp are these.
  fileprivate var isStandard: Bool { betaFast == 32 && betaSlow == 1 && truncates }
}
