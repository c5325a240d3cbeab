import Foundation
import LlamaModel
import SafetensorsFormat
import TensorCore
import TestSupport
import Testing
import Tokenization

@testable import ModelFiles

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
