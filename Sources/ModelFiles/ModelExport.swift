import Foundation
public import GGUFFormat
public import LlamaModel
import TensorCore

/// How exported weights are stored. Norms and biases stay F32 always, as llama.cpp expects.
public enum ExportStorage: String, CaseIterable, Sendable {
  case f32, f16, bf16
  case q8_0

  /// The tensor type for a matrix whose rows have `columns` values; rows that do not fill blocks become F16.
  func type(columns: Int) -> TensorType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .q8_0: columns % TensorType.q8_0.blockSize == 0 ? .q8_0 : .f16
    }
  }

  /// `general.file_type` of llama.cpp.
  var fileType: UInt32 {
    switch self {
    case .f32: 0
    case .f16: 1
    case .bf16: 32
    case .q8_0: 7
    }
  }
}

/// What an export says about itself beside the weights.
public struct ExportNotes: Sendable {
  /// A line for `general.description`.
  public var description: String?
  /// The template the model was trained with, if the source file had none.
  public var chatTemplate: String?
  public init(description: String? = nil, chatTemplate: String? = nil) {
    (self.description, self.chatTemplate) = (description, chatTemplate)
  }
}

/// Writes a model as GGUF with every key llama.cpp needs and no tensor it does not know; the name appears only
/// when the file is whole and on the disk.
///
/// - Parameter source: metadata of the file the model came from; its general and tokenizer keys are carried on.
/// - Throws: `GGUFError` (full disk, values without a place in the type), `ModelFileError`.
public func export(
  _ model: Llama, source: Metadata, storage: ExportStorage, notes: ExportNotes = ExportNotes(), to path: String,
  progress: (_ written: Int, _ total: Int) -> Void = { _, _ in }
) throws {
  let configuration = model.configuration
  let headSize = configuration.headSize
  let metadata = try exportMetadata(configuration, source: source, storage: storage, notes: notes, path: path)
  let stored = configuration.storedTensors
  let parameters = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.tensor) })
  var plans = stored.map { tensor in
    TensorPlan(
      name: TensorNaming.ggufName(tensor.name), shape: tensor.shape,
      type: tensor.shape.count > 1 ? storage.type(columns: tensor.shape[1]) : .f32)
  }
  let positions = configuration.rope.positionTensors(configuration.family, headSize: headSize)
  plans += positions.map { TensorPlan(name: $0.name, extents: [headSize / 2], type: .f32) }
  let writer = try GGUFWriter(metadata: metadata, tensors: plans)
  var index = 0
  try writer.write(to: path) { plan, sink in
    defer {
      index += 1
      progress(index, plans.count)
    }
    guard index < stored.count else {
      let values = positions[index - stored.count].values.map(Float.init)
      return try sink.append(values.span)
    }
    for parameter in stored[index].parameters {
      let name = parameter.name
      guard let tensor = parameters[name] else { preconditionFailure("export: no parameter \(name)") }
      guard tensor.isFinite else {
        throw ModelFileError(
          path: path, subject: name, found: "NaN or infinite values", allowed: "finite weights",
          repair: "Export an earlier checkpoint; nothing was written.")
      }
      guard configuration.family.pairsRowsInGGUF, TensorNaming.isPaired(name) else {
        try sink.append(tensor.span)
        continue
      }
      // Row r of the file is the half-split row that maps to it.
      var inverse = [Int](repeating: 0, count: tensor.shape.extents[0])
      for row in inverse.indices { inverse[TensorNaming.pairedRow(of: row, headSize: headSize)] = row }
      let paired = tensor.reorderedRows { inverse[$0] }
      try sink.append(paired.span)
    }
  }
}
