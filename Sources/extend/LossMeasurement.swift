import Evaluation
import EvaluationSuites
import LlamaModel
import ModelFiles
import Tokenization

/// Perplexities of the user's documents for one model, and its agreement with the base model.
struct LossMeasurement {
  let plan: EvaluationPlan
  let subject: EvaluationSubject
  let base: EvaluationSubject
  let log: ResultsLog

  /// Tokens of the short panel's pieces: the context the base model was made for.
  private var native: Int { base.file.configuration.rope.originalContext }

  /// The tokens of each document for this model.
  private func tokens() throws -> [[TokenID]] { try plan.documents.map(subject.encoder.text) }

  /// What will be measured; as far as the documents reach.
  func coordinates() throws -> [TestCoordinates] {
    guard plan.suites.contains(.perplexity) || plan.suites.contains(.short) else { return [] }
    let documents = try tokens()
    var places: [TestCoordinates] = []
    func add(_ suite: String, _ task: String, _ length: Int, _ count: Int) {
      places += (0..<count).map { TestCoordinates(suite: suite, task: task, length: length, sample: $0) }
    }
    if plan.suites.contains(.perplexity) {
      let targets = targets(documents)
      for length in plan.lengths {
        add(Perplexity.name, Perplexity.position, length, pieces(documents, length).count)
        add(Perplexity.name, Perplexity.sliding, length, targets.count)
      }
    }
    if plan.suites.contains(.short) {
      add(Perplexity.short, Perplexity.native, native, pieces(documents, native).count)
    }
    if places.isEmpty {
      let longest = documents.map(\.count).max() ?? 0
      throw UsageError(
        "the longest document has \(longest) tokens for \(subject.name); perplexity needs one as long as a length of "
          + "--lengths, the short panel one of \(native) tokens. Give longer texts with --data")
    }
    return places
  }

  private func pieces(_ documents: [[TokenID]], _ length: Int) -> [[TokenID]] {
    Perplexity.pieces(of: documents, length: length, count: plan.samples)
  }

  private func targets(_ documents: [[TokenID]]) -> [(document: Int, start: Int)] {
    Perplexity.targets(
      of: documents, longest: plan.lengths.max() ?? 0, stride: stride, count: plan.samples)
  }

  /// No more than the shortest window.
  private var stride: Int { min(plan.stride, (plan.lengths.min() ?? 2) - 1) }

  func run(
    _ model: some ModelUnderTest, _ pending: Set<TestCoordinates>, _ keep: (EvaluationRecord) throws -> Void
  ) throws {
    let places = try coordinates().filter(pending.contains)
    if places.isEmpty { return }
    let documents = try tokens(), targets = targets(documents)
    let baseModel = try baseModel(for: places)
    for place in places {
      try Interruption.check()
      let start = ContinuousClock.now
      var record = EvaluationRecord(model: subject.name, place, seconds: 0)
      switch place.task {
      case Perplexity.position:
        record.buckets = try Perplexity.buckets(pieces(documents, place.length)[place.sample], model)
      case Perplexity.sliding:
        let target = targets[place.sample], end = target.start + stride
        let window = Array(documents[target.document][end - place.length..<end])
        record.buckets = [try Perplexity.lossAtEnd(of: window, stride: stride, model)]
      default:
        let piece = pieces(documents, place.length)[place.sample], scores = try model.scores(of: piece)
        let loss = -scores.logProbabilities(of: piece, at: 1..<piece.count).reduce(0, +)
        record.buckets = [PositionBucket(start: 0, end: piece.count, tokens: piece.count - 1, loss: loss)]
        if let baseModel {
          let agreement = scores.agreement(withBase: try baseModel.scores(of: piece), rows: 0..<piece.count)
          record.agreement = EvaluationRecord.Agreement(
            base: base.name, tokens: piece.count, divergence: agreement.divergence, sameTop: agreement.sameTop)
        }
      }
      record.seconds = (ContinuousClock.now - start) / .seconds(1)
      try keep(record)
    }
  }

  /// The base model, where another one's agreement with it is to be measured.
  private func baseModel(for places: [TestCoordinates]) throws -> LlamaUnderTest? {
    guard subject.name != base.name, places.contains(where: { $0.suite == Perplexity.short }) else { return nil }
    if subject.file.tokenizer.tokens != base.file.tokenizer.tokens {
      throw UsageError(
        "\(subject.name) and \(base.name) have other vocabularies, so their distributions cannot be compared; leave the "
          + "suite short away, or one of the models")
    }
    return LlamaUnderTest(try plan.precision.applied(to: base.file.loadStored()), base.tokenizer)
  }
}
