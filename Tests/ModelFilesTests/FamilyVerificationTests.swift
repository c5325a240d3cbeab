import Foundation
import GGUFFormat
import LlamaModel
import TestSupport
import Testing

@testable import ModelFiles

/// What verification knows of each family: its exports are sound, and every kind of damage is named.
struct FamilyVerificationTests {
  static let names = FamilyFixture.names.filter { !FamilyTests.inexpressible.contains($0) }

  /// A fixture exported and taken apart, with the prefix of its keys.
  static func draft(_ name: String) throws -> (draft: Draft, prefix: String) {
    let file = try ModelFile(path: FamilyFixture.folder + "/" + name)
    let draft = try withTemporaryDirectory { folder in
      try export(file.load(), source: file.metadata, storage: .f32, to: folder + "/model.gguf")
      return try Draft(reading: folder + "/model.gguf")
    }
    return (draft, file.configuration.family.ggufArchitecture + ".")
  }

  static func report(_ draft: Draft) throws -> VerificationReport {
    try withTemporaryDirectory { folder in
      try draft.write(to: folder + "/model.gguf")
      return verify(folder + "/model.gguf")
    }
  }

  static func errors(_ draft: Draft) throws -> Set<String> { VerificationTests.subjects(try report(draft)) }

  @Test(arguments: names) func `an export is sound`(name: String) throws {
    let (draft, prefix) = try Self.draft(name)
    let report = try Self.report(draft)
    let isWindowed = ["mistral", "qwen2-window", "phi3"].contains(name)
    let expected = isWindowed ? ["key \(prefix)attention.sliding_window"] : []
    #expect(report.isSound && report.findings.map(\.subject) == expected, "\(report.findings)")
    #expect(report.findings.allSatisfy { $0.severity == .note })
  }

  @Test(arguments: names) func `every tensor of a block is missed, whichever it is`(name: String) throws {
    let (whole, _) = try Self.draft(name)
    let inBlocks = whole.tensors.map(\.name).filter { $0.hasPrefix("blk.") }
    #expect(inBlocks.count >= 12)
    for missing in inBlocks {
      var draft = whole
      draft.tensors.removeAll { $0.name == missing }
      #expect(try Self.errors(draft).contains("tensor \(missing)"), "\(missing)")
    }
  }

  @Test(arguments: names) func `no tensor of another family is let through`(name: String) throws {
    let (whole, _) = try Self.draft(name)
    let own = Set(whole.tensors.map(\.name))
    let all: Set = [
      "blk.0.attn_q_norm.weight", "blk.1.attn_k_norm.weight", "blk.0.attn_qkv.weight", "blk.1.attn_q.weight",
      "blk.1.ffn_gate.weight", "rope_factors_long.weight", "rope_freqs.weight",
    ]
    for name in all.subtracting(own) {
      // A Llama may have divisors, a Phi-3 factors; these are not those it was trained with.
      var draft = whole
      draft.tensors.append((name, [4], [1, 1, 1, 2]))
      let errors = try Self.errors(draft)
      #expect(errors.contains("tensor \(name)") || name.hasPrefix("rope_") && !errors.isEmpty, "\(name): \(errors)")
    }
  }

  @Test(arguments: [("mistral", "attn_q.bias"), ("phi3", "attn_qkv.bias"), ("qwen2", "attn_output.bias")])
  func `biases where a family has none are too many`(name: String, bias: String) throws {
    var (draft, _) = try Self.draft(name)
    draft.tensors.append(("blk.0.\(bias)", [24], [Float](repeating: 0, count: 24)))
    #expect(try Self.errors(draft).contains("tensor blk.0.\(bias)"))
  }

  @Test(arguments: names) func `every required key is missed`(name: String) throws {
    let (whole, prefix) = try Self.draft(name)
    let keys =
      ["context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count"].map {
        prefix + $0
      } + [prefix + "attention.layer_norm_rms_epsilon", "general.architecture", "tokenizer.ggml.model"]
      + ["tokenizer.ggml.tokens", "tokenizer.ggml.eos_token_id"]
    for key in keys {
      var draft = whole
      #expect(draft.metadata[key] != nil)
      draft.metadata[key] = nil
      #expect(try Self.errors(draft).contains("key \(key)"), "\(key)")
    }
  }

  @Test(arguments: names) func `positions that are not those of the training are named`(name: String) throws {
    let (whole, prefix) = try Self.draft(name)
    func errors(_ change: (inout Draft) -> Void) throws -> Set<String> {
      var draft = whole
      change(&draft)
      return try Self.errors(draft)
    }
    #expect(try errors { $0.metadata[prefix + "context_length"] = .uint32(48) } == ["key \(prefix)context_length"])
    #expect(try errors { $0.metadata[prefix + "rope.freq_base"] = .float32(123) }.contains("keys \(prefix)rope.*"))
    // The key of another architecture, which llama.cpp passes over.
    let other = prefix == "qwen2." ? "llama." : "qwen2."
    let misnamed = try errors {
      $0.metadata[other + "rope.freq_base"] = $0.metadata[prefix + "rope.freq_base"]
      $0.metadata[prefix + "rope.freq_base"] = .float32(7)
    }
    #expect(misnamed == ["key \(other)rope.freq_base", "keys \(prefix)rope.*"])
    let typed = try errors { $0.metadata[prefix + "rope.dimension_count"] = .uint32(2) }
    #expect(typed == ["\(prefix)rope.dimension_count"])
    // Divisors or factors that were lost.
    for lost in whole.tensors.map(\.name).filter({ $0.hasPrefix("rope_") }) {
      #expect(try !errors { draft in draft.tensors.removeAll { $0.name == lost } }.isEmpty, "\(lost)")
    }
  }

  @Test(arguments: names) func `NaN and infinity are found in every tensor`(name: String) throws {
    let (whole, _) = try Self.draft(name)
    for index in whole.tensors.indices {
      var draft = whole
      let last = draft.tensors[index].values.count - 1
      draft.tensors[index].values[index % 2 == 0 ? last : 0] = index % 3 == 0 ? .infinity : .nan
      #expect(try Self.errors(draft).contains("tensor \(draft.tensors[index].name)"))
    }
  }

  @Test(arguments: names) func `a tokenizer that would ramble is named`(name: String) throws {
    let (whole, _) = try Self.draft(name)
    let prefix = "tokenizer.ggml."
    func subjects(_ severity: VerificationFinding.Severity = .error, _ change: (inout Metadata) -> Void) throws
      -> Set<String>
    {
      var draft = whole
      change(&draft.metadata)
      return VerificationTests.subjects(try Self.report(draft), severity)
    }
    let isByteLevel = whole.metadata[prefix + "model"] == .string("gpt2")
    for merges in [nil, MetadataValue.array(.string([]))] where isByteLevel {
      let found = try subjects { $0[prefix + "merges"] = merges }
      #expect(found.contains("key \(prefix)merges"), "\(found)")
    }
    #expect(try subjects { $0[prefix + "pre"] = .string("no-such") } == ["tokenizer"])
    #expect(try subjects(.warning) { $0[prefix + "pre"] = nil }.contains("key \(prefix)pre") == isByteLevel)
    // Turns end with token 1; nothing says so any more, and its text no longer does.
    let endless = try subjects {
      guard case .array(.string(var tokens))? = $0[prefix + "tokens"] else { return }
      let end = tokens[1]
      tokens[1] = "<|over|>"
      $0[prefix + "tokens"] = .array(.string(tokens))
      $0[prefix + "eos_token_id"] = .uint32(0)
      $0[prefix + "eot_token_id"] = nil
      guard case .string(let template)? = $0["tokenizer.chat_template"] else { return }
      $0["tokenizer.chat_template"] = .string(template.replacing(end, with: "<|over|>"))
    }
    #expect(endless.contains("key tokenizer.chat_template"))
    let doubled = try subjects {
      guard case .string(let template)? = $0["tokenizer.chat_template"] else { return }
      $0["tokenizer.chat_template"] = .string("{{ bos_token }}{{ bos_token }}" + template)
    }
    #expect(doubled == ["key tokenizer.chat_template"])
    #expect(try subjects(.warning) { $0["tokenizer.chat_template"] = nil } == ["key tokenizer.chat_template"])
  }

  @Test(arguments: ["mistral", "phi3", "qwen2-window"])
  func `a lost window is an error against its run`(name: String) throws {
    let file = try ModelFile(path: FamilyFixture.folder + "/" + name)
    var (draft, prefix) = try Self.draft(name)
    let expectation = VerificationExpectation(
      configuration: file.configuration, source: Metadata(), isChat: false)
    func errors() throws -> Set<String> {
      try withTemporaryDirectory { folder in
        try draft.write(to: folder + "/model.gguf")
        return VerificationTests.subjects(verify(folder + "/model.gguf", against: expectation))
      }
    }
    #expect(try errors().isEmpty)
    draft.metadata[prefix + "attention.sliding_window"] = nil
    #expect(try errors() == ["key \(prefix)attention.sliding_window"])
  }
}
