import Foundation
import GGUFFormat
import LlamaModel
import SafetensorsFormat
import TensorCore
import TestSupport
import Testing
import Tokenization

@testable import ModelFiles

/// A tiny model of a family and what transformers computes with it; made by `Scripts/make-family-fixtures`.
struct FamilyFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
  static let names = [
    "llama", "llama-biased", "llama-3.2", "llama-linear", "llama-yarn", "llama-longrope", "smollm2", "tinyllama",
    "mistral", "qwen2",
    "qwen2.5-yarn", "qwen2-window", "qwen3", "phi3", "phi3-longrope",
  ]

  let path: String
  let expected: TestSupport.Safetensors
  let sequence: TokenSequence

  init(_ name: String) throws {
    path = Self.folder + "/" + name
    expected = try Safetensors(path: path + "/expected.safetensors")
    let labels = try expected.doubles("labels").map { max(Int32($0), -1) }
    sequence = TokenSequence(
      tokens: try expected.doubles("tokens").map { Int32($0) }, labels: Array(labels.dropFirst()) + [-1])
  }
}

/// Every family as transformers computes it, in and out of both formats.
struct FamilyTests {
  @Test(arguments: FamilyFixture.names) func `logits are those of transformers`(name: String) throws {
    let fixture = try FamilyFixture(name)
    let model = try ModelFile(path: fixture.path).load()
    let logits = model.frozen().logits(tokens: fixture.sequence.tokens).values.map(Double.init)
    let expected = try fixture.expected.doubles("logits")
    #expect(Tolerance.mismatch(logits, expected, within: 1e-4) == nil)
    #expect(Tolerance.relativeNorm(logits, expected) < 1e-5)
  }

  @Test(arguments: FamilyFixture.names) func `loss and every gradient are those of transformers`(name: String) throws {
    let fixture = try FamilyFixture(name)
    let model = try ModelFile(path: fixture.path).load()
    let loss = model.loss(of: fixture.sequence)
    let count = Float(fixture.sequence.labelCount)
    #expect(abs(Double(loss.scalar / count) / (try fixture.expected.doubles("loss")[0]) - 1) < 1e-5)
    var gradients = Gradients()
    loss.backward(weight: 1 / count, into: &gradients)
    let parameters = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.tensor) })
    let stored = model.configuration.storedTensors
    #expect(
      Set(stored.map { "gradients/" + $0.name }) == Set(fixture.expected.names.filter { $0.hasPrefix("gradients/") }))
    for tensor in stored {
      let actual: [Double] = try tensor.parameters.flatMap { parameter in
        let ours = try #require(parameters[parameter.name])
        return try #require(gradients[ours], "\(parameter.name)").values.map(Double.init)
      }
      let expected = try fixture.expected.doubles("gradients/" + tensor.name)
      #expect(Tolerance.relativeNorm(actual, expected) < 1e-4, "\(tensor.name)")
      #expect(Tolerance.mismatch(actual, expected, within: 1e-4) == nil, "\(tensor.name)")
    }
  }

  @Test(arguments: FamilyFixture.names) func `tokens read one by one give the logits of the whole`(name: String) throws
  {
    let fixture = try FamilyFixture(name)
    let model = try ModelFile(path: fixture.path).load().frozen()
    let tokens = fixture.sequence.tokens
    var cache = KeyValueCache(model.configuration, capacity: tokens.count), logits: [Float] = []
    for token in tokens { logits = model.nextLogits(after: [token], cache: &cache) }
    let expected = try fixture.expected.doubles("logits").suffix(logits.count)
    #expect(Tolerance.mismatch(logits.map(Double.init), Array(expected), within: 1e-4) == nil)
  }

  @Test(arguments: FamilyFixture.names, [1 << 30, 20_000])
  func `Hugging Face to Hugging Face keeps every bit, in one file or several`(name: String, shardBytes: Int) throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/" + name)
    let model = try file.load()
    try withTemporaryDirectory { folder in
      let path = folder + "/out"
      try exportHuggingFace(model, source: file.metadata, type: .f32, shardBytes: shardBytes, to: path)
      let again = try ModelFile(path: path)
      #expect(again.configuration == file.configuration)
      #expect(again.tokenizer == file.tokenizer)
      #expect(try again.load().bits == model.bits)
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
      #expect(names.contains("model.safetensors.index.json") == (shardBytes < 1 << 30))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out"])
      for name in ["tokenizer.json", "generation_config.json", "chat_template.jinja"] {
        let both = [file.path, path].map { FileManager.default.contents(atPath: $0 + "/" + name) }
        #expect(both[0] != nil && both[0] == both[1], "\(name)")
      }
    }
  }

  /// Scalings that llama.cpp's code of Qwen has no place for.
  static let inexpressible: Set = ["qwen2.5-yarn"]

  @Test(arguments: FamilyFixture.names)
  func `Hugging Face to GGUF to Hugging Face keeps every bit`(name: String) throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/" + name)
    let model = try file.load()
    try withTemporaryDirectory { folder in
      let gguf = folder + "/model.gguf", path = folder + "/out"
      if Self.inexpressible.contains(name) {
        let error = try #require(throws: ModelFileError.self) {
          try export(model, source: file.metadata, storage: .f32, to: gguf)
        }
        #expect(error.subject == "qwen2.rope.scaling.type")
        return
      }
      try export(model, source: file.metadata, storage: .f32, to: gguf)
      let between = try ModelFile(path: gguf)
      var rounded = file.configuration
      rounded.normEpsilon = Double(Float(rounded.normEpsilon))  // as a GGUF holds it
      #expect(between.configuration == rounded)
      #expect(try between.load().bits == model.bits)
      try exportHuggingFace(between.load(), source: between.metadata, type: .f32, to: path)
      let again = try ModelFile(path: path)
      #expect(again.configuration == rounded)
      #expect(try again.load().bits == model.bits)
      let text = "the quick brown fox, 42 jumps\n<|im_end|>"
      let before = try Tokenizer(file.tokenizer), after = try Tokenizer(again.tokenizer)
      #expect(before.encode(text, parsingSpecials: true) == after.encode(text, parsingSpecials: true))
      #expect(before.stopTokens == after.stopTokens)
      #expect(again.tokenizer.chatTemplate == file.tokenizer.chatTemplate)
    }
  }

  @Test func `smaller types are the rounding of the weights`() throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/smollm2")
    let model = try file.load()
    try withTemporaryDirectory { folder in
      // The fixture's weights are BF16.
      try exportHuggingFace(model, source: file.metadata, type: .bf16, to: folder + "/bf16")
      #expect(try ModelFile(path: folder + "/bf16").load().bits == model.bits)
      #expect(try ModelFile(path: folder + "/bf16").storage.hasPrefix("BF16 ×"))
      try exportHuggingFace(model, source: file.metadata, type: .f16, to: folder + "/f16")
      #expect(try ModelFile(path: folder + "/f16").load().bits != model.bits)
    }
  }

  @Test func `the fixtures cover every family, both forms of config, and all types`() throws {
    let files = try FamilyFixture.names.map { try ModelFile(path: FamilyFixture.folder + "/" + $0) }
    #expect(Set(files.map(\.configuration.family)) == Set(ModelFamily.allCases))
    #expect(Set(files.map(\.configuration.rope.scaling.name)) == ["none", "linear", "yarn", "llama3", "longrope"])
    #expect(files.contains { $0.configuration.slidingWindow == 8 && $0.configuration.family == .mistral })
    #expect(files.contains { $0.configuration.hasQueryKeyNorm } && files.contains { $0.configuration.hasOutputBias })
    let configs = try files.map { try String(contentsOfFile: $0.path + "/config.json", encoding: .utf8) }
    #expect(configs.contains { $0.contains("rope_scaling") } && configs.contains { $0.contains("rope_parameters") })
    #expect(Set(files.compactMap { $0.storage.split(separator: " ").first }) == ["F32", "F16", "BF16"])
    #expect(files.allSatisfy { $0.tokenizer.eos == 1 && $0.tokenizer.bos == 0 })
  }
}
