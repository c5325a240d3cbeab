import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TestSupport
import Testing

/// Verification's verdicts against llama.cpp's own: what is called sound loads, what is called unloadable does not.
/// `EXTEND_ORACLE_PYTHON` names a Python that has xllamacpp; without it, skipped.
@Suite(.serialized) struct LlamaCppLoadingTests {
  /// A change to a file, and whether llama.cpp is known to load the result although verification refuses it.
  struct Change {
    var name: String
    var isTolerated = false
    var apply: (inout Draft) -> Void
  }

  static func changes(_ whole: Draft, _ prefix: String) -> [Change] {
    var changes = [Change(name: "nothing") { _ in }]
    for tensor in whole.tensors.map(\.name) where !tensor.hasPrefix("blk.0.") {
      // Without it the embedding is the output layer, which is right for other models.
      if tensor == "output.weight" { continue }
      changes.append(
        Change(name: "without \(tensor)", isTolerated: isOptional(tensor)) { draft in
          draft.tensors.removeAll { $0.name == tensor }
        })
    }
    let own = Set(whole.tensors.map(\.name))
    for tensor in ["attn_q_norm.weight", "attn_qkv.weight", "attn_q.weight", "ffn_gate.weight", "extra.weight"] {
      let name = "blk.1." + tensor
      if own.contains(name) { continue }
      changes.append(Change(name: "with \(name)") { $0.tensors.append((name, [4], [1, 1, 1, 2])) })
    }
    for key in ["context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count"] {
      changes.append(Change(name: "without \(key)") { $0.metadata[prefix + key] = nil })
      changes.append(Change(name: "\(key) as u64") { $0.metadata[prefix + key] = .uint64(2) })
    }
    // A SentencePiece vocabulary has no merges, and llama.cpp does not ask how its text is cut.
    let isByteLevel = whole.metadata["tokenizer.ggml.model"] == .string("gpt2")
    let merges = isByteLevel ? ["tokenizer.ggml.merges"] : []
    for key in ["general.architecture", "tokenizer.ggml.model", "tokenizer.ggml.tokens"] + merges {
      changes.append(Change(name: "without \(key)") { $0.metadata[key] = nil })
    }
    changes.append(
      Change(name: "an unknown pre", isTolerated: !isByteLevel) {
        $0.metadata["tokenizer.ggml.pre"] = .string("no-such")
      })
    if prefix != "phi3." {
      changes.append(Change(name: "the name of a Phi-3") { $0.metadata["general.name"] = .string("My Phi-3") })
    }
    changes.append(
      Change(name: "a turned shape") { draft in
        guard let place = draft.tensors.firstIndex(where: { $0.name == "blk.1.ffn_down.weight" }) else { return }
        draft.tensors[place].extents.reverse()
      })
    return changes
  }

  /// Biases of which llama.cpp does without single ones, and divisors without which it takes plain angles.
  private static func isOptional(_ tensor: String) -> Bool { tensor.hasPrefix("rope_") || tensor.hasSuffix(".bias") }

  @Test(.enabled(if: LlamaCppTests.python != nil), arguments: FamilyVerificationTests.names)
  func `llama.cpp loads what is called sound and nothing else`(name: String) throws {
    let (whole, prefix) = try FamilyVerificationTests.draft(name)
    let changes = Self.changes(whole, prefix)
    try withTemporaryDirectory { folder in
      var paths: [String] = [], verdicts: [VerificationReport] = []
      for (index, change) in changes.enumerated() {
        var draft = whole
        change.apply(&draft)
        paths.append(folder + "/\(index).gguf")
        try draft.write(to: paths[index])
        verdicts.append(verify(paths[index]))
      }
      for ((change, verdict), loads) in zip(zip(changes, verdicts), try Self.loads(paths, in: folder)) {
        #expect(verdict.isSound == (change.name == "nothing"), "\(change.name): \(verdict.findings)")
        if change.isTolerated { continue }
        #expect(loads == verdict.isSound, "\(change.name): \(verdict.findings)")
      }
    }
  }

  /// Whether llama.cpp loads each file.
  private static func loads(_ paths: [String], in folder: String) throws -> [Bool] {
    let process = Process(), result = folder + "/result.json"
    let script = URL(filePath: LlamaCppTests.script).deletingLastPathComponent().appending(path: "llamacpp-loads.py")
    process.executableURL = URL(filePath: try #require(LlamaCppTests.python))
    process.arguments = [script.path, result] + paths
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return try JSONDecoder().decode([Bool].self, from: Data(contentsOf: URL(filePath: result)))
  }
}
