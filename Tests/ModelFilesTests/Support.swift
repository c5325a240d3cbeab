import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TestSupport

/// 259 tokens: three special ones and every byte.
let vocabularySize = 259

/// The metadata of a source file with a SentencePiece tokenizer of bytes.
func sourceMetadata() -> Metadata {
  let digits = Array("0123456789ABCDEF")
  var metadata = Metadata()
  metadata["general.architecture"] = .string("llama")
  metadata["general.name"] = .string("Tiny")
  metadata["general.license"] = .string("apache-2.0")
  metadata["llama.context_length"] = .uint32(99)
  metadata["tokenizer.ggml.model"] = .string("llama")
  metadata["tokenizer.ggml.tokens"] = .array(
    .string(["<unk>", "<s>", "</s>"] + (0..<256).map { "<0x\(digits[$0 / 16])\(digits[$0 % 16])>" }))
  metadata["tokenizer.ggml.scores"] = .array(.float32([Float](repeating: 0, count: vocabularySize)))
  metadata["tokenizer.ggml.token_type"] = .array(.int32([2, 3, 3] + [Int32](repeating: 6, count: 256)))
  metadata["tokenizer.ggml.bos_token_id"] = .uint32(1)
  metadata["tokenizer.ggml.eos_token_id"] = .uint32(2)
  return metadata
}

/// One way positions become angles.
struct RoPECase: Sendable, CustomStringConvertible {
  var description: String
  var rope: RoPEDescription

  init(_ name: String, theta: Double = 10_000, trained: Int = 256, _ scaling: RoPEScaling = .none) {
    description = name
    rope = RoPEDescription(
      originalContext: 32, originalTheta: 10_000, trainedContext: trained, theta: theta, scaling: scaling)
  }

  static let all = [
    RoPECase("none", trained: 32), RoPECase("theta", theta: 283_461.5), RoPECase("linear", .linear(factor: 8)),
    RoPECase("yarn", .yarn(YaRN(factor: 16))),
    RoPECase("yarn, attention 1.05", .yarn(YaRN(factor: 16, attentionFactor: 1.05))),
    RoPECase("yarn, betas 4 and 0.5", .yarn(YaRN(factor: 16, betaFast: 4, betaSlow: 0.5, originalContext: 32))),
    RoPECase("yarn, ramp not rounded", theta: 40_000, .yarn(YaRN(factor: 16, truncates: false))),
    RoPECase("llama3", .llama3(Llama3(factor: 8))),
    RoPECase("llama3, published", theta: 500_000, .llama3(Llama3(factor: 8, originalContext: 8192))),
    RoPECase(
      "longrope",
      .longRoPE(
        LongRoPE(
          shortFactors: [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7], longFactors: [1, 1.5, 2.25, 3, 4.5, 6, 7, 7.75]))),
    RoPECase(
      "per dimension",
      .perDimension(PerDimension(divisors: [1, 1.25, 1.7, 2.3, 3.1, 4.2, 5.9, 8], attentionFactor: 1.125))),
    RoPECase("linear 128", trained: 4096, .linear(factor: 128)),
  ]
}

/// A random model of 16 dimensions per head, 32 wide.
func randomModel(
  _ rope: RoPEDescription = RoPECase.all[0].rope, tied: Bool = false, biased: Bool = false, scale: Double = 0.2
) -> Llama {
  var configuration = LlamaConfiguration.tiny(
    vocabularySize: vocabularySize, hiddenSize: 32, headSize: 16, tied: tied, biased: biased, rope: rope)
  configuration.normEpsilon = Double(Float(1e-5))  // as a file holds it
  return .random(configuration, scale: scale)
}

/// A GGUF file taken apart, to be put together again wrongly.
struct Draft {
  var metadata: Metadata
  var tensors: [(name: String, extents: [Int], values: [Float])]

  init(reading path: String) throws {
    let file = try GGUFFile(path: path)
    metadata = file.metadata
    tensors = file.tensors.map { ($0.name, $0.extents, file.values(of: $0)) }
  }

  func write(to path: String) throws {
    let plans = tensors.map { TensorPlan(name: $0.name, extents: $0.extents, type: .f32) }
    var rest = tensors.makeIterator()
    try GGUFWriter(metadata: metadata, tensors: plans).write(to: path) { _, sink in
      let values = rest.next()?.values ?? []
      try sink.append(values.span)
    }
  }
}

/// An exported random model, changed, and opened.
func opened(_ rope: RoPEDescription = RoPECase.all[0].rope, _ change: (inout Draft) throws -> Void) throws -> ModelFile
{
  try withTemporaryDirectory { folder in
    let path = folder + "/model.gguf"
    try export(randomModel(rope), source: sourceMetadata(), storage: .f32, to: path)
    var draft = try Draft(reading: path)
    try change(&draft)
    try draft.write(to: path)
    return try ModelFile(path: path)
  }
}
