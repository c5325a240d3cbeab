public import ArgumentParser
import AtomicFiles
import Foundation
import GGUFFormat
import LlamaModel
import Metrics
public import ModelFiles
import SafetensorsFormat
import Tokenization
import Kernels

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a run's model as a GGUF file for llama.cpp, Ollama and LM Studio, or as a Hugging Face folder.",
    discussion: """
      The file is verified as extend verify does, and appears under its name only when it is whole and would run; a
      Modelfile for Ollama stands beside it. A model (a GGUF file or a Hugging Face folder) can be re-written too.

      --format huggingface writes the folder that transformers loads, in f32, f16 or bf16, in files of 5 GB at most
      unless --split says otherwise.

      Quantisations mix types as llama.cpp's do: q4_k_m keeps some tensors in Q6_K, and rows that do not fill blocks of
      256 take the next type of 32. --calibration reads a text with the model first, and then harms the columns least
      that it uses most. --measure compares the written file with full precision.
      """)

  @Argument(help: "A run's folder, a checkpoint (.h5), or a model: a GGUF file or a Hugging Face folder.")
  var source: String
  @Option(help: "\(ExportFormat.allCases.map(\.rawValue).joined(separator: " or ")).") var format = ExportFormat.gguf
  @Option(
    name: .customLong("quantization"),
    help: "\(ExportStorage.allCases.map(\.rawValue).joined(separator: ", ")). (default: f16, or bf16 for huggingface)")
  var storage: ExportStorage?
  @Option(help: "The file or folder to write. (default: RUN/model/NAME-CONTEXT-QUANTIZATION.gguf)") var output: String?
  @Option(name: .customLong("split"), help: "Write files of at most this size, such as 4G or 500M. (default: one file)")
  var partSize: String?
  @Option(help: "A text that shows what the model is for; its activations weight the quantisation.")
  var calibration: String?
  @Flag(help: "Measure held-out loss and passkey of the written file against full precision.") var measure = false
  @Option(help: "The text to measure the loss on. (default: the run's held-out conversations)") var measureText: String?
  @Option(help: "Tokens to measure at. (default: the trained context, 4096 at most)") var measureContext: Int?
  @OptionGroup var cache: CacheOptions
  @OptionGroup var machine: MachineOptions

  private var quantization: ExportStorage { storage ?? (format == .gguf ? .f16 : .bf16) }

  func validate() throws {
    if format == .huggingface {
      if quantization.safetensorsType == nil {
        throw ValidationError("--format huggingface holds f32, f16 or bf16, got \(quantization.rawValue)")
      }
      if calibration != nil || measure || measureText != nil {
        throw ValidationError("--calibration and --measure are for --format gguf, whose files may be quantised")
      }
    }
    try require("--measure-context", measureContext, in: 64...1 << 24)
    if let partSize, Self.bytes(partSize) == nil {
      throw ValidationError("--split must be a size of at least 1M such as 4G or 500M, got \(partSize)")
    }
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      let source = try ExportSource(source), context = source.weights.configuration.rope.trainedContext
      let ending = format == .gguf ? ".gguf" : ""
      let path = output ?? "\(source.folder)/\(source.name)-\(context)-\(quantization.rawValue)\(ending)"
      let folder = URL(filePath: path).deletingLastPathComponent().path
      guard FileManager.default.fileExists(atPath: folder) else {
        throw UsageError("\(folder): there is no such folder; make it first or choose another --output")
      }
      if format == .huggingface {
        try exportFolder(source, to: path)
        return .done
      }
      let measurement = try measure || measureText != nil ? prepareMeasurement(source) : nil
      let importance = try calibration.map { try ColumnImportance(text: $0, source) }
      let options = ExportOptions(
        quantization, notes: source.notes, importance: importance, partBytes: partSize.flatMap(Self.bytes))
      let report = try export(source.weights, source: source.metadata, options: options, to: path) { written, total in
        Console.progress("writing \(path): tensor \(written)/\(total)")
      }
      try finish(report, source, path)
      if let measurement, let first = report.parts.first {
        Console.print(try measurement.comparison(original: source.load(), written: first.path, quantization.rawValue))
      }
      return .done
    }
  }

  private func exportFolder(_ source: ExportSource, to path: String) throws {
    guard let type = quantization.safetensorsType else { stop("validate refuses \(quantization)") }
    try exportHuggingFace(
      source.weights, source: source.metadata, type: type, notes: source.notes,
      shardBytes: partSize.flatMap(Self.bytes) ?? SafetensorsWriter.usualShardBytes, to: path
    ) { written, total in
      Console.progress("writing \(path): tensor \(written)/\(total)")
    }
    let file = try ModelFile(path: path), rope = file.configuration.rope
    Console.print("wrote \(path): \(file.configuration.family.modelClass), \(file.storage)")
    Console.print("context \(rope.trainedContext), \(rope.summary)")
    Console.print("load it: transformers.AutoModelForCausalLM.from_pretrained(\"\(path)\")")
  }

  private func prepareMeasurement(_ source: ExportSource) throws -> ExportMeasurement {
    let context = measureContext ?? min(source.weights.configuration.rope.trainedContext, 4096)
    return try ExportMeasurement(source, context: context, text: measureText, cacheFolder: cache.folder)
  }

  /// Says what was written, what it lost, and how to run it; writes the Modelfile.
  private func finish(_ report: ExportReport, _ source: ExportSource, _ path: String) throws {
    let configuration = source.weights.configuration, context = configuration.rope.trainedContext
    guard let first = report.parts.first else { return }
    for part in report.parts {
      Console.print("wrote \(part.path): \(ProgressFormat.bytes(part.byteCount))")
    }
    Console.print("verified: context \(context), \(configuration.rope.summary)")
    for line in report.lines { Console.print(line) }
    let written = try ModelFile(path: first.path)
    let modelfile = OllamaModelfile(
      model: URL(filePath: first.path).lastPathComponent, description: source.notes.description,
      configuration: configuration, tokenizer: try Tokenizer(of: written))
    let modelfilePath = (path.hasSuffix(".gguf") ? String(path.dropLast(5)) : path) + ".Modelfile"
    try AtomicFile.write(modelfile.text, to: modelfilePath)
    let cacheBytes = configuration.keyValueCacheBytes(context: context) / 2
    Console.print("its whole context takes \(ProgressFormat.bytes(cacheBytes)) of key-value cache in F16")
    Console.print("run it: llama-cli -m \(first.path) -c \(context)")
    Console.print("    or: ollama create \(source.name) -f \(modelfilePath) && ollama run \(source.name)")
    Console.print("    or: lms import \(first.path)   (LM Studio; set the context length to \(context))")
  }

  /// "4G" → 4,000,000,000; nil for what is no size, or less than a megabyte.
  static func bytes(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1_000, "M": 1_000_000, "G": 1_000_000_000]
    guard let last = text.uppercased().last else { return nil }
    let (number, unit) = units[last].map { (text.dropLast(), $0) } ?? (text[...], 1)
    guard let count = Int(number), count > 0, case let (bytes, overflow) = count.multipliedReportingOverflow(by: unit),
      !overflow, bytes >= 1_000_000
    else { return nil }
    return bytes
  }
}

extension ExportReport {
  /// The types, the loss and the fall-backs, for people.
  var lines: [String] {
    var lines: [String] = []
    let types = Dictionary(grouping: tensors, by: \.choice.type).mapValues(\.count)
    lines.append(
      "types: "
        + types.sorted { ($0.value, $1.key.rawValue) > ($1.value, $0.key.rawValue) }
        .map { "\($0.key) ×\($0.value)" }.joined(separator: ", "))
    for fallback in fallbacks {
      lines.append(
        "\(fallback.count) tensors are \(fallback.type) instead of \(fallback.wanted): their rows of "
          + "\(fallback.columns) values do not fill blocks of \(fallback.wanted.blockSize)")
    }
    if loss.relativeRMSE > 0 {
      lines.append("error: \(Self.percent(loss.relativeRMSE)) of the weights' size (root mean square), the worst:")
      for entry in worst(5) {
        lines.append("  \(entry.name) \(entry.choice.type) \(Self.percent(entry.loss.relativeRMSE))")
      }
    }
    return lines
  }

  private static func percent(_ share: Double) -> String {
    String(format: share < 0.001 ? "%.4f%%" : "%.2f%%", share * 100)
  }
}

/// What an export writes.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case gguf, huggingface
}

extension ExportStorage {
  /// The type of safetensors; nil for quantised kinds.
  fileprivate var safetensorsType: SafetensorsType? {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    default: nil
    }
  }
}

extension ExportStorage: ExpressibleByArgument {
  /// In small or capital letters.
  public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
