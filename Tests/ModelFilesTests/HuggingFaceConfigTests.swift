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

/// Folders that are no model, and random damage.
struct HuggingFaceFolderTests {
  /// A copy of a fixture, changed, and opened.
  func opened(_ name: String = "qwen3", _ change: (String) throws -> Void) throws -> ModelFile {
    try withTemporaryDirectory { folder in
      try FileManager.default.copyItem(atPath: FamilyFixture.folder + "/" + name, toPath: folder + "/model")
      try change(folder + "/model/")
      return try ModelFile(path: folder + "/model")
    }
  }

  func replace(_ old: String, _ new: String, in name: String = "config.json") -> (String) throws -> Void {
    { folder in
      let text = try String(contentsOfFile: folder + name, encoding: .utf8)
      #expect(text.contains(old))
      try text.replacing(old, with: new).write(toFile: folder + name, atomically: false, encoding: .utf8)
    }
  }

  @Test(arguments: ["config.json", "model.safetensors", "tokenizer.json"]) func `a missing file is named`(name: String)
    throws
  {
    let error = #expect(throws: (any Error).self) {
      _ = try opened { try FileManager.default.removeItem(atPath: $0 + name) }
    }
    #expect("\(try #require(error))".contains(name))
  }

  @Test func `sizes that are not those of the weights are refused with both shapes`() throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try opened("qwen3", replace("\"intermediate_size\": 32", "\"intermediate_size\": 40"))
    }
    #expect(error.found.contains("[32, 24]") && error.allowed.contains("[40, 24]"))
  }

  @Test func `fewer and more layers than the weights have are refused by a tensor's name`() throws {
    for (count, part) in [(3, "model.layers.2."), (1, "model.layers.1.")] {
      let error = try #require(throws: ModelFileError.self) {
        _ = try opened("llama", replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": \(count)"))
      }
      #expect(error.subject.contains(part))
    }
  }

  @Test func `a vocabulary larger than the embedding is refused`() throws {
    let error = #expect(throws: (any Error).self) {
      _ = try opened { folder in
        let token =
          #"{"id": 90, "content": "<x>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},"#
        try replace("\"added_tokens\": [", "\"added_tokens\": [" + token, in: "tokenizer.json")(folder)
      }
    }
    #expect("\(try #require(error))".contains("80"))
  }

  @Test func `every token that ends a text is a stop token`() throws {
    let tokenizer = try Tokenizer(opened { _ in }.tokenizer)
    #expect(tokenizer.stopTokens.isSuperset(of: [0, 1]))
    #expect(tokenizer.tokenCount == 80)
    let error = #expect(throws: (any Error).self) { _ = try opened("qwen3", replace("    0\n  ]", "    999\n  ]")) }
    #expect("\(try #require(error))".contains("eos_token_id"))
  }

  @Test func `our own copy of the positions counts only while the keys are those we wrote`() throws {
    let file = try opened("llama") { _ in }
    var model = try file.load()
    model.configuration.rope = RoPEDescription(
      originalContext: 64, originalTheta: 10_000, trainedContext: 256, theta: 40_000,
      scaling: .yarn(YaRN(factor: 4, originalContext: 64)))
    try withTemporaryDirectory { folder in
      let path = folder + "/out"
      try exportHuggingFace(model, source: file.metadata, type: .f32, to: path)
      #expect(try ModelFile(path: path).configuration.rope == model.configuration.rope)
      try replace("\"rope_theta\": 40000.0", "\"rope_theta\": 50000.0")(path + "/")
      #expect(try ModelFile(path: path).configuration.rope.theta == 50_000)
    }
  }

  @Test(arguments: RoPECase.all) func `every description comes back exactly, and its angles without our copy`(
    rope: RoPECase
  ) throws {
    for name in ["llama", "phi3"] {
      let file = try opened(name) { _ in }
      var model = try file.load()
      model.configuration.rope = rope.rope
      let pairs = model.configuration.headSize / 2
      switch rope.rope.scaling {
      case .longRoPE(var scaling):
        scaling.shortFactors = Array(scaling.shortFactors.prefix(pairs))
        scaling.longFactors = Array(scaling.longFactors.prefix(pairs))
        model.configuration.rope.scaling = .longRoPE(scaling)
      case .perDimension(var scaling):
        scaling.divisors = Array(scaling.divisors.prefix(pairs))
        model.configuration.rope.scaling = .perDimension(scaling)
      default: break
      }
      try withTemporaryDirectory { folder in
        let path = folder + "/out"
        try exportHuggingFace(model, source: file.metadata, type: .f32, to: path)
        #expect(try ModelFile(path: path).configuration.rope == model.configuration.rope)
        try replace("\"extend_rope\"", "\"other\"")(path + "/")
        let stated = try ModelFile(path: path).configuration.rope, exact = model.configuration.rope
        for length in [16, 256] {
          let (a, b) = (
            stated.inverseFrequencies(headSize: 2 * pairs, sequenceLength: length),
            exact.inverseFrequencies(headSize: 2 * pairs, sequenceLength: length)
          )
          for (a, b) in zip(a, b) { #expect(abs(a / b - 1) < 1e-12, "\(name)") }
        }
        #expect(abs(stated.magnitude / exact.magnitude - 1) < 1e-12, "\(name)")
        #expect(stated.trainedContext >= exact.trainedContext)
      }
    }
  }

  @Test(arguments: ["", "[", "[]", "null", "{\"model_type\": 1}", "{\"model_type\": \"llama\"", "{}", "\u{0}"])
  func `a config that is none is refused`(text: String) {
    #expect(throws: (any Error).self) {
      _ = try opened { try Data(text.utf8).write(to: URL(filePath: $0 + "config.json")) }
    }
  }

  @Test(arguments: 0..<2) func `a damaged config is refused or read`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let whole = try Data(contentsOf: URL(filePath: FamilyFixture.folder + "/phi3-longrope/config.json"))
    var (read, refused) = (0, 0)
    for _ in 0..<1000 {
      var bytes = Array(whole)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let start = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[start] = Array("0123456789{}[],:\"eE-+.ntf ".utf8).randomElement(using: &random) ?? 0
        case 1: bytes.removeSubrange(start..<min(start + 8, bytes.count))
        default: bytes.insert(contentsOf: bytes[start..<min(start + 8, bytes.count)], at: start)
        }
      }
      do {
        let config = try JSONFile(text: bytes, path: "config.json")
        let configuration = try LlamaConfiguration(huggingFace: config, holdsOutput: true)
        #expect(configuration.problems.isEmpty)
        let frequencies = configuration.rope.inverseFrequencies(headSize: configuration.headSize)
        #expect(!frequencies.contains { !$0.isFinite })
        read += 1
      } catch {
        #expect(!"\(error)".isEmpty)
        refused += 1
      }
    }
    #expect(read > 20 && refused > 500)
  }
}

/// Where an export goes.
struct HuggingFaceExportTests {
  @Test func `a folder that holds something is left alone`() throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/llama")
    let model = try file.load()
    try withTemporaryDirectory { folder in
      try Data().write(to: URL(filePath: folder + "/mine"))
      let error = #expect(throws: (any Error).self) {
        try exportHuggingFace(model, source: file.metadata, type: .f32, to: folder)
      }
      #expect("\(try #require(error))".contains(folder))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["mine"])
    }
  }

  @Test func `weights that are not finite leave nothing behind`() throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/llama")
    var model = try file.load()
    model.norm = Tensor(model.norm.shape, [Float](repeating: .nan, count: model.norm.shape.count))
    try withTemporaryDirectory { folder in
      let error = try #require(throws: ModelFileError.self) {
        try exportHuggingFace(model, source: file.metadata, type: .f32, to: folder + "/out")
      }
      #expect(error.subject == "model.norm.weight")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `what a leftover folder holds is not taken over`() throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/llama")
    let model = try file.load()
    try withTemporaryDirectory { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/out.partial", withIntermediateDirectories: true, attributes: nil)
      try Data().write(to: URL(filePath: folder + "/out.partial/old"))
      try exportHuggingFace(model, source: file.metadata, type: .f32, to: folder + "/out")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out"])
      #expect(!FileManager.default.fileExists(atPath: folder + "/out/old"))
    }
  }

  @Test func `biases that a class has no place for are refused`() throws {
    let source = sourceMetadata()
    var configuration = randomModel().configuration
    configuration.hasQueryKeyValueBias = true
    let model = Llama.random(configuration, scale: 0.1)
    try withTemporaryDirectory { folder in
      let error = try #require(throws: ModelFileError.self) {
        try exportHuggingFace(model, source: source, type: .f32, to: folder + "/out")
      }
      #expect(error.found.contains("biases"))
    }
  }
}
