import Evaluation
import EvaluationSuites
import Kernels
import LlamaModel
import Metrics
import ModelFiles
import Report

/// Asks every model what has no result yet, and shows how far it is.
struct EvaluationRun {
  let subjects: [EvaluationSubject]
  /// What agreement is measured with.
  let base: EvaluationSubject
  let plan: EvaluationPlan
  let log: ResultsLog

  func run() throws {
    let cells = plan.cells
    let losses = try subjects.map { try LossMeasurement(plan, $0, base: base) }
    for joining in losses.compactMap(\.joining) { Console.print(joining) }
    var pending: [[TestCoordinates]] = []
    for (subject, loss) in zip(subjects, losses) {
      let done = Set(log.records.filter { $0.model == subject.name }.map(\.coordinates))
      pending.append((cells.flatMap(\.coordinates) + (try loss.coordinates())).filter { !done.contains($0) })
    }
    var progress = EvaluationProgress(lengths: pending.flatMap { $0.map(\.length) })
    let heartbeat = Heartbeat()
    defer { heartbeat.stop() }
    if !log.records.isEmpty { Console.print("\(log.records.count) results are there already") }
    Console.print("\(progress.total) tests to do, \(subjects.count) model\(subjects.count == 1 ? "" : "s")")
    for (index, subject) in subjects.enumerated() where !pending[index].isEmpty {
      try run(subject, cells, losses[index], Set(pending[index]), &progress, heartbeat)
    }
  }

  private func run(
    _ subject: EvaluationSubject, _ cells: [TestCell], _ loss: LossMeasurement, _ pending: Set<TestCoordinates>,
    _ progress: inout EvaluationProgress, _ heartbeat: Heartbeat
  ) throws {
    try Interruption.check()
    heartbeat.show("\(subject.name): reading the weights")
    var last = progress, underWay = ""
    defer { progress = last }
    let model = LlamaUnderTest(
      try subject.load(plan.precision), subject.tokenizer, of: subject.file.path, cache: plan.cache
    ) {
      share in
      last.advance(to: share)
      heartbeat.advance(to: share, "\(underWay)  \(last.remaining)")
      try Interruption.check()
    }
    let trained = subject.file.configuration.rope.trainedContext
    if let longest = pending.map(\.length).max(), longest > trained {
      Console.error("\(subject.name) was trained with \(trained) tokens, tests have up to \(longest)")
    }
    func begin(_ place: TestCoordinates, _ what: String) {
      last.begin(place)
      underWay = "\(subject.name)  \(what)"
      heartbeat.show("\(underWay)  \(last.remaining)")
    }
    func keep(_ record: EvaluationRecord) throws {
      try log.append(record)
      last.finish(record)
      Console.progress(last.line(record))
      if !Console.isTerminal, last.isMilestone || Console.silence > 28 { Console.print(last.line(record)) }
    }
    let runner = EvaluationRunner(name: subject.name, model: model, encoder: subject.encoder)
    try runner.run(
      cells, isDone: { !pending.contains($0) },
      willAsk: { place, tokens in begin(place, "\(place.taskName) at \(tokens) tokens") }, onResult: keep)
    try loss.run(
      model, pending,
      willMeasure: { place in
        begin(place, "\(place.suite) \(place.taskName) at \(NumberLabel.tokens(place.length)) tokens")
      }, keep)
    heartbeat.pause()
    let done = Set(log.records.filter { $0.model == subject.name }.map(\.coordinates)), left = pending.subtracting(done)
    if !left.isEmpty {
      let kinds = Set(left.map { "\($0.taskName) at \(NumberLabel.tokens($0.length))" }).sorted()
      Console.error(
        "\(subject.name): \(left.count) tests have no room in their length and were left out: "
          + kinds.joined(separator: ", "))
    }
  }
}

/// How many tests are done, and how long the others will take: their cost grows with length and its square.
struct EvaluationProgress {
  private(set) var done = 0
  let total: Int
  private var work = 0.0, seconds = 0.0
  /// Of the test under way: what it costs, when it began, and how much of it is done.
  private var current = (work: 0.0, start: ContinuousClock.now, share: 0.0)
  private let allWork: Double
  private var lastTenth = 0
  private(set) var isMilestone = false

  init(lengths: [Int]) {
    total = lengths.count
    allWork = lengths.reduce(0) { $0 + Self.work($1) }
  }

  /// Attention's share is about that of the rest at 8,192 tokens in small models.
  private static func work(_ length: Int) -> Double { Double(length) * (1 + Double(length) / 8192) }

  mutating func begin(_ place: TestCoordinates) { current = (Self.work(place.length), .now, 0) }

  /// - Parameter share: of the test under way.
  mutating func advance(to share: Double) { current.share = share }

  mutating func finish(_ record: EvaluationRecord) {
    done += 1
    work += Self.work(record.coordinates.length)
    seconds += record.seconds
    current = (0, .now, 0)
    let tenth = done * 10 / max(1, total)
    (isMilestone, lastTenth) = (tenth > lastTenth, tenth)
  }

  var remaining: String {
    let known = work + current.share * current.work
    let passed = seconds + (current.share > 0 ? (ContinuousClock.now - current.start) / .seconds(1) : 0)
    let left = known > 0 ? ProgressFormat.duration(max(0, passed / known * (allWork - known))) : "?"
    return "\(done)/\(total)  ETA \(left)"
  }

  func line(_ record: EvaluationRecord) -> String {
    let place = record.coordinates, score = record.answer.map { "  score \(NumberLabel.percent($0.score))" } ?? ""
    return
      "\(record.model)  \(place.suite) \(place.taskName) \(NumberLabel.tokens(place.length))\(score)  \(remaining)"
  }
}
