import Foundation
public import GGUFFormat
public import LlamaModel
public import TensorCore
import Kernels

/// What an export says about itself beside the weights.
public struct ExportNotes: Sendable {
  /// A line for `general.description`.
  public var description: String?
  /// The template the model was trained with, if the source file had none.
  public var chatTemplate: String?
  /// What a model card would say of the training; goes to keys of its own.
  public var card: ModelCard?
  public init(description: String? = nil, chatTemplate: String? = nil, card: ModelCard? = nil) {
    (self.description, self.chatTemplate, self.card) = (description, chatTemplate, card)
  }
}

/// How a model is written.
public struct ExportOptions: Sendable {
  public var storage: ExportStorage
  public var notes: ExportNotes
  /// How strongly columns are used, for quantised types to harm them less.
  public var importance: ColumnImportance?
  /// The most bytes of one file; a larger model is split. Nil: one file.
  public var partBytes: Int?
  public init(
    _ storage: ExportStorage, notes: ExportNotes = ExportNotes(), importance: ColumnImportance? = nil,
    partBytes: Int? = nil
  ) {
    (self.storage, self.notes, self.importance, self.partBytes) = (storage, notes, importance, partBytes)
  }
}

/// Where an export's weights come from, one at a time, so that the whole model need never be in memory.
public struct WeightSource {
  public var configuration: LlamaConfiguration
  /// Gives a parameter in the model's own order of rows.
  public var read: (ParameterDescription) throws -> Tensor
  public init(_ configuration: LlamaConfiguration, read: @escaping (ParameterDescription) throws -> Tensor) {
    (self.configuration, self.read) = (configuration, read)
  }

  /// A model in memory.
  public init(_ model: Llama) {
    let tensors = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.tensor) })
    self.init(model.configuration) { parameter in
      guard let tensor = tensors[parameter.name] else { stop("export: no parameter \(parameter.name)") }
      return tensor
    }
  }
}

/// Writes a model in memory; see ``export(_:source:options:to:progress:)``.
@discardableResult public func export(
  _ model: Llama, source: Metadata, storage: ExportStorage, notes: ExportNotes = ExportNotes(), to path: String,
  progress: (_ written: Int, _ total: Int) -> Void = { _, _ in }
) throws -> ExportReport {
  try export(
    WeightSource(model), source: source, options: ExportOptions(storage, notes: notes), to: path, progress: progress)
}

/// Writes a model as GGUF with every key llama.cpp needs and no tensor it does not know; the name appears only
/// when the file is whole, verified and on the disk.
///
/// - Parameter source: metadata of the file the model came from; its general and tokenizer keys are carried on.
/// - Returns: what was written, and what each tensor lost.
/// - Throws: `GGUFError` (full disk, values without a place in the type), `ModelFileError` (weights that are not finite,
///   a tokenizer that cannot work), `VerificationError` if the written file would not run; and what the source throws.
@discardableResult public func export(
  _ weights: WeightSource, source: Metadata, options: ExportOptions, to path: String,
  progress: (_ written: Int, _ total: Int) -> Void = { _, _ in }
) throws -> ExportReport {
  let configuration = weights.configuration, storage = options.storage
  let metadata = try exportMetadata(configuration, source: source, options: options, path: path)
  let stored = configuration.storedTensors, family = configuration.family
  let positions = configuration.rope.positionTensors(family, headSize: configuration.headSize)
  var report = ExportReport(storage: storage)
  var plans: [TensorPlan] = []
  for tensor in stored {
    let name = TensorNaming.ggufName(tensor.name), shape = tensor.shape
    let choice = storage.choice(of: name, shape: shape, in: configuration, hasImportance: options.importance != nil)
    plans.append(TensorPlan(name: name, shape: shape, type: choice.type))
    report.tensors.append(ExportReport.TensorEntry(name: name, shape: shape, choice: choice))
  }
  plans += positions.map { TensorPlan(name: $0.name, extents: [configuration.headSize / 2], type: .f32) }
  var index = 0
  func supply(_ sink: inout TensorSink) throws {
    defer {
      index += 1
      progress(index, plans.count)
    }
    guard index < stored.count else {
      let values = positions[index - stored.count].values.map(Float.init)
      return try sink.append(values.span)
    }
    // Parameters that share a tensor share their input, and so its importance.
    let inputs = stored[index].parameters.first.flatMap { options.importance?.meanSquares[$0.name] }
    for parameter in stored[index].parameters {
      let name = parameter.name, tensor = try weights.read(parameter)
      guard tensor.isFinite else {
        throw ModelFileError(
          path: path, subject: name, found: "NaN or infinite values", allowed: "finite weights",
          repair: "Export an earlier checkpoint; nothing was written.")
      }
      let isPaired = family.pairsRowsInGGUF && TensorNaming.isPaired(name)
      let ordered = isPaired ? tensor.inPairs(headSize: configuration.headSize) : tensor
      try sink.append(ordered.span, importance: plans[index].type.isQuantized ? inputs ?? [] : [])
    }
    report.tensors[index].loss = sink.loss
  }
  report.parts = try GGUFParts(metadata: metadata, tensors: plans, partBytes: options.partBytes).write(
    to: path, inspect: { try verifyBeforeNaming($0, final: path) }, supply: { _, sink in try supply(&sink) })
  return report
}

extension Tensor {
  /// Rows of queries or keys in llama.cpp's order of adjacent pairs.
  fileprivate func inPairs(headSize: Int) -> Tensor {
    // Row r of the file is the half-split row that maps to it.
    var inverse = [Int](repeating: 0, count: shape.extents[0])
    for row in inverse.indices { inverse[TensorNaming.pairedRow(of: row, headSize: headSize)] = row }
    return reorderedRows { inverse[$0] }
  }
}
