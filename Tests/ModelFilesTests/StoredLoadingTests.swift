import Foundation
import GGUFFormat
import Kernels
import LlamaModel
import ModelFiles
import TensorCore
import TestSupport
import Testing

/// Models that run from the blocks of their files.
struct StoredLoadingTests {
  static let tokens: [Int32] = (0..<300).map { Int32($0 * 7 % 256 + 3) }

  /// Logits after a prompt, then after each of some more tokens.
  static func logits(_ model: Llama) -> [[UInt32]] {
    var cache = KeyValueCache(model.configuration, capacity: 320)
    return [Array(tokens.prefix(290))].map { model.nextLogits(after: $0, cache: &cache).bits }
      + tokens.suffix(10).map { model.nextLogits(after: [$0], cache: &cache).bits }
  }

  @Test(arguments: ExportStorage.allCases) func `blocks compute the bits that floats do`(storage: ExportStorage) throws
  {
    try withTemporaryDirectory { folder in
      try export(wideModel(), source: sourceMetadata(), storage: storage, to: folder + "/m.gguf")
      let file = try ModelFile(path: folder + "/m.gguf"), stored = try file.loadStored()
      let floats = try file.load().frozen()
      #expect(stored.storedMatrices.isEmpty == (storage == .f32))
      #expect(Self.logits(stored) == Self.logits(floats))
      #expect(stored.hidden(tokens: Self.tokens).values.bits == floats.hidden(tokens: Self.tokens).values.bits)
    }
  }

  @Test func `long texts are scored layer by layer from blocks as from floats`() throws {
    try withTemporaryDirectory { folder in
      let configuration = LlamaConfiguration.tiny(vocabularySize: vocabularySize, hiddenSize: 32, headSize: 16)
      try export(
        Llama.random(configuration, scale: 0.2), source: sourceMetadata(), storage: .q8_0, to: folder + "/m.gguf")
      let file = try ModelFile(path: folder + "/m.gguf"), stored = try file.loadStored()
      let tokens = (0..<DecoderBlock.longSequence + 50).map { Self.tokens[$0 * $0 % 300] }
      let states = stored.hidden(tokens: tokens), floats = try file.load().frozen().hidden(tokens: tokens)
      #expect(!stored.storedMatrices.isEmpty && states.values.bits == floats.values.bits)
    }
  }

  @Test(arguments: ModelFamily.allCases, ["bf16", "f16"])
  func `models of every family run from their halves`(family: ModelFamily, type: String) throws {
    try withTemporaryDirectory { folder in
      var configuration = LlamaConfiguration.tiny(vocabularySize: vocabularySize, hiddenSize: 32, headSize: 16)
      configuration.family = family
      configuration.hasQueryKeyValueBias = family == .qwen2
      configuration.hasQueryKeyNorm = family == .qwen3
      configuration.normEpsilon = Double(Float(1e-5))
      let gguf = folder + "/m.gguf"
      try export(
        Llama.random(configuration, scale: 0.2), source: sourceMetadata(), storage: type == "bf16" ? .bf16 : .f16,
        to: gguf)
      let file = try ModelFile(path: gguf), stored = try file.loadStored()
      #expect(!stored.storedMatrices.isEmpty)
      #expect(Self.logits(stored) == Self.logits(try file.load().frozen()))
    }
  }

  @Test func `blocks that are not finite are refused`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/m.gguf"
      try export(wideModel(), source: sourceMetadata(), storage: .q8_0, to: path)
      let info = try GGUFFile(path: path).tensor("blk.0.ffn_up.weight")
      var bytes = try Data(contentsOf: URL(filePath: path))
      (bytes[info.offset], bytes[info.offset + 1]) = (0x00, 0x7e)  // a NaN in half precision
      try bytes.write(to: URL(filePath: path))
      #expect(throws: ModelFileError.self) { try ModelFile(path: path).loadStored() }
    }
  }
}
