import Foundation
import LlamaModel
import SafetensorsFormat
import TensorCore
import TestSupport
import Testing
import Tokenization

@testable import ModelFiles

/// config.json: what other releases say, and what is refused.
struct HuggingFaceConfigTests {
  static let base = """
    {"model_type": "llama", "vocab_size": 32000, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
    "num_attention_heads": 4, "max_position_embeddings": 4096, "rms_norm_eps": 1e-05
    """

  static func config(_ members: String, base: String = base) throws -> LlamaConfiguration {
    let text = base + (members.isEmpty ? "" : ", ") + members + "}"
    return try LlamaConfiguration(
      huggingFace: JSONFile(text: Array(text.utf8), path: "config.json"), holdsOutput: true)
  }

  @Test func `absent keys have transformers' meaning`() throws {
    let llama = try Self.config("")
    #expect(llama.keyHeadCount == 4)
    #expect(llama.headSize == 16)
    #expect(llama.rope == RoPEDescription(originalContext: 4096, originalTheta: 10_000))
    #expect(!llama.tiesEmbeddings && !llama.hasQueryKeyValueBias && llama.slidingWindow == nil)
    func family(_ name: String, _ members: String = "") throws -> LlamaConfiguration {
      try Self.config(members, base: Self.base.replacing("\"llama\"", with: "\"\(name)\""))
    }
    #expect(try family("mistral", "\"num_key_value_heads\": 2").slidingWindow == 4096)
    #expect(try family("mistral", "\"num_key_value_heads\": 2, \"sliding_window\": null").slidingWindow == nil)
    #expect(try family("qwen2", "\"sliding_window\": 99").slidingWindow == nil)
    #expect(
      try family("qwen2", "\"use_sliding_window\": true, \"sliding_window\": 9, \"max_window_layers\": 2").slidingWindow
        == nil)
    #expect(try family("qwen2").hasQueryKeyValueBias && !family("qwen2").hasOutputBias)
    #expect(try family("qwen3").headSize == 128 && family("qwen3").hasQueryKeyNorm)
    #expect(try family("phi3").slidingWindow == nil)
  }

  @Test func `contexts written as floats are read`() throws {
    #expect(
      try Self.config("\"head_dim\": 32.0", base: Self.base.replacing("4096", with: "4096.0")).rope.trainedContext
        == 4096)
  }

  @Test(arguments: [
    ("\"rope_theta\": 5e5", 4096, 4096, RoPEScaling.none),
    ("\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 500000.0}", 4096, 4096, .none),
    // LongChat and Vicuna: the original context is max_position_embeddings.
    (
      "\"max_sequence_length\": 32768, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 8.0}, \"rope_theta\": 5e5",
      4096, 32768, .linear(factor: 8)
    ),
    (
      "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 4}, \"rope_theta\": 5e5", 1024, 4096,
      .linear(factor: 4)
    ),
    (
      "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 1024}, \"rope_theta\": 5e5",
      1024, 4096, .yarn(YaRN(factor: 4, originalContext: 1024))
    ),
    (
      "\"rope_parameters\": {\"rope_type\": \"yarn\", \"factor\": 4.0, \"mscale\": 1.0, \"mscale_all_dim\": 1.0, "
        + "\"beta_fast\": 16, \"truncate\": false, \"original_max_position_embeddings\": 1024, \"rope_theta\": 5e5}",
      1024,
      4096, .yarn(YaRN(factor: 4, betaFast: 16, attentionFactor: 1, truncates: false, originalContext: 1024))
    ),
    (
      "\"rope_theta\": 5e5, \"rope_scaling\": {\"factor\": 32.0, \"high_freq_factor\": 4.0, \"low_freq_factor\": 1.0, "
        + "\"original_max_position_embeddings\": 1024, \"rope_type\": \"llama3\"}", 1024, 4096,
      .llama3(Llama3(factor: 32, originalContext: 1024))
    ),
    (
      "\"rope_theta\": 5e5, \"rope_scaling\": {\"type\": \"su\", \"short_factor\": [1,1,1,1,1,1,1,1], "
        + "\"long_factor\": [2,2,2,2,2,2,2,2], \"original_max_position_embeddings\": 1024}", 1024, 4096,
      .longRoPE(
        LongRoPE(
          shortFactors: [1, 1, 1, 1, 1, 1, 1, 1], longFactors: [2, 2, 2, 2, 2, 2, 2, 2], originalContext: 1024))
    ),
  ]) func `positions are read in the words of every release`(
    members: String, original: Int, trained: Int, scaling: RoPEScaling
  ) throws {
    let rope = try Self.config(members).rope
    #expect(rope.originalContext == original)
    #expect(rope.trainedContext == trained)
    #expect(rope.scaling == scaling)
    #expect(rope.theta == (members.contains("rope_theta") ? 500_000 : 10_000))
  }

  @Test(arguments: [
    ("\"architectures\": [\"LlamaForSequenceClassification\"]", "architectures"),
    ("\"hidden_act\": \"gelu\"", "hidden_act"),
    ("\"quantization_config\": {\"bits\": 4}", "quantization_config"),
    ("\"partial_rotary_factor\": 0.5", "partial_rotary"),
    ("\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0}", "rope_scaling.rope_type"),
    ("\"rope_scaling\": {\"type\": \"mrope\"}", "rope_scaling.rope_type"),
    ("\"rope_scaling\": {\"type\": \"linear\"}", "rope_scaling.factor"),
    ("\"rope_scaling\": {\"type\": \"linear\", \"factor\": \"8\"}", "rope_scaling.factor"),
    ("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0}", "rope_scaling"),
    ("\"rope_scaling\": [1]", "rope_scaling"), ("\"rope_theta\": \"x\"", "rope_theta"),
    ("\"rope_theta\": 0", "rope_scaling"),
    ("\"head_dim\": 5", "model sizes"), ("\"num_key_value_heads\": 3", "model sizes"),
    ("\"head_dim\": 1e30", "head_dim"),
    ("\"num_key_value_heads\": 0", "model sizes"), ("\"tie_word_embeddings\": 1", "tie_word_embeddings"),
  ]) func `what cannot be computed is refused by its key`(members: String, key: String) throws {
    let error = try #require(throws: ModelFileError.self) { _ = try Self.config(members) }
    #expect(error.subject.contains(key), "\(error)")
    for part in ["config.json", error.found, error.allowed, error.repair] { #expect(error.description.contains(part)) }
  }

  @Test func `the refusal of dynamic scaling names the theta it comes to`() throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try Self.config("\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0}")
    }
    // Heads of 16 and 4,096 tokens: θ · 3^(16/14).
    let theta = 10_000 * pow(3, 16.0 / 14)
    #expect(error.repair.contains("rope_theta to \(theta)") && error.repair.contains("to 8192"), "\(error)")
  }

  @Test(arguments: ["0", "-1", "1000000000000000000", "true", "\"4096\""]) func `a window that is none is refused`(
    window: String
  ) throws {
    let base = Self.base.replacing("\"llama\"", with: "\"phi3\"")
    let error = try #require(throws: ModelFileError.self) {
      _ = try Self.config("\"sliding_window\": \(window)", base: base)
    }
    #expect(error.subject == "sliding_window")
  }

  @Test(arguments: ["gemma2", "mixtral", "gpt_neox", "phi", "llama4"]) func `other families are refused by name`(
    name: String
  ) throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try Self.config("", base: Self.base.replacing("\"llama\"", with: "\"\(name)\""))
    }
    #expect(error.found == "\"\(name)\"")
    for family in ["llama", "mistral", "qwen2", "qwen3", "phi3", "SmolLM2", "Yi"] {
      #expect(error.allowed.contains(family))
    }
  }

  @Test(arguments: ["full_attention\", \"sliding_attention", "full_attention", "chunked\", \"chunked"])
  func `layers of different kinds are refused`(types: String) throws {
    let base = Self.base.replacing("\"llama\"", with: "\"qwen2\"")
    let error = try #require(throws: ModelFileError.self) {
      _ = try Self.config("\"use_sliding_window\": true, \"layer_types\": [\"\(types)\"]", base: base)
    }
    #expect(error.subject == "layer_types")
  }
}
