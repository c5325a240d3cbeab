import Foundation
import GGUFFormat
import LlamaModel
import Tokenization
import Kernels

/// The metadata of an export: what the source said about itself and its tokenizer, and what is true now.
func exportMetadata(
  _ configuration: LlamaConfiguration, source: Metadata, options: ExportOptions, path: String
) throws -> Metadata {
  let storage = options.storage, notes = options.notes
  var metadata = Metadata()
  let family = configuration.family, prefix = family.ggufArchitecture + "."
  metadata["general.type"] = .string("model")
  for entry in source.entries where entry.key.hasPrefix("general.") || entry.key.hasPrefix("tokenizer.") {
    if entry.key != "general.alignment" { metadata[entry.key] = entry.value }
  }
  metadata["general.architecture"] = .string(family.ggufArchitecture)
  metadata["general.file_type"] = .uint32(storage.fileType)
  metadata["general.quantization_version"] = .uint32(2)
  metadata["general.quantized_by"] = storage.baseType.isQuantized ? .string("extend") : nil
  metadata["general.size_label"] = .string(sizeLabel(configuration.parameterCount))
  if let description = notes.description { metadata["general.description"] = .string(description) }
  addCard(notes.card, source: source, to: &metadata)
  addImportance(options.importance, to: &metadata)
  let counts: [(String, Int)] = [
    ("context_length", configuration.rope.trainedContext), ("embedding_length", configuration.hiddenSize),
    ("block_count", configuration.layerCount), ("feed_forward_length", configuration.feedForwardSize),
    ("attention.head_count", configuration.headCount), ("attention.head_count_kv", configuration.keyHeadCount),
    ("attention.key_length", configuration.headSize), ("attention.value_length", configuration.headSize),
    ("rope.dimension_count", configuration.headSize), ("vocab_size", configuration.vocabularySize),
  ]
  for (key, count) in counts { metadata[prefix + key] = .uint32(try uint32(count, prefix + key, path)) }
  if let window = configuration.slidingWindow {
    let key = prefix + "attention.sliding_window"
    metadata[key] = .uint32(try uint32(window, key, path))
  }
  // Other programs know Mistral as Llama; only the names of its Hugging Face files differ.
  if family.rawValue != family.ggufArchitecture { metadata[ModelFile.familyKey] = .string(family.rawValue) }
  metadata[prefix + "attention.layer_norm_rms_epsilon"] = .float32(Float(configuration.normEpsilon))
  _ = try uint32(configuration.rope.bandContext, prefix + "rope.scaling.original_context_length", path)
  try configuration.rope.requireGGUF(family, path: path)
  for (key, value) in configuration.rope.ggufKeys(family) { metadata[key] = value }
  try completeTokenizer(&metadata, notes: notes, path: path)
  return metadata
}

/// A count in the type that llama.cpp reads.
private func uint32(_ count: Int, _ key: String, _ path: String) throws(ModelFileError) -> UInt32 {
  if let number = UInt32(exactly: count) { return number }
  throw ModelFileError(
    path: path, subject: key, found: "\(count)", allowed: "at most \(UInt32.max), which is what llama.cpp reads",
    repair: "Correct the context in the file that the model came from, or in the recipe.")
}

/// Adds what llama.cpp would otherwise guess; refuses a tokenizer that cannot work.
private func completeTokenizer(_ metadata: inout Metadata, notes: ExportNotes, path: String) throws {
  let tokenizer = try TokenizerDescription(gguf: metadata)
  let prefix = "tokenizer.ggml."
  func need(_ key: String, _ found: String) -> ModelFileError {
    ModelFileError(
      path: path, subject: prefix + key, found: found, allowed: "what llama.cpp needs to stop and to tokenize",
      repair: "Start from a model file that has it.")
  }
  guard let eos = tokenizer.eos ?? tokenizer.eot else { throw need("eos_token_id", "no end-of-text token") }
  metadata[prefix + "eos_token_id"] = .uint32(UInt32(bitPattern: eos))
  metadata[prefix + "bos_token_id"] = .uint32(UInt32(bitPattern: tokenizer.bos ?? eos))
  metadata[prefix + "add_bos_token"] = .bool(tokenizer.addsBOS)
  metadata[prefix + "token_type"] = .array(.int32(tokenizer.tokenTypes.map(\.rawValue)))
  if case .byteLevelBPE(let pre) = tokenizer.model {
    if metadata[prefix + "pre"] == nil { metadata[prefix + "pre"] = .string(pre.rawValue) }
    if tokenizer.merges.isEmpty { throw need("merges", "no merges") }
  }
  if tokenizer.chatTemplate == nil, let template = notes.chatTemplate {
    metadata["tokenizer.chat_template"] = .string(template)
  }
}

/// "135M", "1.2B": the number of parameters as model names say it.
private func sizeLabel(_ count: Int) -> String {
  let millions = Double(count) / 1e6
  if millions >= 999.5 { return String(format: "%.1fB", millions / 1000) }
  return millions >= 9.5 ? "\(Int(millions.rounded()))M" : String(format: "%.1fM", millions)
}
