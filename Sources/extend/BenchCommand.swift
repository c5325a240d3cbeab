import ArgumentParser
import Benchmark
import Foundation
import Kernels
import LlamaModel
import Metrics
import ModelFiles
import RecipeFormat
import ScratchStorage
import Training

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures the machine, every kernel and whole training steps against each other.",
    discussion: """
      First what the machine can do at most: multiply-adds on registers (the peak), a large product by our kernels and by
      OpenBLAS, and a sweep through memory. Then each operation of one layer. Then whole training steps (forward,
      backward, AdamW) of random weights and tokens, each in a process of its own, so that its memory is its own.

      FLOPs are those of the mathematics: attention below the diagonal, nothing that is computed twice. So a share of
      100% of the product rate means that the step takes as long as its products alone would in one large product.
      Times are those of the fastest run. A busy machine gives smaller figures, ceilings too; measure on an idle one.

        extend bench                                       SmolLM2-135M's shape at 1,024 and 4,096 tokens
        extend bench --only steps --lengths 16K --precision bf16
        extend bench --only steps --lengths 64K --activations spill --storage bf16 --state 8bit
        extend bench --only steps --lengths 1M --layers 1 --window 65536 --precision bf16
        extend bench --only attention --lengths 8K,16K --heads 32/8 --head-size 128
        extend bench --model M.gguf --json > bench.json
        extend bench --quick                               seconds; for trying it out
      """)

  @Option(
    help:
      "Take the shape of this model (GGUF or Hugging Face folder, of which config.json is enough). (default: SmolLM2-135M)"
  )
  var model: String?
  @Option(help: "Only so many layers of it. (default: all)") var layers: Int?
  @Option(help: "So many heads of queries and of keys, such as 32/8. (default: what the model has)") var heads: String?
  @Option(help: "Values of a head. (default: what the model has)") var headSize: Int?
  @Option(help: "Each token sees so many, itself included. (default: what the model has)") var window: Int?
  @Option(help: "Lengths of sequences in tokens, separated by commas. (default: 1K,4K; with --quick 256)")
  var lengths: String?
  @Option(help: "Precisions of products, separated by commas.") var precision = "fp32,bf16"
  @Option(help: "Training steps at each length and precision; the fastest counts. (default: 2; with --quick 1)")
  var steps: Int?
  @Option(help: "Measure only the kernels, only attention among them, or only whole training steps.") var only: Part?
  @Flag(help: "Only a glance at everything: figures are rough.") var quick = false
  @Flag(help: "Measure anew what plan predicts times from, and show its predictions beside the steps.")
  var calibrate = false
  @Flag(help: "Print one JSON object instead of tables.") var json = false
  @Flag(help: .hidden) var here = false
  @OptionGroup var memory: StepMemoryOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var machine: MachineOptions

  enum Part: String, CaseIterable, ExpressibleByArgument {
    case kernels, attention, steps
  }

  private func chosenLengths() throws -> [Int] {
    try OptionList("--lengths", lengths ?? (quick ? "256" : "1K,4K")).lengths(in: 2...1 << 22)
  }
  private func chosenPrecisions() throws -> [Precision] { try OptionList("--precision", precision).names() }
  private var headCounts: (queries: Int, keys: Int)? {
    let counts = (heads ?? "").split(separator: "/").map { Int($0) ?? 0 }
    guard counts.count == 2, (1...1024).contains(counts[1]), (counts[1]...1024).contains(counts[0]),
      counts[0] % counts[1] == 0
    else { return nil }
    return (counts[0], counts[1])
  }
  private var stepCount: Int { steps ?? (quick ? 1 : 2) }

  func validate() throws {
    _ = try chosenLengths()
    _ = try chosenPrecisions()
    try require("--layers", layers, in: 1...)
    try require("--window", window, in: 1...)
    try require("--steps", steps, in: 1...1000)
    if let heads, headCounts == nil {
      throw ValidationError(
        "--heads must be heads of queries / heads of keys that divide them, such as 32/8; got \(heads)")
    }
    if let headSize, !(2...1024).contains(headSize) || headSize % 2 != 0 {
      throw ValidationError("--head-size must be an even number from 2 to 1024, got \(headSize)")
    }
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      var shape = try model.map { try LlamaConfiguration(ofModel: $0) } ?? .smolLM2
      shape.layerCount = min(shape.layerCount, layers ?? .max)
      shape.slidingWindow = window ?? shape.slidingWindow
      if let headCounts { (shape.headCount, shape.keyHeadCount) = headCounts }
      shape.headSize = headSize ?? shape.headSize
      let lengths = try chosenLengths(), precisions = try chosenPrecisions()
      if here {
        let time = try StepTime.measured(
          shape, length: lengths[0], precision: precisions[0], steps: stepCount, memory.recipe,
          memory.state, scratchFolder: memory.scratch ?? ".")
        Console.print(try encoded(time))
        return .done
      }
      let needed = try memory.stage(shape, length: lengths[0], precisions[0]).estimate.peak
      guard needed <= Machine.memory else {
        throw UsageError(
          "a training step of this model needs \(ProgressFormat.bytes(needed)), more than the "
            + "\(ProgressFormat.bytes(Machine.memory)) of this machine; choose a smaller --model or shorter --lengths")
      }
      var report = BenchReport(shape, processor: Machine.processorName, advice: Machine.blasAdvice)
      if only != .steps {
        report.ceilings =
          quick ? .measured(seconds: 0.05, extent: 512, words: 1 << 20) : .measured(seconds: 1)
      }
      show(report.machineText)
      if only != .steps {
        measureKernels(shape, lengths, precisions, &report)
        show("\n" + report.kernelText)
      }
      var outcome = Outcome.done
      if only == nil || only == .steps {
        outcome = measureSteps(shape, lengths, precisions, &report)
        show("\n" + report.stepText)
      }
      if json { Console.print(try encoded(report)) }
      return outcome
    }
  }

  private var shapeArguments: [String] {
    let given: [(name: String, value: String?)] = [
      ("--model", model), ("--layers", layers.map(String.init)), ("--window", window.map(String.init)),
      ("--heads", heads), ("--head-size", headSize.map(String.init)),
    ]
    return given.flatMap { option in option.value.map { [option.name, $0] } ?? [] }
  }

  private func show(_ text: String) { if !json { Console.print(text) } }

  private func measureKernels(
    _ shape: LlamaConfiguration, _ lengths: [Int], _ precisions: [Precision], _ report: inout BenchReport
  ) {
    let bench = KernelBenchmark(shape, budget: quick ? 0.005 : 0.3), longest = lengths.max() ?? 2
    let rows = min(longest, 2048)
    if only != .attention { report.kernels += bench.elementwise(tokens: rows) }
    for precision in precisions {
      if only != .attention {
        report.kernels += bench.products(tokens: rows, precision)
        report.kernels.append(bench.loss(tokens: min(longest, 1024), precision))
      }
      for length in lengths {
        Console.progress("attention at \(length) tokens, \(precision.rawValue) …")
        report.kernels += bench.attention(length: length, precision)
      }
    }
  }

  /// Runs each step in a process of its own; one that fails is named and left out.
  private func measureSteps(
    _ shape: LlamaConfiguration, _ lengths: [Int], _ precisions: [Precision], _ report: inout BenchReport
  ) -> Outcome {
    var outcome = Outcome.done
    let disk = memory.recipe.activations == .spill ? try? DiskRate.measured(in: memory.scratch ?? ".") : nil
    for precision in precisions {
      let costs: StepCosts? =
        calibrate
        ? .known(shape, precision, cache, isForced: true, isQuiet: json) : .cached(shape, precision, cache)
      for length in lengths {
        Console.progress("training at \(length) tokens, \(precision.rawValue) …")
        do {
          let stage = try memory.stage(shape, length: length, precision), needed = stage.estimate.peak
          guard needed <= Machine.memory else {
            throw InputError(
              "a training step of \(length) tokens needs \(ProgressFormat.bytes(needed)), more than the "
                + "\(ProgressFormat.bytes(Machine.memory)) of this machine, and was left out")
          }
          let time = try StepProcess(
            shape: shapeArguments, length: length, precision: precision, steps: stepCount, memory: memory
          ).run()
          let planned = costs?.seconds(shape, length: length, labelled: length, stage.memory, disk: disk)
          report.add(time, planned: planned, stage.estimate)
        } catch {
          Console.error("\(error)")
          outcome = .badInput
        }
      }
    }
    return outcome
  }
}
