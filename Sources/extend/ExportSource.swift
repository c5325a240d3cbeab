import Checkpointing
import Foundation
import GGUFFormat
import LlamaModel
import Logging
import ModelFiles
import RecipeFormat
import Tokenization

/// What an export is made of; the weights are read one at a time.
struct ExportSource {
  var weights: WeightSource
  /// What the file the model came from said about itself and its tokenizer.
  var metadata: Metadata
  var notes: ExportNotes
  /// Where the file goes, and how its name begins, unless the user says otherwise.
  var folder, name: String
  /// The run it came from, if it did.
  var identity: RunIdentity?
}

extension ExportSource {
  /// A run's folder, a checkpoint, or a model: a GGUF file or a Hugging Face folder.
  init(_ path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    if ModelFile.isFolder(path), !FileManager.default.fileExists(atPath: path + "/config.json") {
      let run = RunFolder(path)
      guard let reader = try run.checkpoints(keep: 1).newest(warn: { log.warning("\($0)") }) else {
        throw InputError("\(path): there is no whole checkpoint in this folder; extend resume goes on with a run")
      }
      try self.init(OpenCheckpoint(reader), folder: run.modelPath)
    } else if path.hasSuffix(".h5") {
      try self.init(OpenCheckpoint(try CheckpointReader(opening: path)), folder: folder)
    } else {
      let file = try ModelFile(path: path)
      _ = try Tokenizer(of: file)  // nobody could use the export of one that is damaged
      self.init(
        weights: file.weights, metadata: file.metadata, notes: ExportNotes(), folder: folder,
        name: ModelFile.name(of: path))
    }
  }

  private init(_ checkpoint: OpenCheckpoint, folder: String) throws {
    let identity = try RunIdentity(checkpoint.reader), position = checkpoint.reader.checkpoint.position
    let configuration = try RunIdentity.configuration(checkpoint.reader)
    let base = try identity.source.find("general.name", as: String.self) ?? "A Llama model"
    let earlier = checkpoint.reader.checkpoint.integers(CheckpointKey.stepsOfEarlierStages) ?? []
    let stages = identity.recipe.stages.prefix(position.stageIndex + 1).enumerated().map { index, stage in
      ModelCard.Stage(
        name: stage.name, context: stage.context,
        steps: index == position.stageIndex
          ? position.stepInStage : index < earlier.count ? earlier[index] : stage.steps)
    }
    let notes = ExportNotes(
      description: "\(base) extended from \(identity.configuration.rope.trainedContext) to "
        + "\(configuration.rope.trainedContext) tokens by extend, recipe \(identity.recipe.name), "
        + "\(position.globalStep) steps, \(position.tokensSeen) tokens",
      chatTemplate: identity.template.isEmpty ? nil : identity.template,
      card: ModelCard(
        recipe: identity.recipe.name, stages: stages, steps: position.globalStep, tokens: position.tokensSeen,
        dataFingerprint: identity.dataFingerprint))
    let weights = WeightSource(configuration) { parameter in
      try RunIdentity.tensor(checkpoint.reader, .weight, parameter, isParameter: true)
    }
    self.init(
      weights: weights, metadata: identity.source, notes: notes, folder: folder, name: identity.recipe.name,
      identity: identity)
  }

  /// The model in memory.
  func load() throws -> Llama { try Llama(weights.configuration, parameter: weights.read) }

  /// The tokenizer that the export will have.
  func tokenizer() throws -> Tokenizer {
    var description = try TokenizerDescription(
      source: metadata, vocabularySize: weights.configuration.vocabularySize)
    if description.chatTemplate == nil { description.chatTemplate = notes.chatTemplate }
    return try Tokenizer(description)
  }
}

/// A checkpoint that stays open as long as somebody may read from it.
private final class OpenCheckpoint {
  let reader: CheckpointReader
  init(_ reader: consuming CheckpointReader) { self.reader = reader }
}

extension ColumnImportance {
  /// Reads a text with the model: at most 64 Ki tokens, in pieces of 2,048.
  init(text path: String, _ source: ExportSource) throws {
    let tokens = try source.tokenizer().encode(try promptText("@" + path), parsingSpecials: true)
    let length = min(2048, source.weights.configuration.rope.trainedContext)
    guard tokens.count >= 64 else {
      throw InputError("\(path): found \(tokens.count) tokens to calibrate with; allowed are 64 or more")
    }
    let pieces = stride(from: 0, to: min(tokens.count, 1 << 16), by: length).map {
      Array(tokens[$0..<min($0 + length, tokens.count)])
    }
    let squares = try source.load().inputMeanSquares(over: pieces) { done in
      Console.progress("reading \(path): \(done)/\(pieces.count) pieces")
      return true
    }
    self.init(
      meanSquares: squares, dataset: URL(filePath: path).lastPathComponent, chunkCount: pieces.count)
    Console.print("calibrated with \(min(tokens.count, 1 << 16)) tokens of \(path)")
  }
}
