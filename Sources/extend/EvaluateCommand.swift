import ArgumentParser
import EvaluationSuites
import Foundation
import Kernels

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures what of its window a model can use, and what it lost at short lengths.",
    discussion: """
      Several models are asked the same questions and compared with the first. Results go to OUT/results.jsonl one by one:
      the same command after an interruption goes on where it stopped. Tables go to OUT/summary.csv, OUT/depths.csv and
      OUT/summary.json. Docs/Evaluation.md says what each suite asks, how it is scored and how to read it.

      Suites: passkey, needle, longeval, ruler, kv; perplexity and short need --data.

        extend evaluate M.gguf --suite passkey,needle --lengths 1K,2K,4K --samples 5 --out EVALUATION
        extend evaluate BASE.gguf TUNED.gguf --suite ruler,short --data book.txt --lengths 4K,8K --out COMPARISON
        extend evaluate M.gguf --theta 303000,1000000 --suite perplexity --data chats.json --lengths 4K,16K --out THETAS
      """)

  @Argument(help: "Models (GGUF files, Hugging Face folders); the first is what the others are compared with.")
  var models: [String]
  @Option(
    help: ArgumentHelp(
      "RoPE bases, separated by commas: every model is also evaluated with each of them instead of its own, without "
        + "any training.", valueName: "numbers"))
  var theta: String?
  @Flag(help: "With --theta: ask nothing of the models as they are. What was asked before stays in the tables.")
  var thetaOnly = false
  @OptionGroup var suites: SuiteOptions
  @Option(help: "A folder for results and tables; made if absent.") var out: String
  @Option(help: "RULER: what a model must exceed, in per cent, for a length to count as used.")
  var threshold = RULERScore.threshold
  @Flag(help: "Only write the tests to OUT/questions.jsonl, as the first model would read them, for other harnesses.")
  var writeQuestions = false
  @Flag(help: "Ask in plain text even where the model has a chat template.") var plain = false
  @Option(help: "Of long products and attention: fp32 is exact, bf16 several times as fast where the processor helps.")
  var precision = Precision.fp32
  @Option(
    help: "How keys and values are kept while reading: fp32 is exact, bf16 takes half the memory, int8 a quarter.")
  var cache = CachePrecision.fp32
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    if Set(models).count < models.count { throw ValidationError("a model is named twice; give each once") }
    let thetas = try thetas()
    if thetaOnly, thetas.isEmpty { throw ValidationError("--theta-only needs --theta") }
    try require("--threshold", threshold, in: 0...100)
  }

  private func thetas() throws -> [Double] {
    guard let theta else { return [] }
    let numbers = try OptionList("--theta", theta).values("numbers above 1, such as 303000 or 1e6") { word in
      Double(word).flatMap { $0 > 1 && $0.isFinite ? $0 : nil }
    }
    if Set(numbers).count < numbers.count { throw ValidationError("--theta names a number twice; give each once") }
    return numbers
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      var plan = try suites.plan()
      (plan.precision, plan.cache) = (precision, cache)
      let subjects = try EvaluationSubject.all(models, thetas: thetas(), plain: plain)
      let asked = subjects.filter { !thetaOnly || !$0.isAsItIs }
      if !writeQuestions { for subject in asked { try subject.checkMemory(plan) } }
      let folder = try EvaluationFolder(out, subjects, plan, plain: plain)
      try MachineRecord.current.write(in: out)
      Interruption.listen("stopping; results so far are kept, the answer under way is not; Ctrl-C again stops at once")
      do {
        if writeQuestions {
          let path = out + "/questions.jsonl"
          let count = try EvaluationQuestions(subject: asked[0], plan: plan).write(to: path)
          Console.print("\(count) tests in \(path)")
          return .done
        }
        try EvaluationRun(subjects: asked, base: subjects[0], plan: plan, log: folder.log).run()
      } catch is Interrupted {
        Console.print("interrupted; the same command goes on from \(folder.log.records.count) results")
        return .interrupted
      }
      if folder.log.records.isEmpty {
        throw UsageError("nothing was measured: no test has room in its length; give greater --lengths")
      }
      let known = Set(asked.map(\.name) + folder.log.records.map(\.model))
      let summary = EvaluationSummary(
        folder.log.records, models: subjects.map(\.name).filter(known.contains), threshold: threshold)
      try folder.write(summary)
      EvaluationTables(summary).print()
      Console.print("results, tables and summary in \(out); a page with pictures: extend report \(out)")
      return .done
    }
  }
}
