import AtomicFiles
import Foundation
public import GGUFFormat
import JSONText
public import LlamaModel
public import SafetensorsFormat
import TensorCore
import Tokenization

/// Writes a model as the folder that `transformers` loads: config.json, safetensors in one file or in shards, and the
/// tokenizer with its template. The folder appears under its name only when everything in it is whole.
///
/// - Parameters:
///   - source: metadata of what the model came from. The files of a Hugging Face folder are carried on byte for byte,
///     config.json with its unknown keys; of a GGUF they are made from its `tokenizer.*` keys.
///   - type: F32, F16 or BF16, of all tensors.
///   - shardBytes: the most bytes of tensors in one file.
/// - Throws: `SafetensorsError` (full disk, values without a place in the type), `FileError`, `ModelFileError`.
public func exportHuggingFace(
  _ weights: WeightSource, source: Metadata, type: SafetensorsType, notes: ExportNotes = ExportNotes(),
  shardBytes: Int = SafetensorsWriter.usualShardBytes, to path: String,
  progress: (_ written: Int, _ total: Int) -> Void = { _, _ in }
) throws {
  let configuration = weights.configuration
  let files = try smallFiles(configuration, source: source, type: type, notes: notes, path: path)
  let stored = configuration.storedTensors
  let writer = SafetensorsWriter(
    stored.map { SafetensorsPlan(name: $0.name, shape: $0.shape, type: type) }, shardBytes: shardBytes)
  var folder = try AtomicFolder(creating: path)
  for (name, bytes) in files {
    try AtomicFile.write(bytes, to: folder.temporary + "/" + name)
  }
  var index = 0
  try writer.write(into: folder.temporary) { plan, sink in
    for parameter in stored[index].parameters {
      let tensor = try weights.read(parameter)
      guard tensor.isFinite else {
        throw ModelFileError(
          path: path, subject: parameter.name, found: "NaN or infinite values", allowed: "finite weights",
          repair: "Export an earlier checkpoint; nothing was written.")
      }
      try sink.append(tensor.span)
    }
    index += 1
    progress(index, stored.count)
  }
  try folder.commit()
}

/// Writes a model in memory; see ``exportHuggingFace(_:source:type:notes:shardBytes:to:progress:)``.
public func exportHuggingFace(
  _ model: Llama, source: Metadata, type: SafetensorsType, notes: ExportNotes = ExportNotes(),
  shardBytes: Int = SafetensorsWriter.usualShardBytes, to path: String
) throws {
  try exportHuggingFace(
    WeightSource(model), source: source, type: type, notes: notes, shardBytes: shardBytes, to: path)
}

/// Everything beside the weights.
private func smallFiles(
  _ configuration: LlamaConfiguration, source: Metadata, type: SafetensorsType, notes: ExportNotes, path: String
) throws -> [(name: String, bytes: [UInt8])] {
  let carried = HuggingFaceFiles(carriedBy: source)
  var tokenizer = try TokenizerDescription(source: source, vocabularySize: configuration.vocabularySize)
  let torchType = [SafetensorsType.f16: "float16", .bf16: "bfloat16"][type] ?? "float32"
  // Keys of another class would mislead.
  let old = try carried?.json("config.json"),
    isSameFamily = try old?.string("model_type") == configuration.family.modelType
  let config = try configuration.huggingFaceConfig(
    carrying: isSameFamily ? old?.object : nil, tokenizer: tokenizer, type: torchType, path: path)
  var files: [(name: String, bytes: [UInt8])] = [("config.json", Array((config.text() + "\n").utf8))]
  if let template = notes.chatTemplate, tokenizer.chatTemplate == nil {
    tokenizer.chatTemplate = template
    if carried != nil { files.append(("chat_template.jinja", Array(template.utf8))) }
  }
  if let carried {
    files += try HuggingFaceFiles.names.compactMap { name in
      guard name != "config.json", let bytes = carried[name] else { return nil }
      guard name == "tokenizer_config.json" else { return (name, bytes) }
      return (name, try withContext(configuration.rope.trainedContext, carried) ?? bytes)
    }
  } else {
    files += tokenizer.huggingFaceFiles(contextLength: configuration.rope.trainedContext)
    files.append(("generation_config.json", Array((generationConfig(tokenizer).text() + "\n").utf8)))
  }
  return files
}

/// tokenizer_config.json with the new length where it states one; nil if it does not.
private func withContext(_ context: Int, _ files: HuggingFaceFiles) throws -> [UInt8]? {
  let key = "model_max_length"
  guard let file = try files.json("tokenizer_config.json"), case .number? = file.value(key) else { return nil }
  // Values of 10³⁰ mean "not known" and stay.
  guard let old = try file.number(key), old < Double(context) else { return nil }
  var object = file.object
  object[key] = .integer(context)
  return Array((JSONValue.object(object).text() + "\n").utf8)
}

/// The tokens that begin and end a text.
private func generationConfig(_ tokenizer: TokenizerDescription) -> JSONValue {
  var object = JSONObject()
  if let bos = tokenizer.bos { object["bos_token_id"] = .integer(Int(bos)) }
  let ends = [tokenizer.eos, tokenizer.eot, tokenizer.eom].compactMap(\.self)
  var unique: [TokenID] = []
  for end in ends where !unique.contains(end) { unique.append(end) }
  switch unique.count {
  case 0: break
  case 1: object["eos_token_id"] = .integer(Int(unique[0]))
  default: object["eos_token_id"] = .array(unique.map { .integer(Int($0)) })
  }
  if let padding = tokenizer.padding { object["pad_token_id"] = .integer(Int(padding)) }
  return .object(object)
}
