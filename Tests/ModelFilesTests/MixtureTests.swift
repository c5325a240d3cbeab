import GGUFFormat
import LlamaModel
import TestSupport
import Testing

@testable import ModelFiles

/// Which tensor gets which type, against lists that `llama-quantize` printed or its documentation states.
struct MixtureTests {
  static func configuration(
    layers: Int = 32, hidden: Int = 4096, tied: Bool = false, heads: Int = 32, keyHeads: Int = 8
  ) -> LlamaConfiguration {
    LlamaConfiguration(
      vocabularySize: 1000, hiddenSize: hidden, feedForwardSize: hidden * 2, layerCount: layers, headCount: heads,
      keyHeadCount: keyHeads, headSize: hidden / heads, normEpsilon: 1e-5, tiesEmbeddings: tied,
      rope: RoPEDescription(originalContext: 32, originalTheta: 10_000))
  }

  static func layers(
    _ storage: ExportStorage, _ tensor: String, _ type: TensorType,
    _ configuration: LlamaConfiguration = configuration(),
    hasImportance: Bool = false
  ) -> [Int] {
    (0..<configuration.layerCount).filter {
      storage.choice(
        of: "blk.\($0).\(tensor).weight", shape: [512, configuration.hiddenSize], in: configuration,
        hasImportance: hasImportance
      ).type == type
    }
  }

  static let favoured = [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]

  @Test(arguments: ["attn_v", "ffn_down"]) func `the M mixtures keep half of two tensors in Q6_K`(_ tensor: String) {
    #expect(Self.layers(.q4_K_M, tensor, .q6_K) == Self.favoured)
    #expect(Self.layers(.q5_K_M, tensor, .q6_K) == Self.favoured)
    #expect(Self.layers(.q5_K_S, tensor, .q5_K) == Array(0..<32))
  }

  @Test func `the S mixture spends a bit on the first layers`() {
    #expect(Self.layers(.q4_K_S, "attn_v", .q5_K) == [0, 1, 2, 3])
    #expect(Self.layers(.q4_K_S, "ffn_down", .q5_K) == [0, 1, 2, 3])
    #expect(Self.layers(.q4_K_S, "attn_q", .q5_K) == [])
    #expect(Self.layers(.q4_0, "ffn_down", .q4_1) == [])
    #expect(Self.layers(.q4_0, "ffn_down", .q4_1, hasImportance: true) == [0, 1, 2, 3])
    #expect(Self.layers(.q5_0, "ffn_down", .q5_1, hasImportance: true) == [0, 1, 2, 3])
  }

  @Test func `a model of Llama 70B's shape keeps its value projections in Q5_K`() {
    let large = Self.configuration(layers: 80, hidden: 8192, heads: 64)
    #expect(Self.layers(.q4_K_M, "attn_v", .q4_K, large) == [])
    let ungrouped = Self.configuration(layers: 80, hidden: 8192, heads: 64, keyHeads: 64)
    #expect(Self.layers(.q4_K_M, "attn_v", .q4_K, ungrouped) != [])
  }

  @Test(arguments: ExportStorage.allCases, [false, true])
  func `the output layer is finer, and the embedding where it serves as output`(storage: ExportStorage, tied: Bool) {
    let configuration = Self.configuration(tied: tied), base = storage.baseType
    let expected: TensorType = !base.isQuantized || base == .q8_0 ? base : .q6_K
    func type(_ name: String) -> TensorType {
      storage.choice(of: name, shape: [1000, 4096], in: configuration, hasImportance: false).type
    }
    #expect(type("token_embd.weight") == (tied ? expected : base))
    if !tied { #expect(type("output.weight") == expected) }
  }

  @Test(arguments: [
    (ExportStorage.q4_K_M, "attn_q", TensorType.q5_0, TensorType.q4_K), (.q5_K_M, "attn_q", .q5_1, .q5_K),
    (.q6_K, "attn_q", .q8_0, .q6_K), (.q4_0, "attn_q", .q4_0, .q4_0), (.q8_0, "attn_q", .q8_0, .q8_0),
  ]) func `rows of 576 take the next type of 32`(
    storage: ExportStorage, tensor: String, type: TensorType, wanted: TensorType
  ) {
    let choice = storage.choice(
      of: "blk.5.\(tensor).weight", shape: [576, 576], in: Self.configuration(hidden: 576), hasImportance: false)
    #expect(choice.type == type && choice.wanted == wanted)
    #expect(choice.isFallback == (type != wanted))
  }

  @Test(arguments: ExportStorage.allCases) func `rows of 48 become F16, vectors and norms stay F32`(
    _ storage: ExportStorage
  ) {
    let configuration = Self.configuration()
    func type(_ name: String, _ shape: [Int]) -> TensorType {
      storage.choice(of: name, shape: shape, in: configuration, hasImportance: true).type
    }
    #expect(type("blk.5.ffn_up.weight", [96, 48]) == (storage.baseType.isQuantized ? .f16 : storage.baseType))
    #expect(type("blk.5.attn_norm.weight", [4096]) == .f32)
    #expect(type("blk.5.attn_q.bias", [4096]) == .f32)
    #expect(type("output_norm.weight", [4096]) == .f32)
  }
}
