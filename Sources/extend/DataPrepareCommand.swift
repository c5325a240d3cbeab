import ArgumentParser
import Corpus
import Foundation
import AtomicFiles
import Logging
import TextCleaning

struct DataPrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare", abstract: "Cleans data files by named rules into one file of JSON Lines.",
    discussion: """
      The rules run in the order in which extend data rules lists them; of several equal conversations the first stays.
      The output is there whole or not at all; beside it lies a report as JSON of what each rule did.
      """)

  @OptionGroup var source: DataSourceOptions
  @Option(name: [.customShort("o"), .long], help: "The file to write (JSON Lines).") var output: String
  @Option(help: "Rules to run: fastchat, all, none, or names with commas between (extend data rules).")
  var rules = "all"
  @Option(help: "A rule not to run after all. Repeatable.") var without: [String] = []
  @Option(name: .customLong("keep-languages"), help: "Keep only these languages, such as en,de.")
  var keepLanguages: String?
  @Option(name: .customLong("skip-languages"), help: "Leave out these languages, such as ko.")
  var skipLanguages: String?
  @Option(
    name: .customLong("split-length"),
    help: "Cut conversations longer than this many tokens (characters without --model) between pairs of turns.")
  var splitLength: Int?
  @Option(
    name: .customLong("near-threshold"), help: "Share of n-grams in common from which a chat is a near duplicate.")
  var nearThreshold = 0.8
  @Option(name: .customLong("near-hashes"), help: "Length of MinHash signatures, a multiple of 16.") var nearHashes =
    128
  @Option(name: .customLong("near-ngram"), help: "Units in one n-gram.") var nearNGram = 5
  @Option(name: .customLong("near-unit"), help: "What n-grams are made of: words or characters.")
  var nearUnit: NearDuplicateOptions.Unit = .words
  @Option(help: "Decides the hash functions of near duplicates.") var seed = 0
  @Option(help: "How records are written: openai (messages) or sharegpt (conversations).")
  var form: ConversationForm = .openAI
  @Option(help: "The file of the report. (default: OUTPUT.report.json)") var report: String?
  @Flag(help: "Replace an output that exists.") var force = false

  func validate() throws {
    try require("--split-length", splitLength, in: 16...)
    guard nearThreshold > 0, nearThreshold <= 1 else {
      throw ValidationError("--near-threshold must be above 0 to 1, got \(nearThreshold)")
    }
    guard NearDuplicateOptions.hashCounts.contains(nearHashes), nearHashes % 16 == 0 else {
      throw ValidationError("--near-hashes must be a multiple of 16 from 16 to 1024, got \(nearHashes)")
    }
    try require("--near-ngram", nearNGram, in: NearDuplicateOptions.ngrams)
    if let missing = try options().missing { throw ValidationError(missing) }
  }

  func run() throws {
    try reportingFailures {
      let reportPath = report ?? output + ".report.json"
      for path in [output, reportPath] where !force && FileManager.default.fileExists(atPath: path) {
        throw UsageError("\(path) exists already; name another file, or give --force to replace it")
      }
      func place(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path }
      if let other = (source.files + [output]).first(where: { place($0) == place(reportPath) }) {
        throw UsageError("the report would replace \(other), which is read or written here; give another --report")
      }
      let preparation = DataPreparation(
        files: source.files,
        rules: ConversationRules(joinsParts: !source.separateParts, text: source.text, cleaning: try options()),
        form: form, tokenizer: try source.tokenizer())
      let progress = DataProgress()
      let done = try preparation.write(to: output, progress: progress.show)
      try AtomicFile.write(try encoded(done) + "\n", to: reportPath)
      done.warnings.forEach { log.notice("\($0)") }
      Console.print("\(done)\n\nwrote \(output), report \(reportPath)")
      return .done
    }
  }

  /// The rules as the flags name them.
  private func options() throws -> CleaningOptions {
    let removed: [CleaningRule] = try without.flatMap { try OptionList("--without", $0).names() }
    let groups = RuleGroup.allCases.map(\.rawValue)
    let named = try RuleGroup(rawValue: rules)?.rules ?? OptionList("--rules", rules).names(or: groups)
    var options = CleaningOptions(rules: named.filter { !removed.contains($0) })
    if !removed.contains(.language) {
      options.keptLanguages = try keepLanguages.map { try OptionList("--keep-languages", $0).names() } ?? []
      options.skippedLanguages = try skipLanguages.map { try OptionList("--skip-languages", $0).names() } ?? []
    }
    if !removed.contains(.splitLong) { options.splitLength = splitLength }
    options.nearDuplicates = NearDuplicateOptions(
      threshold: nearThreshold, hashes: nearHashes, ngram: nearNGram, unit: nearUnit, seed: seed)
    return options
  }
}
