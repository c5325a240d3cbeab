import Corpus
import Evaluation
import EvaluationSuites
import LlamaModel
import ModelFiles
import Report
import Tokenization

/// Perplexities of the user's documents for one model, and its agreement with the base model.
struct LossMeasurement {
  private let plan: EvaluationPlan
  private let subject: EvaluationSubject
  private let base: EvaluationSubject
  /// Tokens of each text, and of as many conversations as are needed.
  private let texts: [[TokenID]], chats: [[TokenID]]
  /// Of pieces, ascending.
  private let lengths: [Int]

  /// Encodes the documents, as far as something is to be measured with them.
  init(_ plan: EvaluationPlan, _ subject: EvaluationSubject, base: EvaluationSubject) throws {
    (self.plan, self.subject, self.base) = (plan, subject, base)
    let short = plan.suites.contains(.short) ? [base.file.configuration.rope.originalContext] : []
    lengths = Set((plan.suites.contains(.perplexity) ? plan.lengths : []) + short).sorted()
    guard let longest = lengths.last else {
      (texts, chats) = ([], [])
      return
    }
    texts = try plan.documents.map(subject.encoder.text)
    var chats: [[TokenID]] = [], length = 0, whole = 0
    try plan.chats?.encode(subject.tokenizer, template: subject.template) { chat in
      try Interruption.check()
      chats.append(chat)
      length += chat.count
      if length >= longest { (length, whole) = (0, whole + 1) }
      return whole < plan.samples
    }
    self.chats = chats
  }

  /// Tokens of the short panel's pieces: the context the base model was made for.
  private var native: Int { base.file.configuration.rope.originalContext }

  /// The texts, and conversations joined until they are as long as a piece.
  private func documents(_ length: Int) -> [[TokenID]] { texts + Perplexity.joined(chats, length: length) }

  /// How many conversations became how many pieces; nil without any.
  var joining: String? {
    if chats.isEmpty { return nil }
    let pieces = lengths.map { length in
      "\(min(plan.samples, Perplexity.joined(chats, length: length).count)) of \(NumberLabel.tokens(length))"
    }
    return "\(subject.name): \(chats.count) conversations joined into pieces: \(pieces.joined(separator: ", ")) tokens"
  }

  /// What will be measured; as far as the documents reach.
  func coordinates() throws -> [TestCoordinates] {
    if lengths.isEmpty { return [] }
    var places: [TestCoordinates] = []
    func add(_ suite: String, _ task: String, _ length: Int, _ count: Int) {
      places += (0..<count).map { TestCoordinates(suite: suite, task: task, length: length, sample: $0) }
    }
    if plan.suites.contains(.perplexity) {
      let targets = targets()
      for length in plan.lengths {
        add(Perplexity.name, Perplexity.position, length, pieces(length).count)
        add(Perplexity.name, Perplexity.sliding, length, targets.count)
      }
    }
    if plan.suites.contains(.short) {
      add(Perplexity.short, Perplexity.native, native, pieces(native).count)
    }
    if places.isEmpty {
      let longest = (texts.map(\.count) + [chats.reduce(0) { $0 + $1.count }]).max() ?? 0
      throw UsageError(
        "the longest text, or all conversations together, have \(longest) tokens for \(subject.name); perplexity needs "
          + "as many as a length of --lengths, the short panel \(native) tokens. Give longer texts with --data")
    }
    return places
  }

  private func pieces(_ length: Int) -> [[TokenID]] {
    Perplexity.pieces(of: documents(length), length: length, count: plan.samples)
  }

  /// Ends of windows in the documents of the greatest length.
  private func targets() -> [(document: Int, start: Int)] {
    let longest = plan.lengths.max() ?? 0
    return Perplexity.targets(of: documents(longest), longest: longest, stride: stride, count: plan.samples)
  }

  /// No more than the shortest window.
  private var stride: Int { min(plan.stride, (plan.lengths.min() ?? 2) - 1) }

  func run(
    _ model: some ModelUnderTest, _ pending: Set<TestCoordinates>, _ keep: (EvaluationRecord) throws -> Void
  ) throws {
    let places = try coordinates().filter(pending.contains)
    if places.isEmpty { return }
    let documents = documents(plan.lengths.max() ?? 0), targets = targets()
    let baseModel = try baseModel(for: places)
    for place in places {
      try Interruption.check()
      let start = ContinuousClock.now
      var record = EvaluationRecord(model: subject.name, place, seconds: 0)
      switch place.task {
      case Perplexity.position:
        record.buckets = try Perplexity.buckets(pieces(place.length)[place.sample], model)
      case Perplexity.sliding:
        let target = targets[place.sample], end = target.start + stride
        let window = Array(documents[target.document][end - place.length..<end])
        record.buckets = [try Perplexity.lossAtEnd(of: window, stride: stride, model)]
      default:
        let piece = pieces(place.length)[place.sample], scores = try model.scores(of: piece)
        let loss = -scores.logProbabilities(of: piece, at: 1..<piece.count).reduce(0, +)
        record.buckets = [PositionBucket(start: 0, end: piece.count, tokens: piece.count - 1, loss: loss)]
        if let baseModel {
          record.agreement = EvaluationRecord.Agreement(
            of: scores, withBase: try baseModel.scores(of: piece), named: base.name, tokens: piece.count)
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
    return LlamaUnderTest(try base.load(plan.precision), base.tokenizer)
  }
}
