import Corpus
import Evaluation
import EvaluationSuites
import Foundation
import HDF5Storage
import Inference
import Kernels
import LlamaModel
import ModelFiles
import RecipeFormat
import Tokenization

/// Measures what stages demand at their ends, by the suites of `extend evaluate`.
///
/// Every answer and loss is kept as it comes, under a name that tells weights and questions apart: after an interruption
/// only what is missing is asked, and a demand that was changed is judged by what was measured before.
struct GateMeasurement {
  private let recipe: Recipe
  private let tokenizer: Tokenizer
  private let encoder: PromptEncoder
  private let data: TrainingData
  /// The user's texts.
  private let texts: [String]
  /// Their tokens, where a gate measures texts.
  private let documents: [[TokenID]]
  /// The length the model was made for.
  private let native: Int
  private let log: ResultsLog
  private let heartbeat: Heartbeat

  /// - Parameter path: the file of answers and losses.
  init(
    _ identity: RunIdentity, _ tokenizer: Tokenizer, _ prompt: ChatPrompt, _ data: TrainingData, _ heartbeat: Heartbeat,
    path: String
  ) throws {
    (recipe, self.tokenizer, self.data, self.heartbeat) = (identity.recipe, tokenizer, data, heartbeat)
    encoder = PromptEncoder(tokenizer, prompt)
    texts = try recipe.evaluation.texts.flatMap(EvaluationDocuments.read)
    let measuresTexts = recipe.stages.contains { $0.gates.contains(where: \.measuresTexts) }
    documents = measuresTexts ? try texts.map(encoder.text) : []
    native = identity.configuration.rope.originalContext
    log = try ResultsLog(path: path)
  }

  /// Refuses gates for which there is nothing to ask, before anything is trained.
  func check() throws {
    for (number, stage) in recipe.stages.enumerated() {
      for (index, gate) in stage.gates.enumerated() {
        let place = "stages[\(number)].gates[\(index)].\(gate.name)", length = gate.length(context: stage.context)
        if case .retrieval(let gate) = gate {
          for cell in plan(gate, stage).cells where try !cell.hasItem(encoder.counter) {
            throw UsageError(
              "\(place): no test \(cell.coordinates[0].task) fits into \(cell.coordinates[0].length) tokens of this "
                + "model's; allowed are lengths with room for one. Write a greater length, or leave the task out")
          }
        } else if try pieces(length ?? native, 1).isEmpty {
          throw UsageError(
            "\(place): found no text of \(length ?? native) tokens "
              + (texts.isEmpty ? "in the data held out" : "in evaluation.texts")
              + "; needed is one. Give a longer one in evaluation.texts"
              + (texts.isEmpty ? ", or hold out more of the data" : ""))
        }
      }
    }
  }

  /// Measures what the gates compare with, while the model is still the one before the first stage.
  func measureBase(_ model: Llama) throws {
    for case .short(let gate) in recipe.stages.flatMap(\.gates) where gate.measure == .perplexity {
      _ = try perplexity(Perplexity.short, native, gate.samples, baseName) { underTest(model) }
    }
  }

  /// What the gates of a stage find.
  ///
  /// - Parameter cache: how keys and values are kept while questions are read.
  /// - Throws: `Interrupted`; what was measured so far is kept.
  func results(_ model: Llama, _ stage: StageRecipe, step: Int, cache: CachePrecision) throws -> [GateResult] {
    let weights = ModelFingerprint(model).description, model = underTest(model, cache)
    func name(_ questions: String = "") -> String {
      "\(stage.name) step \(step) \(fingerprint(weights + questions))"
    }
    return try stage.gates.map { gate in
      let found: Found, names: [String]
      switch gate {
      case .retrieval(let gate):
        names = [name(" \(gate.depths)")]
        found = try score(gate, stage, names[0], model)
      case .perplexity(let gate):
        names = [name()]
        found = try perplexity(Perplexity.name, gate.length ?? stage.context, gate.samples, names[0]) { model }
      case .short(let gate):
        names = [name(), baseName]
        found = try short(gate, names[0], model)
      }
      return GateResult(gate, context: stage.context, measured: found.value, count: found.count, names: names)
    }
  }

  /// A mean, and of how many answers or tokens.
  private struct Found {
    var value: Double
    var count: Int

    init(value: Double, count: Int) { (self.value, self.count) = (value, count) }
    init(_ mean: TokenMean?) { (value, count) = mean ?? (.nan, 0) }
  }

  private func underTest(_ model: Llama, _ cache: CachePrecision = .fp32) -> LlamaUnderTest {
    LlamaUnderTest(model, tokenizer, cache: cache, onProgress: heartbeat.advanceOrLeave)
  }

  /// For a run that has passed its first step and whose base was never measured, as when a gate was added later.
  private func loadBase() throws -> Llama {
    try recipe.precision.applied(to: ModelFile(startOf: recipe).loadStored())
  }

  /// A name without what tells weights and questions apart.
  static func plainName(_ name: String) -> String {
    name.lastIndex(of: " ").map { String(name[..<$0]) } ?? name
  }

  private var baseName: String { "base \(fingerprint(""))" }

  /// Tells apart what was asked: seed, texts, data, and what else is given.
  private func fingerprint(_ more: String) -> Checksum {
    let parts = [more, "\(recipe.seed)", data.corpus.fingerprint] + texts
    return Checksum(of: Array(parts.joined(separator: "\0").utf8).span)
  }

  private func plan(_ gate: RetrievalGate, _ stage: StageRecipe) -> EvaluationPlan {
    EvaluationPlan(gate, context: stage.context, seed: recipe.seed, documents: texts)
  }

  /// The mean score of a retrieval test.
  private func score(_ gate: RetrievalGate, _ stage: StageRecipe, _ name: String, _ model: LlamaUnderTest) throws
    -> Found
  {
    let cells = plan(gate, stage).cells, places = Set(cells.flatMap(\.coordinates)), done = done(name)
    try EvaluationRunner(name: name, model: model, encoder: encoder).run(
      cells, isDone: done.contains,
      willAsk: { place, tokens in
        heartbeat.show("gate: \(place.task) \(place.sample + 1)/\(gate.samples) at \(tokens) tokens")
      }, onResult: log.append)
    let scores = log.records.filter { $0.model == name && places.contains($0.coordinates) }.compactMap(\.answer?.score)
    return Found(value: scores.reduce(0, +) / Double(scores.count), count: scores.count)
  }

  /// The perplexity of pieces of exactly so many tokens.
  private func perplexity(
    _ suite: String, _ length: Int, _ samples: Int, _ name: String, _ model: () throws -> LlamaUnderTest
  ) throws -> Found {
    let task = suite == Perplexity.short ? Perplexity.native : Perplexity.position
    let records = try records(of: suite, task, length, samples, name) {
      let model = try model()
      return { piece, record in record.buckets = try Perplexity.buckets(piece, model) }
    }
    return Found(records.flatMap { $0.buckets ?? [] }.perplexity)
  }

  /// What the model kept of the base at the length both were made for.
  private func short(_ gate: ShortGate, _ name: String, _ model: LlamaUnderTest) throws -> Found {
    if gate.measure == .perplexity {
      let base = try perplexity(Perplexity.short, native, gate.samples, baseName) { try underTest(loadBase()) }
      let own = try perplexity(Perplexity.short, native, gate.samples, name) { model }
      return Found(value: own.value / base.value, count: own.count)
    }
    let records = try records(of: Perplexity.short, Perplexity.agreement, native, gate.samples, name) {
      let base = try underTest(loadBase())
      return { piece, record in
        record.agreement = EvaluationRecord.Agreement(
          of: try model.scores(of: piece), withBase: try base.scores(of: piece), named: baseName, tokens: piece.count)
      }
    }
    return Found(records.compactMap(\.agreement).mean(gate.measure == .divergence ? \.divergence : \.sameTop))
  }

  /// What was measured of each piece of exactly so many tokens; what is missing is measured now.
  ///
  /// - Parameter begin: called once where something is missing; gives what measures a piece.
  private func records(
    of suite: String, _ task: String, _ length: Int, _ samples: Int, _ name: String,
    _ begin: () throws -> ([TokenID], inout EvaluationRecord) throws -> Void
  ) throws -> [EvaluationRecord] {
    let pieces = try pieces(length, samples), done = done(name)
    let places = pieces.indices.map { TestCoordinates(suite: suite, task: task, length: length, sample: $0) }
    let missing = places.filter { !done.contains($0) }
    if !missing.isEmpty {
      let measure = try begin()
      for place in missing {
        heartbeat.show("gate: \(suite) \(task) of text \(place.sample + 1)/\(pieces.count) at \(length) tokens")
        let start = ContinuousClock.now
        var record = EvaluationRecord(model: name, place, seconds: 0)
        try measure(pieces[place.sample], &record)
        record.seconds = (ContinuousClock.now - start) / .seconds(1)
        try log.append(record)
      }
    }
    return log.records.filter { $0.model == name && places.contains($0.coordinates) }
  }

  private func done(_ name: String) -> Set<TestCoordinates> {
    Set(log.records.filter { $0.model == name }.map(\.coordinates))
  }

  /// The user's texts, or the data held out, in pieces.
  private func pieces(_ length: Int, _ count: Int) throws -> [[TokenID]] {
    if texts.isEmpty { return try data.heldOutPieces(length, count: count) }
    return Perplexity.pieces(of: documents, length: length, count: count)
  }
}

extension TestCell {
  /// Whether its first item fits into its length.
  fileprivate func hasItem(_ counter: TokenCounter) throws -> Bool {
    struct Found: Error {}
    do {
      try forEachItem(counter, where: { $0 == coordinates[0] }) { _ in throw Found() }
      return false
    } catch is Found {
      return true
    }
  }
}

extension EvaluationPlan {
  /// The tests of a stage's gate.
  init(_ gate: RetrievalGate, context: Int, seed: Int, documents: [String]) {
    self.init(
      suites: [], lengths: [gate.length ?? context], samples: gate.samples, seed: seed,
      depths: gate.depths.perCent, documents: documents)
    switch gate.test {
    case .passkey: suites = [.passkey]
    case .needle(let tasks): (suites, needleTasks) = ([.needle], tasks)
    case .longeval(let tasks): (suites, longevalTasks) = ([.longeval], tasks)
    case .ruler(let tasks): (suites, rulerTasks) = ([.ruler], tasks)
    case .keyValue: suites = [.kv]
    }
  }
}
