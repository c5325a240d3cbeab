import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TensorCore
import TestSupport
import Testing

/// What an exported file says, in the types llama.cpp insists on.
struct ExportTests {
  static func exported(
    _ rope: RoPECase = RoPECase.all[0], _ storage: ExportStorage = .f32, tied: Bool = false,
    notes: ExportNotes = .init(),
    _ source: Metadata = sourceMetadata()
  ) throws -> GGUFFile {
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(randomModel(rope.rope, tied: tied), source: source, storage: storage, notes: notes, to: path)
      return try GGUFFile(path: path)
    }
  }

  @Test func `every key has the value and the type llama.cpp reads`() throws {
    let metadata = try Self.exported(RoPECase.all[3]).metadata
    let expected: [String: MetadataValue] = [
      "general.architecture": .string("llama"), "general.type": .string("model"), "general.name": .string("Tiny"),
      "general.license": .string("apache-2.0"), "general.file_type": .uint32(0),
      "general.quantization_version": .uint32(2), "llama.context_length": .uint32(256),
      "llama.embedding_length": .uint32(32), "llama.block_count": .uint32(2), "llama.feed_forward_length": .uint32(48),
      "llama.attention.head_count": .uint32(4), "llama.attention.head_count_kv": .uint32(2),
      "llama.attention.key_length": .uint32(16), "llama.attention.value_length": .uint32(16),
      "llama.rope.dimension_count": .uint32(16), "llama.vocab_size": .uint32(259),
      "llama.attention.layer_norm_rms_epsilon": .float32(1e-5), "llama.rope.freq_base": .float32(10_000),
      "llama.rope.scaling.type": .string("yarn"), "llama.rope.scaling.factor": .float32(16),
      "llama.rope.scaling.original_context_length": .uint32(32), "llama.rope.scaling.finetuned": .bool(true),
      "tokenizer.ggml.model": .string("llama"), "tokenizer.ggml.bos_token_id": .uint32(1),
      "tokenizer.ggml.eos_token_id": .uint32(2), "tokenizer.ggml.add_bos_token": .bool(true),
    ]
    for (key, value) in expected { #expect(metadata[key] == value, "\(key)") }
    #expect(metadata["tokenizer.ggml.tokens"] == sourceMetadata()["tokenizer.ggml.tokens"])
    #expect(metadata["tokenizer.ggml.token_type"]?.type == .array)
    #expect(metadata["general.alignment"] == nil)
  }

  @Test(arguments: RoPECase.all, [false, true])
  func `the tensors are the model's and those of its positions, norms in F32`(rope: RoPECase, tied: Bool) throws {
    let file = try Self.exported(rope, .f16, tied: tied)
    var expected: Set = ["token_embd.weight", "output_norm.weight"]
    if !tied { expected.insert("output.weight") }
    for layer in 0..<2 {
      for name in [
        "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down",
      ] {
        expected.insert("blk.\(layer).\(name).weight")
      }
    }
    switch rope.description {
    case "longrope": expected.formUnion(["rope_factors_long.weight", "rope_factors_short.weight"])
    case "none", "theta", "linear", "linear 128", "yarn", "yarn, attention 1.05": break
    default: expected.insert("rope_freqs.weight")
    }
    #expect(Set(file.tensors.map(\.name)) == expected)
    for tensor in file.tensors {
      let isMatrix = tensor.extents.count > 1
      #expect(tensor.type == (isMatrix ? .f16 : .f32), "\(tensor.name)")
    }
  }

  @Test(arguments: [Float.nan, .infinity]) func `weights that are not finite are refused and leave no file`(
    value: Float
  ) throws {
    var model = randomModel()
    var values = model.blocks[1].up.weight.values
    values[17] = value
    model.blocks[1].up.weight = Tensor(model.blocks[1].up.weight.shape, values, isParameter: true)
    try withTemporaryDirectory { folder in
      let error = #expect(throws: ModelFileError.self) {
        try export(model, source: sourceMetadata(), storage: .f32, to: folder + "/model.gguf")
      }
      #expect(error?.subject == "model.layers.1.mlp.up_proj.weight")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func `a source without an end-of-text token is refused and leaves no file`() throws {
    var source = sourceMetadata()
    source["tokenizer.ggml.model"] = .string("gpt2")
    source["tokenizer.ggml.merges"] = .array(.string(["a b"]))
    source["tokenizer.ggml.eos_token_id"] = nil
    try withTemporaryDirectory { folder in
      let error = #expect(throws: ModelFileError.self) {
        try export(randomModel(), source: source, storage: .f32, to: folder + "/model.gguf")
      }
      #expect(error?.subject == "tokenizer.ggml.eos_token_id")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func `notes add a description, and a template where the source has none`() throws {
    let notes = ExportNotes(description: "Trained.", chatTemplate: "{{ new }}")
    #expect(try Self.exported(notes: notes).metadata["general.description"] == .string("Trained."))
    #expect(try Self.exported(notes: notes).metadata["tokenizer.chat_template"] == .string("{{ new }}"))
    var source = sourceMetadata()
    source["tokenizer.chat_template"] = .string("{{ own }}")
    #expect(try Self.exported(notes: notes, source).metadata["tokenizer.chat_template"] == .string("{{ own }}"))
  }

  @Test(arguments: [(1 << 33, 32), (1 << 34, 1 << 33)])
  func `a context that GGUF cannot say is refused, not trapped on`(trained: Int, original: Int) throws {
    let rope = RoPEDescription(originalContext: original, originalTheta: 10_000, trainedContext: trained)
    let error = try #require(throws: ModelFileError.self) {
      try withTemporaryDirectory { folder in
        try export(randomModel(rope), source: sourceMetadata(), storage: .f32, to: folder + "/model.gguf")
      }
    }
    #expect(error.subject.hasPrefix("llama.") && error.found == "\(trained)")
  }

  @Test func `progress counts every tensor`() throws {
    try withTemporaryDirectory { folder in
      var seen: [Int] = []
      try export(randomModel(), source: sourceMetadata(), storage: .f32, to: folder + "/model.gguf") { written, total in
        #expect(total == 21)
        seen.append(written)
      }
      #expect(seen == Array(1...21))
    }
  }
}
