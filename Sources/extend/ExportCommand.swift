public import ArgumentParser
import Checkpointing
import Foundation
import GGUFFormat
import LlamaModel
import Logging
import Metrics
import ModelFiles
import RecipeFormat
import Tokenization

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a run's model as a GGUF file that llama.cpp, Ollama and LM Studio run.",
    discussion: "The file appears under its name only when it is whole. A model file (GGUF) can be re-written too.")

  @Argument(help: "A run's folder, a checkpoint (.h5), or a model file (GGUF).") var source: String
  @Option(help: "f32, f16, bf16 or q8_0.") var quantization: ExportStorage = .f16
  @Option(help: "The file to write. (default: RUN/model/NAME-CONTEXT-QUANTIZATION.gguf)") var output: String?

  func run() throws {
    try reportingFailures {
      let source = try Source(source), c = source.model.configuration
      let path =
        output ?? "\(source.folder)/\(source.name)-\(c.rope.trainedContext)-\(quantization.rawValue).gguf"
      let folder = URL(filePath: path).deletingLastPathComponent().path
      guard FileManager.default.fileExists(atPath: folder) else {
        throw UsageError("\(folder): there is no such folder; make it first or choose another --output")
      }
      try export(
        source.model, source: source.metadata, storage: quantization, notes: source.notes, to: path
      ) { written, total in
        Console.progress("writing \(path): tensor \(written)/\(total)")
      }
      let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
      Console.print("wrote \(path): \(ProgressFormat.bytes(size)), context \(c.rope.trainedContext), \(c.rope.summary)")
      let cache = c.keyValueCacheBytes(context: c.rope.trainedContext) / 2
      Console.print("its whole context takes \(ProgressFormat.bytes(cache)) of key-value cache in F16")
      Console.print("run it: llama-cli -m \(path) -c \(c.rope.trainedContext)")
      return .done
    }
  }
}

/// What an export is made of.
private struct Source {
  var model: Llama
  /// What the file the model came from said about itself and its tokenizer.
  var metadata: Metadata
  var notes: ExportNotes
  /// Where the file goes, and how its name begins, unless the user says otherwise.
  var folder, name: String
}

extension Source {
  /// A run's folder, a checkpoint or a model file.
  init(_ path: String) throws {
    let url = URL(filePath: path), folder = url.deletingLastPathComponent().path
    if FileManager.default.fileExists(atPath: path + "/.") {
      let run = RunFolder(path)
      guard let reader = try run.checkpoints(keep: 1).newest(warn: { log.warning("\($0)") }) else {
        throw InputError("\(path): there is no whole checkpoint in this folder; extend resume goes on with a run")
      }
      try self.init(reader, folder: run.modelPath)
    } else if path.hasSuffix(".h5") {
      try self.init(try CheckpointReader(opening: path), folder: folder)
    } else {
      let file = try ModelFile(path: path)
      _ = try Tokenizer(of: file)  // nobody could use the export of one that is damaged
      self.init(
        model: try file.load(), metadata: file.metadata, notes: ExportNotes(), folder: folder,
        name: url.deletingPathExtension().lastPathComponent)
    }
  }

  private init(_ reader: borrowing CheckpointReader, folder: String) throws {
    let identity = try RunIdentity(reader), position = reader.checkpoint.position
    let model = try RunIdentity.model(reader)
    let base = try identity.source.find("general.name", as: String.self) ?? "A Llama model"
    let notes = ExportNotes(
      description: "\(base) extended from \(identity.configuration.rope.trainedContext) to "
        + "\(model.configuration.rope.trainedContext) tokens by extend, recipe \(identity.recipe.name), "
        + "\(position.globalStep) steps, \(position.tokensSeen) tokens",
      chatTemplate: identity.template)
    self.init(model: model, metadata: identity.source, notes: notes, folder: folder, name: identity.recipe.name)
  }
}

extension ExportStorage: ExpressibleByArgument {}
