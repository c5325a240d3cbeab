import GGUFFormat
import LlamaModel
import ModelFiles
import TestSupport
import Testing

/// Files that are sound as GGUF and cannot be used as a model.
struct RefusalTests {
  @Test(arguments: [
    ("general.architecture", MetadataValue.string("gemma2")), ("llama.expert_count", .uint32(8)),
    ("llama.rope.dimension_count", .uint32(8)),
    ("llama.attention.value_length", .uint32(8)), ("llama.rope.scaling.type", .string("dynamic")),
    ("tokenizer.ggml.model", .string("bert")),
  ]) func `an unsupported model is refused by the key that says so`(key: String, value: MetadataValue) throws {
    let error = try #require(throws: ModelFileError.self) { _ = try opened { $0.metadata[key] = value } }
    #expect(error.subject == key)
    #expect(error.path.hasSuffix("model.gguf"))
    for part in [error.path, key, error.found, error.allowed, error.repair] {
      #expect(!part.isEmpty && error.description.contains(part))
    }
  }

  @Test(arguments: ["blk.1.attn_q.weight", "output_norm.weight", "token_embd.weight"])
  func `a missing tensor is named`(name: String) throws {
    let error = try #require(throws: GGUFError.self) {
      _ = try opened { $0.tensors.removeAll { $0.name == name } }
    }
    #expect(error.kind == .missingTensor)
    #expect(error.subject == .tensor(name))
  }

  @Test(arguments: ["blk.0.attn_q_norm.weight", "blk.0.ffn_gate_inp.weight", "blk.1.attn_k_norm.weight", "rope_freqs"])
  func `a tensor the model has no place for is named`(name: String) throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try opened { $0.tensors.append((name, [4], [1, 2, 3, 4])) }
    }
    #expect(error.subject == "tensor \(name)")
  }

  @Test func `a tensor of another shape is refused with both shapes`() throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try opened { draft in
        let index = try #require(draft.tensors.firstIndex { $0.name == "blk.0.ffn_up.weight" })
        draft.tensors[index].extents = [48, 32]
      }
    }
    #expect(error.subject == "tensor blk.0.ffn_up.weight")
    #expect(error.found.contains("[32, 48]"))
    #expect(error.allowed.contains("[48, 32]"))
  }

  @Test func `a vocabulary of another size than the embedding is refused`() throws {
    let error = try #require(throws: ModelFileError.self) {
      _ = try opened {
        $0.metadata["tokenizer.ggml.tokens"] = .array(.string(["a", "b"]))
      }
    }
    #expect(error.subject == "tokenizer.ggml.tokens")
  }

  @Test(arguments: [
    ("llama.attention.head_count", MetadataValue.uint32(0)), ("llama.attention.head_count_kv", .uint32(3)),
    ("llama.block_count", .uint32(0)), ("llama.embedding_length", .uint32(0)),
    ("llama.attention.key_length", .uint32(0)), ("llama.context_length", .uint32(0)),
    ("llama.attention.layer_norm_rms_epsilon", .float32(-.infinity)), ("llama.rope.freq_base", .float32(.nan)),
    ("llama.rope.freq_base", .float32(0)), ("llama.feed_forward_length", .uint32(.max)),
    ("llama.block_count", .uint32(3)),
  ]) func `numbers that make no model are refused, not trapped on`(key: String, value: MetadataValue) {
    #expect(throws: (any Error).self) { _ = try opened { $0.metadata[key] = value } }
  }

  @Test func `a context longer than GGUF usually says is read`() throws {
    let rope = try opened {
      $0.metadata["llama.context_length"] = .uint64(1 << 33)
      $0.metadata["llama.rope.scaling.original_context_length"] = .uint64(1 << 33)
    }.configuration.rope
    #expect(rope.trainedContext == 1 << 33)
  }

  @Test(arguments: ["bos_token_id", "token_type"]) func `a tokenizer that contradicts itself is refused`(key: String) {
    let key = "tokenizer.ggml." + key
    let error = #expect(throws: ModelFileError.self) {
      _ = try opened { draft in
        let value = draft.metadata[key]
        draft.metadata[key] = if case .array = value { .array(.int32([1])) } else { .uint32(1_000_000) }
      }
    }
    #expect("\(String(describing: error))".contains(key))
  }

  @Test(arguments: [Float.nan, .infinity]) func `weights that are not finite are refused when loaded`(value: Float)
    throws
  {
    let error = try #require(throws: ModelFileError.self) {
      try withTemporaryDirectory { folder in
        let path = folder + "/model.gguf"
        try export(randomModel(), source: sourceMetadata(), storage: .f32, to: path)
        var draft = try Draft(reading: path)
        let index = try #require(draft.tensors.firstIndex { $0.name == "blk.1.attn_k.weight" })
        draft.tensors[index].values[5] = value
        try draft.write(to: path)
        _ = try ModelFile(path: path).load()
      }
    }
    #expect(error.subject == "tensor blk.1.attn_k.weight")
  }
}

/// Our own copy of the description, beside the keys everyone reads.
struct OwnKeyTests {
  @Test func `keys that were edited count more than our own`() throws {
    let linear = RoPECase.all[2].rope
    #expect(try opened(linear) { _ in }.configuration.rope == linear)
    func edited(_ key: String, _ value: MetadataValue?) throws -> RoPEDescription {
      try opened(linear) { $0.metadata[key] = value }.configuration.rope
    }
    #expect(try edited("llama.rope.freq_base", .float32(50_000)).theta == 50_000)
    #expect(try edited("llama.context_length", .uint32(128)).trainedContext == 128)
    #expect(try edited("llama.rope.scaling.factor", .float32(4)).scaling == .linear(factor: 4))
    #expect(try edited("llama.rope.scaling.type", .string("none")).scaling == .none)
    #expect(try edited("llama.rope.scaling.original_context_length", .uint32(64)).originalContext == 64)
  }

  @Test func `divisors that were edited count more than our own`() throws {
    let rope = try opened(RoPECase.all[10].rope) { draft in
      let index = try #require(draft.tensors.firstIndex { $0.name == "rope_freqs.weight" })
      draft.tensors[index].values[3] = 2.5
    }.configuration.rope
    guard case .perDimension(let divisors) = rope.scaling else {
      Issue.record("\(rope.scaling)")
      return
    }
    #expect(divisors.divisors[3] == 2.5)
  }

  @Test(arguments: ["", "{}", "[1]", "{\"theta\": 1e999}", "null"])
  func `a copy that cannot be read is passed over`(text: String) throws {
    let linear = RoPECase.all[2].rope
    let rope = try opened(linear) { $0.metadata["extend.rope"] = .string(text) }.configuration.rope
    #expect(rope.scaling == linear.scaling)
    #expect(rope.trainedContext == linear.trainedContext)
  }
}
