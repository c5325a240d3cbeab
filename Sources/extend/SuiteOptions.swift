import ArgumentParser
import Corpus
import EvaluationSuites
import Foundation
import HDF5Storage

/// Which tests are made, and of what.
struct SuiteOptions: ParsableArguments {
  enum Suite: String, CaseIterable {
    case passkey, needle, longeval, ruler, kv, perplexity, short

    /// Whether it has answers, and not scores of given texts.
    var asksQuestions: Bool { self != .perplexity && self != .short }
  }
  @Option(name: [.customLong("suite"), .customLong("suites")], help: "Suites, separated by commas.")
  var suites = "passkey,needle"
  @Option(help: "Context lengths in tokens, separated by commas; K is 1,024, M is 1,048,576.") var lengths = "1K,2K,4K"
  @Option(help: "Tests of each kind at each length (and depth).") var samples = 5
  @Option(help: "Chooses the tests; the same seed gives the same tests.") var seed = 42
  @Option(help: "Depths at which things are hidden.") var depths = 5
  @Option(help: "How depths are spread: linear or sigmoid (closer together at both ends).") var depthSpacing = "linear"
  @Option(
    help: ArgumentHelp(
      "A text file, a folder of .txt and .md files, or JSON lines with a \"text\" each: haystacks and documents; or "
        + "conversations as training takes them: joined for perplexities. Repeatable.", valueName: "file"))
  var data: [String] = []
  @Option(help: "Tasks of the suite needle, separated by commas. (default: all)") var needleTasks: String?
  @Option(
    help: "Tasks of the suite ruler, separated by commas. (default: the eleven generated ones, and qa with files)")
  var rulerTasks: String?
  @Option(help: "RULER's qa_1: a SQuAD 2.0 file.") var squad: String?
  @Option(help: "RULER's qa_2: a HotpotQA file.") var hotpotqa: String?
  @Option(
    help: ArgumentHelp(
      "Suite longeval: tests of exactly so many lines, such as LongChat's 200,300,400,500,600,680. With this or the next "
        + "option nothing of --lengths.", valueName: "numbers"))
  var longevalLines: String?
  @Option(
    help: ArgumentHelp(
      "Suite longeval: tests of exactly so many topics, such as LongChat's 5,10,15,20,25.", valueName: "numbers"))
  var longevalTopics: String?
  @Option(help: "LongEval topics: a file of conversations as LongChat's conversations.jsonl. (default: generated)")
  var topics: String?
  @Option(help: "Suite perplexity: tokens scored at the end of each sliding window.") var stride = 256

  private static let most = 1 << 24

  func validate() throws {
    for (option, value) in [("--samples", samples), ("--depths", depths), ("--stride", stride)]
    where !(1...100_000).contains(value) {
      throw ValidationError("\(option) must be 1 to 100000, got \(value)")
    }
    if !(0...Int(UInt32.max)).contains(seed) {
      throw ValidationError("--seed must be 0 to \(UInt32.max), got \(seed)")
    }
    _ = try chosen(Suite.self, suites, "--suite")
    _ = try spacing()
    _ = try parsedLengths()
    _ = try longevalUnits()
    if let needleTasks { _ = try chosen(NeedleSuite.Task.self, needleTasks, "--needle-tasks") }
    if let rulerTasks { _ = try chosen(RULERTask.self, rulerTasks, "--ruler-tasks") }
  }

  /// What the options ask for; reads files.
  func plan() throws -> EvaluationPlan {
    let suites = try chosen(Suite.self, suites, "--suite")
    let chatFiles = data.filter(ConversationFiles.hasChats), texts = data.filter { !chatFiles.contains($0) }
    let documents = try texts.flatMap(EvaluationDocuments.read)
    for suite in [Suite.perplexity, .short] where suites.contains(suite) && data.isEmpty {
      throw UsageError("the suite \(suite.rawValue) measures your own text; give it with --data FILE")
    }
    var plan = EvaluationPlan(
      suites: suites, lengths: try parsedLengths(), samples: samples, seed: seed,
      depths: DepthGrid.depths(depths, try spacing()), documents: documents, stride: stride)
    plan.chats = try EvaluationDocuments.chats(chatFiles)
    if plan.chats != nil, documents.isEmpty, suites.contains(.needle) || suites.contains(.ruler) {
      Console.error("conversations serve perplexities; the haystacks are generated text, as without --data")
    }
    plan.needleTasks =
      try needleTasks.map { try chosen(NeedleSuite.Task.self, $0, "--needle-tasks") } ?? plan.needleTasks
    for (path, task) in [(squad, RULERTask.squad), (hotpotqa, .hotpot)] {
      guard let path else { continue }
      let bytes = try readInput(path)
      do throws(QuestionSet.Problem) {
        plan.questions[task] = try task == .squad ? QuestionSet(squad: bytes) : QuestionSet(hotpot: bytes)
      } catch {
        throw InputError("\(path): \(error)")
      }
      plan.rulerTasks.append(task)
      plan.dataFingerprint += " \(task.rawValue) \(Checksum(of: Array(bytes).span))"
    }
    if let rulerTasks {
      plan.rulerTasks = try chosen(RULERTask.self, rulerTasks, "--ruler-tasks")
      for (task, option) in [(RULERTask.squad, "--squad"), (.hotpot, "--hotpotqa")]
      where plan.rulerTasks.contains(task) && plan.questions[task] == nil {
        throw UsageError("the task \(task.rawValue) needs the file of its questions; give it with \(option) FILE")
      }
    }
    plan.longevalUnits = try longevalUnits()
    if let topics {
      plan.conversations = try EvaluationDocuments.conversations(topics)
      plan.dataFingerprint += " topics \(Checksum(of: Array(try readInput(topics)).span))"
    }
    for (task, units) in plan.longevalUnits {
      let most = LongEvalSuite.mostUnits(of: task, plan.conversations)
      if let found = units.last, found > most {
        throw UsageError("--longeval-\(task): found \(found); allowed are 1 to \(most), as many as there are")
      }
    }
    if let chats = plan.chats { plan.dataFingerprint += " chats \(chats.fingerprint)" }
    for text in documents { plan.dataFingerprint += " \(Checksum(of: Array(text.utf8).span))" }
    return plan
  }

  /// Exact numbers of lines and topics, where they are given.
  private func longevalUnits() throws -> [LongEvalSuite.Task: [Int]] {
    var units: [LongEvalSuite.Task: [Int]] = [:]
    for (task, option, list) in [
      (LongEvalSuite.Task.lines, "--longeval-lines", longevalLines), (.topics, "--longeval-topics", longevalTopics),
    ] {
      guard let list else { continue }
      units[task] = try Set(
        list.split(separator: ",").map { item in
          guard let number = Int(item.trimmingCharacters(in: .whitespaces)), number > 0 else {
            throw ValidationError("\(option): found '\(item)'; allowed are whole numbers above 0")
          }
          return number
        }
      ).sorted().nonEmpty(option)
    }
    return units
  }

  private func spacing() throws -> DepthGrid.Spacing {
    guard let spacing = DepthGrid.Spacing(rawValue: depthSpacing) else {
      throw ValidationError("--depth-spacing must be linear or sigmoid, got '\(depthSpacing)'")
    }
    return spacing
  }

  private func parsedLengths() throws -> [Int] {
    try Set(
      lengths.split(separator: ",").map { item in
        let text = item.trimmingCharacters(in: .whitespaces).uppercased()
        let unit = text.hasSuffix("K") ? 1024 : text.hasSuffix("M") ? 1_048_576 : 1
        guard let number = Int(unit == 1 ? text : String(text.dropLast())), (1...Self.most).contains(number),
          (64...Self.most).contains(number * unit)
        else {
          throw ValidationError("--lengths: found '\(item)'; allowed are 64 to \(Self.most) tokens, such as 4096 or 4K")
        }
        return number * unit
      }
    ).sorted().nonEmpty("--lengths")
  }

  /// The names in a list, in the order of the cases.
  private func chosen<T: RawRepresentable & CaseIterable>(
    _ type: T.Type, _ list: String, _ option: String
  ) throws -> [T] where T.RawValue == String {
    let names = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    for name in names where T(rawValue: name) == nil {
      throw ValidationError(
        "\(option): found '\(name)'; allowed are \(T.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return try T.allCases.filter { names.contains($0.rawValue) }.nonEmpty(option)
  }
}

extension Array {
  fileprivate func nonEmpty(_ option: String) throws -> Self {
    if isEmpty { throw ValidationError("\(option) is empty; name at least one") }
    return self
  }
}
