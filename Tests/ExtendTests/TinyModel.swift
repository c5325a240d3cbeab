import GGUFFormat
import LlamaModel
import ModelFiles
import TensorCore
import TestSupport

/// A model of 27 thousand random weights that speaks ChatML in bytes.
enum TinyModel {
  static let template =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
    + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

  /// All bytes in GPT-2's alphabet, two merges, the control tokens.
  static var tokens: [String] {
    var next: UInt32 = 256
    let bytes = (0..<256).map { (byte: UInt32) -> String in
      let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
      defer { if !isPrintable { next += 1 } }
      return Unicode.Scalar(isPrintable ? byte : next).map { String($0) } ?? ""
    }
    return bytes + ["he", "Ġt", "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
  }

  static var configuration: LlamaConfiguration {
    LlamaConfiguration(
      vocabularySize: tokens.count, hiddenSize: 32, feedForwardSize: 64, layerCount: 2, headCount: 2, keyHeadCount: 1,
      headSize: 16, normEpsilon: 1e-5, tiesEmbeddings: true,
      rope: RoPEDescription(originalContext: 32, originalTheta: 10_000))
  }

  static var metadata: Metadata {
    var metadata = Metadata(), tokens = tokens
    let end = UInt32(tokens.count)
    metadata["general.name"] = .string("Tiny")
    metadata["tokenizer.ggml.model"] = .string("gpt2")
    metadata["tokenizer.ggml.pre"] = .string("smollm")
    metadata["tokenizer.ggml.tokens"] = .array(.string(tokens))
    tokens.removeLast(3)
    metadata["tokenizer.ggml.token_type"] = .array(.int32(tokens.map { _ in 1 } + [3, 3, 3]))
    metadata["tokenizer.ggml.merges"] = .array(.string(["h e", "Ġ t"]))
    metadata["tokenizer.ggml.bos_token_id"] = .uint32(end - 3)
    metadata["tokenizer.ggml.eos_token_id"] = .uint32(end - 1)
    metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
    metadata["tokenizer.chat_template"] = .string(template)
    return metadata
  }

  /// Writes the model; the same bytes every time.
  static func write(to path: String, theta: Double = 10_000, layers: Int = 2) throws {
    var generator = SplitMix64(seed: 7), configuration = configuration
    configuration.rope.theta = theta
    configuration.layerCount = layers
    let model = Llama(configuration) { parameter in
      let isNorm = parameter.shape.extents.count == 1
      let values =
        isNorm
        ? [Float](repeating: 1, count: parameter.shape.count) : generator.normals(parameter.shape.count, scale: 0.1)
      return Tensor(parameter.shape, values, isParameter: true)
    }
    try export(model, source: metadata, storage: .f32, to: path)
  }
}
