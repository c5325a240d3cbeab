import LlamaModel
import TestSupport
import Testing

@testable import ModelFiles

struct TensorNamingTests {
  @Test func `every parameter has a name of its own in GGUF`() {
    let names = LlamaConfiguration.tiny(biased: true).parameters.map { TensorNaming.ggufName($0.name) }
    #expect(Set(names).count == names.count)
    #expect(names.contains("blk.1.attn_k.bias"))
    #expect(names.contains("blk.0.ffn_down.weight"))
    #expect(names.contains("output.weight"))
  }

  @Test func `query and key rows go from halves to neighbours`() {
    // Head of 6: pairs (0,3), (1,4), (2,5) become neighbours.
    #expect((0..<6).map { TensorNaming.pairedRow(of: $0, headSize: 6) } == [0, 2, 4, 1, 3, 5])
    #expect((6..<12).map { TensorNaming.pairedRow(of: $0, headSize: 6) } == [6, 8, 10, 7, 9, 11])
  }
}
