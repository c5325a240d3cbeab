import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TestSupport
import Testing

/// Every defect is found and named; a sound file has none.
struct VerificationTests {
  /// A file that speaks ChatML in bytes.
  static func source() -> Metadata {
    var metadata = sourceMetadata()
    metadata["tokenizer.chat_template"] = .string(
      "{% for m in messages %}{{ '[' + m.role + ']' + m.content + '</s>' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '[assistant]' }}{% endif %}")
    return metadata
  }

  static func report(
    _ rope: RoPEDescription = RoPECase.all[3].rope, against expectation: VerificationExpectation? = nil,
    _ change: (inout Draft) throws -> Void = { _ in }
  ) throws -> VerificationReport {
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(randomModel(rope), source: source(), storage: .f32, to: path)
      var draft = try Draft(reading: path)
      try change(&draft)
      try draft.write(to: path)
      return verify(path, against: expectation)
    }
  }

  static func subjects(_ report: VerificationReport, _ severity: VerificationFinding.Severity = .error) -> Set<String> {
    Set(report.findings.filter { $0.severity == severity }.map(\.subject))
  }

  @Test(arguments: RoPECase.all) func `what extend exports is sound`(rope: RoPECase) throws {
    let report = try Self.report(rope.rope)
    #expect(report.isSound && report.findings.isEmpty, "\(report.findings)")
    #expect(report.tensorCount >= 20 && report.valueCount > 10_000)
  }

  struct Defect: Sendable, CustomStringConvertible {
    var description: String
    var subject: String
    var severity = VerificationFinding.Severity.error
    var change: @Sendable (inout Draft) throws -> Void
    init(
      _ description: String, _ subject: String, as severity: VerificationFinding.Severity = .error,
      _ change: @escaping @Sendable (inout Draft) throws -> Void
    ) {
      (self.description, self.subject, self.severity, self.change) = (description, subject, severity, change)
    }
  }

  static func set(_ key: String, _ value: MetadataValue?) -> @Sendable (inout Draft) -> Void {
    { $0.metadata[key] = value }
  }

  static let defects: [Defect] = [
    Defect("no context", "key llama.context_length", set("llama.context_length", nil)),
    Defect("a context as u64", "key llama.context_length", set("llama.context_length", .uint64(256))),
    Defect(
      "an epsilon as f64", "key llama.attention.layer_norm_rms_epsilon",
      set("llama.attention.layer_norm_rms_epsilon", .float64(1e-5))),
    Defect("another context", "key llama.context_length", set("llama.context_length", .uint32(8192))),
    Defect("another theta", "keys llama.rope.*", set("llama.rope.freq_base", .float32(500_000))),
    Defect("a lost factor", "keys llama.rope.*", set("llama.rope.scaling.factor", .float32(8))),
    Defect(
      "no original context", "key llama.rope.scaling.original_context_length",
      set("llama.rope.scaling.original_context_length", nil)),
    Defect(
      "token types as u32", "key tokenizer.ggml.token_type",
      set("tokenizer.ggml.token_type", .array(.uint32([UInt32](repeating: 1, count: 259))))),
    Defect("no end of text", "key tokenizer.ggml.eos_token_id", set("tokenizer.ggml.eos_token_id", nil)),
    Defect("an end of text beyond the vocabulary", "tokenizer", set("tokenizer.ggml.eos_token_id", .uint32(999))),
    Defect(
      "an ordinary word as end of text", "key tokenizer.ggml.eos_token_id", as: .warning,
      set("tokenizer.ggml.eos_token_id", .uint32(80))),
    Defect("no template", "key tokenizer.chat_template", as: .warning, set("tokenizer.chat_template", nil)),
    Defect(
      "a broken template", "key tokenizer.chat_template", as: .warning,
      set("tokenizer.chat_template", .string("{% for %}"))),
    Defect(
      "a template that doubles BOS", "key tokenizer.chat_template",
      set(
        "tokenizer.chat_template",
        .string("{{ bos_token + bos_token }}{% for m in messages %}{{ m.content + '</s>' }}{% endfor %}"))),
    Defect(
      "a template with BOS, which is added too", "key tokenizer.chat_template", as: .note,
      set(
        "tokenizer.chat_template",
        .string("{{ bos_token }}{% for m in messages %}{{ m.content + '</s>' }}{% endfor %}"))),
    Defect(
      "a template that ends no turns", "key tokenizer.chat_template", as: .warning,
      set("tokenizer.chat_template", .string("{% for m in messages %}{{ m.content + ' and ' }}{% endfor %}"))),
    Defect(
      "a template whose turns end with a token that stops nothing", "key tokenizer.chat_template",
      set("tokenizer.chat_template", .string("{% for m in messages %}{{ m.content + '<s>' }}{% endfor %}"))),
    Defect(
      "a tensor too many", "tensor blk.0.extra.weight",
      { $0.tensors.append(("blk.0.extra.weight", [4], [1, 2, 3, 4])) }),
    Defect(
      "a tensor too few", "tensor blk.1.attn_q.weight", { $0.tensors.removeAll { $0.name == "blk.1.attn_q.weight" } }),
    Defect(
      "a turned shape", "tensor blk.0.ffn_up.weight",
      { draft in
        guard let index = draft.tensors.firstIndex(where: { $0.name == "blk.0.ffn_up.weight" }) else { return }
        draft.tensors[index].extents.reverse()
      }),
    Defect(
      "a NaN", "tensor blk.1.ffn_down.weight",
      { draft in
        guard let index = draft.tensors.firstIndex(where: { $0.name == "blk.1.ffn_down.weight" }) else { return }
        draft.tensors[index].values[100] = .nan
      }),
    Defect(
      "divisors beside yarn", "keys llama.rope.*",
      {
        $0.tensors.append(("rope_freqs.weight", [8], [Float](repeating: 2, count: 8)))
      }),
    Defect(
      "factors of longrope beside yarn", "tensor rope_factors_long.weight",
      {
        $0.tensors.append(("rope_factors_long.weight", [8], [Float](repeating: 2, count: 8)))
      }),
    Defect("vocabulary without texts", "key tokenizer.ggml.tokens", set("tokenizer.ggml.tokens", nil)),
  ]

  @Test(arguments: defects) func `a defect is found and named`(defect: Defect) throws {
    let report = try Self.report(RoPECase.all[3].rope, defect.change)
    #expect(Self.subjects(report, defect.severity).contains(defect.subject), "\(report.findings)")
    if defect.severity == .error { #expect(!report.isSound) }
    for finding in report.findings {
      for part in [finding.found, finding.expected, finding.repair] { #expect(!part.isEmpty, "\(finding)") }
    }
  }

  @Test func `a file without merges or with another vocabulary's way to cut is found`() throws {
    func change(_ draft: inout Draft, pre: String, merges: [String]) {
      draft.metadata["tokenizer.ggml.model"] = .string("gpt2")
      draft.metadata["tokenizer.ggml.pre"] = .string(pre)
      draft.metadata["tokenizer.ggml.merges"] = .array(.string(merges))
    }
    let empty = try Self.report { change(&$0, pre: "smollm", merges: []) }
    #expect(Self.subjects(empty).contains("key tokenizer.ggml.merges"))
    let unknown = try Self.report { change(&$0, pre: "no-such", merges: ["a b"]) }
    #expect(!unknown.isSound)
    let unsaid = try Self.report { change(&$0, pre: "default", merges: ["a b"]) }
    #expect(Self.subjects(unsaid, .warning).contains("key tokenizer.ggml.pre"))
  }

  @Test func `a file that is cut or no GGUF is one error`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(randomModel(), source: Self.source(), storage: .f32, to: path)
      let whole = try Data(contentsOf: URL(filePath: path))
      for bytes in [whole.prefix(whole.count - 100), whole.prefix(50), Data("no model at all".utf8), Data()] {
        try bytes.write(to: URL(filePath: path))
        let report = verify(path)
        #expect(!report.isSound && report.findings.count == 1, "\(report.findings)")
      }
      #expect(!verify(folder + "/absent.gguf").isSound)
    }
  }

  @Test func `a file is held against its run`() throws {
    let rope = RoPECase.all[3].rope, configuration = randomModel(rope).configuration
    var expectation = VerificationExpectation(configuration: configuration, source: Self.source(), isChat: true)
    #expect(try Self.report(rope, against: expectation).isSound)
    let edited = try Self.report(rope, against: expectation) { $0.metadata["tokenizer.ggml.eos_token_id"] = .uint32(1) }
    #expect(Self.subjects(edited).contains("key tokenizer.ggml.eos_token_id"))
    let silent = try Self.report(rope, against: expectation) { $0.metadata["tokenizer.chat_template"] = nil }
    #expect(Self.subjects(silent).contains("key tokenizer.chat_template"))
    expectation.configuration.rope.theta = 20_000
    #expect(Self.subjects(try Self.report(rope, against: expectation)).contains("keys llama.rope.*"))
  }

  @Test func `an export that would not run leaves no file and says why`() throws {
    var source = Self.source()
    source["tokenizer.chat_template"] = .string("{% for m in messages %}{{ m.content + '<s>' }}{% endfor %}")
    for parts in [nil, 10_000] {
      try withTemporaryDirectory { folder in
        let path = folder + "/model.gguf"
        try Data("old".utf8).write(to: URL(filePath: path))
        let error = try #require(throws: VerificationError.self) {
          try export(
            WeightSource(randomModel()), source: source, options: ExportOptions(.f16, partBytes: parts), to: path)
        }
        #expect(error.description.contains(path) && error.description.contains("tokenizer.chat_template"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.gguf"])
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("old".utf8))
      }
    }
  }
}
