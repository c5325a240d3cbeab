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
  /// By length: what is measured of the texts, and of conversations joined until they are as long as a piece.
  private let pieces: [Int: [[TokenID]]]

  /// Encodes the documents, as far as something is to be measured with them.
  init(_ plan: EvaluationPlan, _ subject: EvaluationSubject, base: EvaluationSubject) throws {
    (self.plan, self.subject, self.base) = (plan, subject, base)
    let short = plan.suites.contains(.short) ? [base.file.configuration.rope.originalContext] : []
    let lengths = Set((plan.suites.contains(.perplexity) ? plan.lengths : []) + short)
    guard let longest = lengths.max() else {
      (texts, chats, pieces) = ([], [], [:])
      return
    }
    let texts = try plan.documents.map(subject.encoder.text)
    var chats: [[TokenID]] = [], length = 0, whole = 0
    try plan.chats?.encode(subject.tokenizer, template: subject.template) { chat in
      try Interruption.check()
      chats.append(chat)
      length += chat.count
      if length >= longest { (length, whole) = (0, whole + 1) }
      return whole < plan.samples
    }
    (self.texts, self.chats) = (texts, chats)
    pieces = Dictionary(
      uniqueKeysWithValues: lengths.map { length in
        let documents = texts + Perplexity.joined(chats, length: length)
        return (length, Perplexity.pieces(of: documents, length: length, count: plan.samples))
      })
  }

  /// Tokens of the short panel's pieces: the context the base model was made for.
  private var native: Int { base.file.configuration.rope.originalContext }

  /// How many conversations became how many pieces; nil without any.
  var joining: String? {
    if chats.isEmpty { return nil }
    let pieces = pieces.keys.sorted().map { length in
      "\(min(plan.samples, Perplexity.joined(chats, length: length).count)) of \(NumberLabel.tokens(length))"
    }
    return "\(subject.name): \(chats.count) conversations joined into pieces: \(pieces.joined(separator: ", ")) tokens"
  }

  /// What will be measured; as far as the documents reach.
  func coordinates() throws -> [TestCoordinates] {
    if pieces.isEmpty { return [] }
    var places: [TestCoordinates] = []
    func add(_ suite: String, _ task: String, _ length: Int, _ count: Int) {
      places += (0..<count).map { TestCoordinates(suite: suite, task: task, length: length, sample: $0) }
    }
    if plan.suites.contains(.perplexity) {
      let targets = targets(windowed)
      for length in plan.lengths {
        add(Perplexity.name, Perplexity.position, length, pieces[length, default: []].count)
        add(Perplexity.name, Perplexity.sliding, length, targets.count)
      }
    }
    if plan.suites.contains(.short) {
      add(Perplexity.short, Perplexity.native, native, pieces[native, default: []].count)
    }
    if places.isEmpty {
      let longest = (texts.map(\.count) + [chats.reduce(0) { $0 + $1.count }]).max() ?? 0
      throw UsageError(
        "the longest text, or all conversations together, have \(longest) tokens for \(subject.name); perplexity needs "
          + "as many as a length of --lengths, the short panel \(native) tokens. Give longer texts with --data")
    }
    return places
  }

  private func piece(_ place: TestCoordinates) -> [TokenID] { pieces[place.length, default: []][place.sample] }

  /// Documents of at least the greatest length, in which windows slide.
  private var windowed: [[TokenID]] { texts + Perplexity.joined(chats, length: plan.lengths.max() ?? 0) }

  /// Ends of windows in these documents.
  private func targets(_ documents: [[TokenID]]) -> [(document: Int, start: Int)] {
    Perplexity.targets(of: documents, longest: plan.lengths.max() ?? 0, stride: stride, count: plan.samples)
  }

  /// No more than the shortest window.
  private var stride: Int { min(plan.stride, (plan.lengths.min() ?? 2) - 1) }

  func run(
    _ model: some ModelUnderTest, _ pending: Set<TestCoordinates>, willMeasure: (TestCoordinates) -> Void,
    _ keep: (EvaluationRecord) throws -> Void
  ) throws {
    let places = try coordinates().filter(pending.contains)
    if places.isEmpty { return }
    let documents = windowed, targets = targets(documents)
    let baseModel = try baseModel(for: places)
    for place in places {
      willMeasure(place)
      let start = ContinuousClock.now
      var record = EvaluationRecord(model: subject.name, place, seconds: 0)
      switch place.task {
      case Perplexity.position:
        record.buckets = try Perplexity.buckets(piece(place), model)
      case Perplexity.sliding:
        let target = targets[place.sample], end = target.start + stride
        let window = Array(documents[target.document][end - place.length..<end])
        record.buckets = [try Perplexity.lossAtEnd(of: window, stride: stride, model)]
      default:
        let piece = piece(place), scores = try model.scores(of: piece)
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
