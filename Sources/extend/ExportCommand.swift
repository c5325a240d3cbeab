public import ArgumentParser
import Checkpointing
import Foundation
import GGUFFormat
import LlamaModel
import Logging
import Metrics
import ModelFiles
import RecipeFormat

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a run's model as a GGUF file that llama.cpp, Ollama and LM Studio run.",
    discussion: "The file appears under its name only when it is whole. A model file (GGUF) can be re-written too.")

  @Argument(help: "A run's folder, a checkpoint (.h5), or a model file (GGUF).") var source: String
  @Option(help: "f32, f16, bf16 or q8_0.") var quantization: ExportStorage = .f16
  @Option(help: "The file to write. (default: RUN/model/NAME-CONTEXT-QUANTIZATION.gguf)") var output: String?

  func run() throws {
    try reportingFailures {
      let (model, metadata, notes, folder, name) = try load()
      let c = model.configuration
      let file = "\(name)-\(c.rope.trainedContext)-\(quantization.rawValue).gguf"
      let path = output ?? "\(folder)/\(file)"
      if let missing = URL(filePath: path).deletingLastPathComponent().path as String?,
        !FileManager.default.fileExists(atPath: missing)
      {
        throw UsageError("\(missing): there is no such folder; make it first or choose another --output")
      }
      try export(model, source: metadata, storage: quantization, notes: notes, to: path) { written, total in
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

  /// The model, the metadata to carry on, and where the file goes by default.
  private func load() throws -> (Llama, Metadata, ExportNotes, folder: String, name: String) {
    if FileManager.default.fileExists(atPath: source + "/.") {
      let folder = RunFolder(source)
      // Without the run's lock: it may be training now.
      let checkpoints = folder.checkpoints(keep: 1)
      guard let reader = try checkpoints.newestUnchanged(warn: { log.warning("\($0)") }) else {
        throw InputError(
          try checkpoints.names().isEmpty
            ? "\(source): the run has no checkpoint yet; extend resume it first"
            : "\(source): none of the run's checkpoints is whole; extend resume starts it at its beginning")
      }
      return try loaded(reader, folder: folder.modelPath)
    }
    if source.hasSuffix(".h5") {
      return try loaded(
        try CheckpointReader(opening: source), folder: URL(filePath: source).deletingLastPathComponent().path)
    }
    let file = try ModelFile(path: source)
    _ = try tokenizer(of: file)  // nobody could use the export of one that is damaged
    let url = URL(filePath: source)
    let name = url.deletingPathExtension().lastPathComponent
    return (try file.load(), file.metadata, ExportNotes(), url.deletingLastPathComponent().path, name)
  }

  private func loaded(
    _ reader: borrowing CheckpointReader, folder: String
  ) throws -> (Llama, Metadata, ExportNotes, folder: String, name: String) {
    let identity = try RunIdentity(reader), position = reader.checkpoint.position, model = try RunIdentity.model(reader)
    let base = (try? identity.source.find("general.name", as: String.self)) ?? nil
    let notes = ExportNotes(
      description: "\(base ?? "A Llama model") extended from \(identity.configuration.rope.trainedContext) to "
        + "\(model.configuration.rope.trainedContext) tokens by extend, recipe \(identity.recipe.name), "
        + "\(position.globalStep) steps, \(position.tokensSeen) tokens",
      chatTemplate: identity.template)
    return (model, identity.source, notes, folder, identity.recipe.name)
  }
}

extension ExportStorage: ExpressibleByArgument {}
