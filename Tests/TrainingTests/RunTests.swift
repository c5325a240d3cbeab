import Kernels
import LlamaModel
import RecipeFormat
import TestSupport
import Testing
import Training

/// Whole runs: order, positions, stopping, resuming, and the same bits whatever happens around them.
struct RunTests {
  /// Two stages: longer sequences and another theta in the second.
  static func trainer(_ model: Llama) throws -> Trainer {
    let plan = try TrainingPlan(
      .stage("short", context: 16, steps: 3, batchSize: 2, learningRate: 1e-2),
      .stage(
        "long", context: 48, rope: .theta(.number(80_000)), steps: 2, batchSize: 1, accumulating: 3,
        learningRate: 5e-3, schedule: .cosine(warmUp: .steps(1), minimumRatio: 0.1)), for: model)
    return Trainer(plan, clipGradNorm: 1)
  }

  @Test func `events come in order, with the positions after them`() throws {
    let model = Llama.random(.tiny())
    var state = TrainingState.start(model), seen: [String] = [], asked: [String] = []
    try Self.trainer(model).run(
      &state,
      sequences: { stage, index in
        asked.append("\(stage.recipe.name) \(index)")
        return randomSequence(stage, index)
      }
    ) { event, state in
      switch event {
      case .stageBegan(let stage):
        seen.append("began \(stage.recipe.name) θ\(Int(state.model.configuration.rope.theta))")
      case .step(let report):
        #expect(report.position == state.position)
        let p = report.position
        seen.append("\(report.stageName) \(p.stage) \(p.stepInStage) \(p.step) \(p.tokens)")
      case .stageEnded(let stage): seen.append("ended \(stage.recipe.name)")
      }
      return .proceed
    }
    #expect(
      seen == [
        "began short θ10000", "short 0 1 1 32", "short 0 2 2 64", "short 0 3 3 96", "ended short",
        "began long θ80000", "long 1 1 4 240", "long 1 2 5 384", "ended long",
      ])
    #expect(asked == (0..<6).map { "short \($0)" } + (0..<6).map { "long \($0)" })
    var end = TrainingPosition()
    // Of every three labels two stay, and the last token has none: 10 of 16, 31 of 48.
    (end.stage, end.step, end.tokens, end.labelledTokens) = (2, 5, 384, 6 * 10 + 6 * 31)
    end.stepsOfEarlierStages = [3, 2]
    #expect(state.position == end)
  }

  @Test func `any number of threads gives the same bits, through a change of theta`() throws {
    let runs = try withThreadCounts {
      let model = Llama.random(.tiny())
      let plan = try TrainingPlan(
        .stage("short", context: 300, steps: 2, learningRate: 1e-2),
        .stage("long", context: 700, rope: .theta(.number(80_000)), steps: 2, learningRate: 1e-2), for: model)
      var state = TrainingState.start(model)
      let reports = try Trainer(plan, clipGradNorm: 1).reports(&state)
      #expect(state.bits != TrainingState.start(model).bits)
      return (bits: state.bits, losses: reports.map(\.loss), norms: reports.map(\.gradientNorm))
    }
    for run in runs.dropFirst() {
      #expect(run.bits == runs[0].bits)
      #expect(run.losses == runs[0].losses)
      #expect(run.norms == runs[0].norms)
    }
  }

  /// Runs until `event` number `stop`, then again from a copy of the state in new memory.
  static func interrupted(atEvent stop: Int) throws -> (state: TrainingState, losses: [Double]) {
    let model = Llama.random(.tiny())
    var state = TrainingState.start(model), losses: [Double] = [], events = 0
    func note(_ event: TrainingEvent) { if case .step(let report) = event { losses.append(report.loss) } }
    try trainer(model).run(&state, sequences: randomSequence) { event, _ in
      note(event)
      events += 1
      return events == stop ? .stop : .proceed
    }
    #expect(events == stop)
    var resumed = state.reloaded
    try trainer(model).run(&resumed, sequences: randomSequence) { event, _ in
      note(event)
      return .proceed
    }
    return (resumed, losses)
  }

  @Test(arguments: 1...9) func `a run stopped at any event and resumed ends with the same bits`(stop: Int) throws {
    let model = Llama.random(.tiny())
    var whole = TrainingState.start(model)
    let losses = try Self.trainer(model).reports(&whole).map(\.loss)
    let resumed = try Self.interrupted(atEvent: stop)
    #expect(resumed.losses == losses)
    #expect(resumed.state.bits == whole.bits)
    #expect(resumed.state.position == whole.position)
    #expect(resumed.state.optimizer.stepCount == 5)
    #expect(resumed.state.model.configuration == whole.model.configuration)
  }

  @Test func `a run that is done does nothing more`() throws {
    let model = Llama.random(.tiny())
    var state = TrainingState.start(model)
    _ = try Self.trainer(model).reports(&state)
    let bits = state.bits
    var events = 0
    try Self.trainer(model).run(&state, sequences: randomSequence) { _, _ in
      events += 1
      return .proceed
    }
    #expect(events == 0)
    #expect(state.bits == bits)
  }

  @Test func `an error from the data passes through and leaves the last step's state`() throws {
    struct Missing: Error, Equatable {}
    let model = Llama.random(.tiny())
    var state = TrainingState.start(model)
    #expect(throws: Missing()) {
      _ = try Self.trainer(model).reports(&state) { stage, index in
        if index == 3 { throw Missing() }
        return randomSequence(stage, index)
      }
    }
    #expect(state.position.step == 1)
    #expect(state.optimizer.stepCount == 1)
  }

  @Test func `the plan counts tokens and operations`() throws {
    let model = Llama.random(.tiny())
    let plan = try Self.trainer(model).plan
    #expect(plan.tokens == 384)
    let layers = Double(model.configuration.layerCount)
    func operations(_ length: Int) -> Double {
      let kept = MemoryEstimate.blocksKeepingActivations(model.configuration, sequenceLength: length)
      return FLOPCount(model.configuration, sequenceLength: length).trainedHere(recomputing: 1 - Double(kept) / layers)
    }
    let (short, long) = (operations(16) * 2, operations(48) * 3)
    #expect(plan.stages.map(\.flopsPerStep) == [short, long])
    #expect(plan.flops == 3 * short + 2 * long)
  }

  @Test func `the plan remarks on stages shorter than the model's own context`() throws {
    let model = Llama.random(.tiny()), own = model.configuration.rope.trainedContext
    let plan = try TrainingPlan(
      .stage("short", context: own - 1, steps: 1), .stage("same", context: own, steps: 1),
      .stage("long", context: 2 * own, steps: 1), for: model)
    #expect(plan.remarks.count == 1)
    #expect(plan.remarks.allSatisfy { $0.contains("stage short") && $0.contains("\(own)") })
  }

  /// A run whose first stage is trained three times and its second once; `stop` ends it at an event, then it goes on from
  /// a copy in new memory.
  private static func repeated(stoppingAtEvent stop: Int?) throws -> (
    seen: [String], asked: [Int], state: TrainingState
  ) {
    let model = Llama.random(.tiny())
    var first = StageRecipe.stage(
      "short", context: 16, steps: 2, batchSize: 1, learningRate: 1e-2,
      schedule: .linear(warmUp: .none, minimumRatio: 0))
    first.repeats = 2
    let trainer = Trainer(
      try TrainingPlan(first, .stage("long", context: 48, steps: 1, batchSize: 1, learningRate: 5e-3), for: model),
      clipGradNorm: 1)
    var seen: [String] = [], asked: [Int] = [], events = 0, state = TrainingState.start(model)
    func run() throws {
      try trainer.run(
        &state,
        sequences: { stage, index in
          if stage.index == 0 { asked.append(index) }
          return randomSequence(stage, index)
        }
      ) { event, state in
        events += 1
        switch event {
        case .stageBegan: break
        case .step(let report): seen.append("\(report.stageName) \(report.position.stepInStage) \(report.learningRate)")
        case .stageEnded(let stage):
          if events == stop { return .stop }
          return stage.index == 0 && state.position.stepInStage < 6 ? .again : .proceed
        }
        return events == stop ? .stop : .proceed
      }
    }
    try run()
    if stop != nil {
      state = state.reloaded
      try run()
    }
    return (seen, asked, state)
  }

  @Test func `a stage that is trained again counts on, takes further data and begins its schedule anew`() throws {
    let run = try Self.repeated(stoppingAtEvent: nil)
    #expect(
      run.seen == [
        "short 1 0.01", "short 2 0.005", "short 3 0.01", "short 4 0.005", "short 5 0.01", "short 6 0.005",
        "long 1 0.005",
      ])
    #expect(run.asked == Array(0..<6))
    #expect(run.state.position.stage == 2 && run.state.position.step == 7)
    #expect(run.state.position.stepsOfEarlierStages == [6, 1])
  }

  @Test(arguments: 1...9) func `a run stopped anywhere among repetitions ends with the same bits`(event: Int) throws {
    let (whole, stopped) = (try Self.repeated(stoppingAtEvent: nil), try Self.repeated(stoppingAtEvent: event))
    #expect(stopped.seen == whole.seen && stopped.asked == whole.asked)
    #expect(stopped.state.bits == whole.state.bits && stopped.state.position == whole.state.position)
  }
}
