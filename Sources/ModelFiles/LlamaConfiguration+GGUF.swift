import Foundation
import GGUFFormat
import LlamaModel

extension LlamaConfiguration {
  /// The configuration that a GGUF file of a supported architecture describes.
  init(gguf file: GGUFFile) throws {
    let metadata = file.metadata
    let path = file.path
    func refuse(_ subject: String, _ found: String, _ allowed: String, _ repair: String) -> ModelFileError {
      ModelFileError(path: path, subject: subject, found: found, allowed: allowed, repair: repair)
    }
    let architecture: String = try metadata.require("general.architecture")
    let own: String? = try metadata.find(ModelFile.familyKey)
    let families = ModelFamily.allCases.filter { $0.ggufArchitecture == architecture }
    guard var family = families.first(where: { $0.rawValue == own }) ?? families.first else {
      throw refuse(
        "general.architecture", "\"\(architecture)\"", ModelFamily.supported, "Use a model of one of these families.")
    }
    let prefix = architecture + "."
    if let count: Int = try metadata.find(prefix + "expert_count"), count > 0 {
      throw refuse(prefix + "expert_count", "\(count): experts", "none", "Use a dense model.")
    }
    let window: Int? = try metadata.find(prefix + "attention.sliding_window")
    let hidden: Int = try metadata.require(prefix + "embedding_length")
    let heads: Int = try metadata.require(prefix + "attention.head_count")
    let embedding = try file.tensor("token_embd.weight")
    let headSize: Int = try metadata.find(prefix + "attention.key_length") ?? (heads > 0 ? hidden / heads : 0)
    if let rotated: Int = try metadata.find(prefix + "rope.dimension_count"), rotated != headSize {
      throw refuse(
        prefix + "rope.dimension_count", "\(rotated)", "\(headSize), the head size",
        "Partly rotated heads are not supported.")
    }
    if let valueSize: Int = try metadata.find(prefix + "attention.value_length"), valueSize != headSize {
      throw refuse(
        prefix + "attention.value_length", "\(valueSize)", "\(headSize), the key length",
        "Use a model with equal lengths."
      )
    }
    // A window makes it a Mistral: the class of Llama in transformers has none.
    if family == .llama, window ?? 0 > 0 { family = .mistral }
    // One of them anywhere, and all must be there.
    func has(_ names: String...) -> Bool {
      file.tensors.contains { tensor in names.contains { tensor.name.hasSuffix("." + $0) } }
    }
    self.init(
      family: family, vocabularySize: embedding.rowCount, hiddenSize: hidden,
      feedForwardSize: try metadata.require(prefix + "feed_forward_length"),
      layerCount: try metadata.require(prefix + "block_count"), headCount: heads,
      keyHeadCount: try metadata.find(prefix + "attention.head_count_kv") ?? heads, headSize: headSize,
      normEpsilon: try metadata.require(prefix + "attention.layer_norm_rms_epsilon"),
      tiesEmbeddings: file.find("output.weight") == nil,
      hasQueryKeyValueBias: family.queryKeyValueBias.holds(has("attn_q.bias", "attn_k.bias", "attn_v.bias")),
      hasOutputBias: family.outputBias.holds(has("attn_output.bias")),
      hasFeedForwardBias: family.feedForwardBias.holds(has("ffn_gate.bias", "ffn_up.bias", "ffn_down.bias")),
      hasQueryKeyNorm: family.queryKeyNorm.holds(false), slidingWindow: window ?? 0 > 0 ? window : nil,
      rope: RoPEDescription(originalContext: 8, originalTheta: 10_000))
    if let problem = problems.first {
      throw refuse(
        prefix + "*", problem, "a consistent configuration", "The file's metadata is damaged; fetch it again.")
    }
    rope = try RoPEDescription(gguf: file, family: self.family, headSize: headSize)
  }
}

extension RoPEDescription {
  /// Our own exact copy of the description, beside the keys that llama.cpp reads (which hold theta as a Float).
  static let ownKey = "extend.rope"

  init(gguf file: GGUFFile, family: ModelFamily, headSize: Int) throws {
    let metadata = file.metadata, prefix = family.ggufArchitecture + ".rope."
    let context: Int = try metadata.require(family.ggufArchitecture + ".context_length")
    let theta: Double = try metadata.find(prefix + "freq_base") ?? 10_000
    let original: Int = try metadata.find(prefix + "scaling.original_context_length") ?? context
    self.init(
      originalContext: original, originalTheta: theta, trainedContext: context,
      scaling: try Self.scaling(file, prefix, theta: theta, original: original, headSize: headSize))
    if let text: String = try metadata.find(Self.ownKey),
      let own = try? JSONDecoder().decode(RoPEDescription.self, from: Data(text.utf8)),
      own.trainedContext == context, own.isWritten(in: file, family, headSize: headSize)
    {
      self = own
    }
    do {
      try validate(headSize: headSize)
    } catch {
      throw ModelFileError(
        path: file.path, subject: prefix + "*", found: "\(error)", allowed: "a RoPE description that can be computed",
        repair: "Correct the key in the file.")
    }
  }

  /// Whether the keys and tensors that everyone reads are those an export of this description writes; if not, they
  /// were edited, and count more than our own copy.
  func isWritten(in file: GGUFFile, _ family: ModelFamily, headSize: Int) -> Bool {
    guard (try? validate(headSize: headSize)) != nil else { return false }
    let written = ggufKeys(family).filter { $0.0 != Self.ownKey }
    let stated = file.metadata.entries.filter {
      $0.key.hasPrefix(family.ggufArchitecture + ".rope.freq_base")
        || $0.key.hasPrefix(family.ggufArchitecture + ".rope.scal")
    }
    guard written.count == stated.count, written.allSatisfy({ file.metadata[$0.0] == $0.1 }) else { return false }
    let tensors = positionTensors(family, headSize: headSize)
    return tensors.count == file.tensors.count { ModelFile.positionTensors.contains($0.name) }
      && tensors.allSatisfy { name, values in
        file.find(name).map { file.values(of: $0) == values.map(Float.init) } ?? false
      }
  }

  private static func scaling(
    _ file: GGUFFile, _ rope: String, theta: Double, original: Int, headSize: Int
  ) throws -> RoPEScaling {
    let metadata = file.metadata
    let prefix = rope + "scaling."
    func divisors(_ name: String) throws -> [Double]? {
      guard let info = file.find(name) else { return nil }
      guard info.elementCount == headSize / 2 else {
        throw ModelFileError(
          path: file.path, subject: "tensor \(name)", found: "shape \(info.shape)",
          allowed: "[\(headSize / 2)], one per pair",
          repair: "Convert the model again.")
      }
      return file.values(of: info).map(Double.init)
    }
    let legacy: Double? = try metadata.find(rope + "scale_linear")
    let factor: Double = try metadata.find(prefix + "factor") ?? legacy ?? 1
    let attention: Double? = try metadata.find(prefix + "attn_factor")
    if let values = try divisors("rope_freqs.weight") {
      return .recognized(divisors: values, theta: theta, attentionFactor: attention ?? 1)
    }
    let type: String = try metadata.find(prefix + "type") ?? "linear"
    // The converter of Phi-3 writes no type; the tensors say it.
    if let long = try divisors("rope_factors_long.weight"), let short = try divisors("rope_factors_short.weight") {
      if long == short { return .perDimension(PerDimension(divisors: long, attentionFactor: attention ?? 1)) }
      return .longRoPE(
        LongRoPE(shortFactors: short, longFactors: long, attentionFactor: attention, originalContext: original))
    }
    switch type {
    case "none": return .none
    case "linear": return factor == 0 || factor == 1 ? .none : .linear(factor: factor)
    case "yarn":
      let standard = 0.1 * log(factor) + 1
      return .yarn(YaRN(factor: factor, attentionFactor: attention.map { $0 * standard }))
    default: break
    }
    throw ModelFileError(
      path: file.path, subject: prefix + "type", found: "\"\(type)\"",
      allowed: "none, linear, yarn, or longrope with both rope_factors tensors", repair: "Convert the model again.")
  }
}
