public import Metrics

/// The curves of one or several runs.
public struct TrainingCurves: Sendable {
  /// What is shown of a run.
  public struct Run: Sendable {
    public var name: String
    /// One for each step, in order.
    public var steps: [StepRecord]

    public init(name: String, steps: [StepRecord]) { (self.name, self.steps) = (name, steps) }
  }
  public var runs: [Run]

  public init(_ runs: [Run]) { self.runs = runs }

  /// Loss, learning rate, throughput and gradient norm by step, the stages marked where there is one run.
  public var figures: [ReportSection.Figure] {
    func chart(
      _ name: String, _ y: String, _ axis: Axis.Kind, _ caption: String = "", _ value: (StepRecord) -> Double
    ) -> ReportSection.Figure {
      let series = runs.map { run in
        LineChart.Series(run.name, run.steps.map { LineChart.Point(Double($0.step), value($0)) })
      }
      let chart = LineChart(x: "step", .linear, y: y, axis, series, boundaries: runs.count == 1 ? boundaries : [])
      return ReportSection.Figure(name, caption, chart.drawing)
    }
    if runs.allSatisfy({ $0.steps.isEmpty }) { return [] }
    return [
      chart("Loss", "nats per labelled token", .automatic, lossCaption) { $0.loss },
      chart("Learning rate", "learning rate", .including(0...0)) { $0.learningRate },
      chart("Throughput", "tokens per second, smoothed", .including(0...0)) { $0.tokensPerSecond },
      chart("Gradient norm", "before clipping", .automatic) { $0.gradientNorm },
    ]
  }

  private var lossCaption: String {
    let lost = runs.flatMap(\.steps).count { !$0.loss.isFinite }
    let isDense = runs.contains { $0.steps.count > 300 }
    return [
      isDense ? "Line: mean of neighbouring steps; band: least to greatest." : "",
      lost > 0 ? "× marks \(lost) steps whose loss was not finite; they were not applied." : "",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Where stages begin; their repetitions count on.
  private var boundaries: [LineChart.Mark] {
    var marks: [LineChart.Mark] = [], stage = 0
    for record in runs.first?.steps ?? [] where record.stage != stage {
      marks.append(LineChart.Mark(Double(record.step), record.stageName))
      stage = record.stage
    }
    return marks
  }

  /// What each stage came to.
  public var stages: Table {
    var rows: [[Table.Cell]] = []
    for run in runs {
      for steps in Self.grouped(run.steps) {
        guard let first = steps.first, let last = steps.last else { continue }
        let seconds = steps.reduce(0) { $0 + ($1.seconds.isFinite ? $1.seconds : 0) }
        rows.append(
          (runs.count > 1 ? [Table.Cell(run.name)] : []) + [
            Table.Cell(first.stageName), Table.Cell("\(steps.count)"), Table.Cell(first.loss), Table.Cell(last.loss),
            Table.Cell(last.learningRate), Table.Cell(ProgressFormat.duration(seconds), raw: "\(seconds)"),
            Table.Cell(ProgressFormat.bytes(last.peakRSSBytes), raw: "\(last.peakRSSBytes)"),
          ])
      }
    }
    return Table(
      "Stages",
      (runs.count > 1 ? ["run"] : []) + [
        "stage", "steps", "first loss", "last loss", "last learning rate", "time in steps", "peak memory",
      ], textColumns: runs.count > 1 ? 2 : 1, rows)
  }

  /// Every step of a run, for other programs.
  public static func allSteps(_ run: Run) -> Table {
    Table(
      "Steps",
      [
        "step", "stage", "step_in_stage", "tokens", "loss", "learning_rate", "gradient_norm", "tokens_per_second",
        "seconds",
      ],
      textColumns: 0,
      run.steps.map { step in
        [
          Table.Cell("\(step.step)"), Table.Cell(step.stageName), Table.Cell("\(step.stepInStage)"),
          Table.Cell("\(step.tokens)"), Table.Cell("\(step.loss)"), Table.Cell("\(step.learningRate)"),
          Table.Cell("\(step.gradientNorm)"), Table.Cell("\(step.tokensPerSecond)"), Table.Cell("\(step.seconds)"),
        ]
      })
  }

  private static func grouped(_ steps: [StepRecord]) -> [[StepRecord]] {
    var groups: [[StepRecord]] = []
    for step in steps {
      if groups.last?.first?.stage == step.stage {
        groups[groups.count - 1].append(step)
      } else {
        groups.append([step])
      }
    }
    return groups
  }
}
