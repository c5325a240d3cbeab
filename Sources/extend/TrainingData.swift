import ChatTemplates
import Corpus
import Foundation
import LlamaModel
import Logging
import ModelFiles
import RecipeFormat
import Tokenization
import Training

/// The sequences of every stage, by number.
struct TrainingData {
  let corpus: Corpus
  private let recipe: Recipe
  private var plans: [Int: PackingPlan] = [:]

  /// Reads, renders and encodes the recipe's data, or takes it from the cache.
  init(_ recipe: Recipe, tokenizer: Tokenizer, template: String?, cacheFolder: String) throws {
    self.recipe = recipe
    let builder = try CorpusBuilder(
      files: recipe.data.paths, tokenizer: tokenizer, template: template ?? tokenizer.description.chatTemplate,
      date: recipe.data.date.flatMap { CalendarDate(day: $0) }, rules: ConversationRules(recipe.data),
      cacheFolder: cacheFolder)
    var last = ContinuousClock.now - .seconds(10)
    corpus = try builder.build(heldOutShare: recipe.data.heldOut) { progress in
      if Interruption.isRequested { _exit(Outcome.interrupted.rawValue) }  // nothing to save yet
      if case .notice(let text) = progress { return log.notice("\(text)") }
      if case .reused = progress { return Console.print("\(progress)") }
      if Console.isTerminal {
        Console.progress("\(progress)")
      } else if ContinuousClock.now - last > .seconds(10) {
        Console.print("\(progress)")
        last = .now
      }
    }
  }

  /// The packing of a stage; planned once.
  mutating func plan(_ stage: TrainingPlan.Stage) throws -> PackingPlan {
    if let plan = plans[stage.index] { return plan }
    let plan = try corpus.plan(
      contextLength: stage.recipe.context, seed: UInt64(bitPattern: Int64(recipe.seed)), stage: stage.index,
      options: options)
    plans[stage.index] = plan
    return plan
  }

  /// Sequence `index` of a stage, counted through all epochs.
  mutating func sequence(_ stage: TrainingPlan.Stage, _ index: Int) throws -> TokenSequence {
    tokenSequence(try corpus.sequence(at: index, of: try plan(stage)))
  }

  /// Sequences of a stage's length from documents that training never sees; fewer where there are fewer.
  func heldOut(_ stage: TrainingPlan.Stage, count: Int) throws -> [TokenSequence] {
    try heldOut(stage.recipe.context, stage: stage.index, count: count, options).map(tokenSequence)
  }

  /// So many tokens at a time of documents that training never sees, the same for every stage.
  func heldOutPieces(_ length: Int, count: Int) throws -> [[TokenID]] {
    var options = options
    options.overLength = .split
    return try heldOut(length, stage: 0, count: count, options).map(\.tokens)
  }

  private func heldOut(_ context: Int, stage: Int, count: Int, _ options: PackingOptions) throws -> [PackedSequence] {
    guard count > 0, !corpus.heldOut.isEmpty else { return [] }
    let plan: PackingPlan
    do throws(CorpusError) {
      plan = try corpus.heldOutPlan(
        contextLength: context, seed: UInt64(bitPattern: Int64(recipe.seed)), stage: stage, options: options)
    } catch {
      if error.kind == .tooFewTokens { return [] }
      throw error
    }
    return try (0..<min(count, plan.sequencesPerEpoch)).map { try corpus.sequence(at: $0, of: plan) }
  }

  private var options: PackingOptions {
    PackingOptions(
      documentMask: recipe.data.documentMask == .isolated ? .isolated : .concatenated,
      order: recipe.data.order == .longFirst ? .longFirst : .shuffled,
      overLength: PackingOptions.OverLength(recipe.data.overLength))
  }

  /// Labels as the recipe wants them: what the assistant says, or every next token of the same document.
  private func tokenSequence(_ packed: PackedSequence) -> TokenSequence {
    guard recipe.data.labels == .all else {
      return TokenSequence(tokens: packed.tokens, labels: packed.labels, documentStarts: packed.documentStarts)
    }
    var labels = Array(packed.tokens.dropFirst()) + [PackedSequence.ignored]
    for start in packed.documentStarts.dropFirst() { labels[Int(start) - 1] = PackedSequence.ignored }
    return TokenSequence(tokens: packed.tokens, labels: labels, documentStarts: packed.documentStarts)
  }
}

extension ConversationRules {
  /// What a recipe says about reading and cleaning.
  init(_ data: DataRecipe) {
    self.init(joinsParts: data.joinParts, text: data.text, cleaning: data.cleaning)
  }
}

extension PackingOptions.OverLength {
  fileprivate init(_ recipe: DataRecipe.OverLength) {
    self =
      switch recipe {
      case .split: .split
      case .truncate: .truncate
      case .drop: .drop
      case .error: .error
      }
  }
}

extension Recipe {
  /// Writes the day into the recipe if its template asks for one and the recipe names none, so that the run, resumed on
  /// another day, still has the same tokens.
  mutating func recordDate(of file: ModelFile) throws {
    guard data.date == nil, let source = try templateText(self) ?? file.tokenizer.chatTemplate,
      try ChatTemplate(source).usesDate
    else { return }
    data.date = CalendarDate(daysSince1970: Int(Date().timeIntervalSince1970 / 86_400)).dayText
  }
}

/// The text of the template a recipe asks for; nil for the model's own.
func templateText(_ recipe: Recipe) throws -> String? {
  try recipe.data.template.map { try templateText(named: $0, by: "data.template") }
}

/// The text of a known chat template or of a Jinja file.
///
/// - Parameter key: where the name was given, for the message.
func templateText(named name: String, by key: String) throws -> String {
  if let known = ChatTemplate.knownSources[name] { return known }
  guard FileManager.default.fileExists(atPath: name) else {
    throw UsageError(
      "\(key): \(name) is neither a file nor a known template; known are "
        + ChatTemplate.knownSources.keys.sorted().joined(separator: ", "))
  }
  return try promptText("@" + name)
}
