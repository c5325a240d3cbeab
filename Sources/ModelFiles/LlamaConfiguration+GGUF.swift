import Foundation
import GGUFFormat
import LlamaModel

extension LlamaConfiguration {
  /// The configuration that a GGUF file of architecture `llama` describes.
  init(gguf file: GGUFFile) throws {
    let metadata = file.metadata
    let path = file.path
    func refuse(_ subject: String, _ found: String, _ allowed: String, _ repair: String) -> ModelFileError {
      ModelFileError(path: path, subject: subject, found: found, allowed: allowed, repair: repair)
    }
    let architecture: String = try metadata.require("general.architecture")
    guard architecture == "llama" else {
      throw refuse(
        "general.architecture", "\"\(architecture)\"",
        "\"llama\" (Llama 1 to 3.3, Mistral without window, SmolLM2, TinyLlama, Yi, DeepSeek-LLM, Vicuna)",
        "Use a model of that family.")
    }
    for (key, what) in [("expert_count", "experts"), ("attention.sliding_window", "a sliding window")] {
      if let count: Int = try metadata.find("llama." + key), count > 0 {
        throw refuse("llama." + key, "\(count): \(what)", "none", "Use a dense model with full attention.")
      }
    }
    let hidden: Int = try metadata.require("llama.embedding_length")
    let heads: Int = try metadata.require("llama.attention.head_count")
    let embedding = try file.tensor("token_embd.weight")
    let headSize: Int = try metadata.find("llama.attention.key_length") ?? (heads > 0 ? hidden / heads : 0)
    if let rotated: Int = try metadata.find("llama.rope.dimension_count"), rotated != headSize {
      throw refuse(
        "llama.rope.dimension_count", "\(rotated)", "\(headSize), the head size",
        "Partly rotated heads are not supported.")
    }
    if let valueSize: Int = try metadata.find("llama.attention.value_length"), valueSize != headSize {
      throw refuse(
        "llama.attention.value_length", "\(valueSize)", "\(headSize), the key length", "Use a model with equal lengths."
      )
    }
    func has(_ name: String) -> Bool { file.find("blk.0.\(name).bias") != nil }
    self.init(
      vocabularySize: embedding.rowCount, hiddenSize: hidden,
      feedForwardSize: try metadata.require("llama.feed_forward_length"),
      layerCount: try metadata.require("llama.block_count"), headCount: heads,
      keyHeadCount: try metadata.find("llama.attention.head_count_kv") ?? heads, headSize: headSize,
      normEpsilon: try metadata.require("llama.attention.layer_norm_rms_epsilon"),
      tiesEmbeddings: file.find("output.weight") == nil, hasQueryKeyValueBias: has("attn_q"),
      hasOutputBias: has("attn_output"), hasFeedForwardBias: has("ffn_gate"),
      rope: RoPEDescription(originalContext: 8, originalTheta: 10_000))
    if let problem = problems.first {
      throw refuse("llama.*", problem, "a consistent configuration", "The file's metadata is damaged; fetch it again.")
    }
    rope = try RoPEDescription(gguf: file, headSize: headSize)
  }
}

extension RoPEDescription {
  /// Our own exact copy of the description, beside the keys that llama.cpp reads (which hold theta as a Float).
  static let ownKey = "extend.rope"

  init(gguf file: GGUFFile, headSize: Int) throws {
    let metadata = file.metadata
    let context: Int = try metadata.require("llama.context_length")
    let theta: Double = try metadata.find("llama.rope.freq_base") ?? 10_000
    let original: Int = try metadata.find("llama.rope.scaling.original_context_length") ?? context
    self.init(
      originalContext: original, originalTheta: theta, trainedContext: context,
      scaling: try Self.scaling(file, theta: theta, original: original, headSize: headSize))
    if let text: String = try metadata.find(Self.ownKey),
      let own = try? JSONDecoder().decode(RoPEDescription.self, from: Data(text.utf8)),
      own.trainedContext == context, own.isWritten(in: file, headSize: headSize)
    {
      self = own
    }
    do {
      try validate(headSize: headSize)
    } catch {
      throw ModelFileError(
        path: file.path, subject: "llama.rope.*", found: "\(error)", allowed: "a RoPE description that can be computed",
        repair: "Correct the key in the file.")
    }
  }

  /// Whether the keys and tensors that everyone reads are those an export of this description writes; if not, they
  /// were edited, and count more than our own copy.
  func isWritten(in file: GGUFFile, headSize: Int) -> Bool {
    guard (try? validate(headSize: headSize)) != nil else { return false }
    let written = ggufKeys().filter { $0.0 != Self.ownKey }
    let stated = file.metadata.entries.filter {
      $0.key == "llama.rope.freq_base" || $0.key.hasPrefix("llama.rope.scal")
    }
    guard written.count == stated.count, written.allSatisfy({ file.metadata[$0.0] == $0.1 }) else { return false }
    let tensors = positionTensors(headSize: headSize)
    return tensors.count == file.tensors.count { ModelFile.positionTensors.contains($0.name) }
      && tensors.allSatisfy { name, values in
        file.find(name).map { file.values(of: $0) == values.map(Float.init) } ?? false
      }
  }

  private static func scaling(
    _ file: GGUFFile, theta: Double, original: Int, headSize: Int
  ) throws -> RoPEScaling {
    let metadata = file.metadata
    let prefix = "llama.rope.scaling."
    func divisors(_ name: String) throws -> [Double]? {
      guard let info = file.find(name) else { return nil }
      guard info.elementCount == headSize / 2 else {
        throw ModelFileError(
          path: file.path, subject: name, found: "shape \(info.shape)", allowed: "[\(headSize / 2)], one per pair",
          repair: "Convert the model again.")
      }
      return file.values(of: info).map(Double.init)
    }
    let legacy: Double? = try metadata.find("llama.rope.scale_linear")
    let factor: Double = try metadata.find(prefix + "factor") ?? legacy ?? 1
    let attention: Double? = try metadata.find(prefix + "attn_factor")
    if let values = try divisors("rope_freqs.weight") {
      return .recognized(divisors: values, theta: theta, attentionFactor: attention ?? 1)
    }
    let type: String = try metadata.find(prefix + "type") ?? "linear"
    switch type {
    case "none": return .none
    case "linear": return factor == 0 || factor == 1 ? .none : .linear(factor: factor)
    case "yarn":
      let standard = 0.1 * log(factor) + 1
      return .yarn(YaRN(factor: factor, attentionFactor: attention.map { $0 * standard }))
    case "longrope":
      if let long = try divisors("rope_factors_long.weight"), let short = try divisors("rope_factors_short.weight") {
        return .longRoPE(
          LongRoPE(shortFactors: short, longFactors: long, attentionFactor: attention, originalContext: original))
      }
    default: break
    }
    throw ModelFileError(
      path: file.path, subject: prefix + "type", found: "\"\(type)\"",
      allowed: "none, linear, yarn, or longrope with both rope_factors tensors", repair: "Convert the model again.")
  }
}
