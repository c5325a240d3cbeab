import Foundation
import GGUFFormat

/// Adds what a model card would hold: the model it was made from, and how.
///
/// `general.base_model.*` are everyone's keys; `extend.*` are this program's: recipe, stages (JSON), steps, tokens, data
/// fingerprint. Without a card those of the source stay as they are.
func addCard(_ card: ModelCard?, source: Metadata, to metadata: inout Metadata) {
  for entry in source.entries where entry.key.hasPrefix("extend.") && entry.key != "extend.rope" {
    metadata[entry.key] = entry.value
  }
  guard let card else { return }
  if let name = source["general.name"] {
    metadata["general.base_model.count"] = .uint32(1)
    metadata["general.base_model.0.name"] = name
    for key in ["organization", "version", "repo_url"] {
      if let value = source["general." + key] { metadata["general.base_model.0." + key] = value }
    }
  }
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  if let stages = try? encoder.encode(card.stages) {
    metadata["extend.stages"] = .string(String(decoding: stages, as: UTF8.self))
  }
  metadata["extend.recipe"] = .string(card.recipe)
  metadata["extend.steps"] = .uint64(UInt64(max(0, card.steps)))
  metadata["extend.tokens"] = .uint64(UInt64(max(0, card.tokens)))
  metadata["extend.data_fingerprint"] = .string(card.dataFingerprint)
}

/// Says what the importances came from, in the keys of `llama-quantize`; takes away what an earlier quantisation said.
func addImportance(_ importance: ColumnImportance?, to metadata: inout Metadata) {
  let prefix = "quantize.imatrix."
  for key in ["file", "dataset", "entries_count", "chunks_count"] { metadata[prefix + key] = nil }
  guard let importance else { return }
  metadata[prefix + "dataset"] = .string(importance.dataset)
  metadata[prefix + "entries_count"] = .uint32(UInt32(clamping: importance.meanSquares.count))
  metadata[prefix + "chunks_count"] = .uint32(UInt32(clamping: importance.chunkCount))
}
