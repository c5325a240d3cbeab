import AtomicFiles
import EvaluationSuites
import Foundation
import Logging
import Metrics
import Report

/// What was measured at one stage's context, before or after training.
struct MeasurementRecord: Codable, Equatable {
  enum Moment: String, Codable {
    case before, after
    /// What the gates at the end of the stage found.
    case gates
  }
  var moment: Moment
  /// The stage whose context this is, from 1.
  var stage: Int
  var stageName: String
  var context: Int
  /// Mean loss over held-out sequences, in nats; absent when there are too few held-out tokens.
  var heldOutLoss: Double?
  var passkeyCorrect: Int?
  var passkeyAsked: Int?
  var seconds: Double
  /// Steps done in the stage; nil before the first stage.
  var stepInStage: Int?
  var gates: [GateResult]?

  /// Numbers found of those asked for, as a part of one, with its 95 % interval in words; nil where none was asked.
  var passkey: (right: Int, asked: Int, part: Double, interval: String)? {
    guard let right = passkeyCorrect, let asked = passkeyAsked, asked > 0 else { return nil }
    let part = Double(right) / Double(asked), interval = Wilson.interval(part, count: asked)
    let text = "\(NumberLabel.wholePercent(interval.lowerBound)) to \(NumberLabel.percent(interval.upperBound))"
    return (right, asked, part, text)
  }

  /// For people.
  var line: String {
    if let gates { return gates.map(\.line).joined(separator: "\n") }
    var parts = ["\(moment.rawValue) at \(context) tokens"]
    parts.append(heldOutLoss.map { String(format: "held-out loss %.4f", $0) } ?? "held-out loss — (too little data)")
    if let correct = passkeyCorrect, let asked = passkeyAsked { parts.append("passkey \(correct)/\(asked)") }
    return parts.joined(separator: "  ") + "  (\(ProgressFormat.duration(seconds)))"
  }
}

/// Measurements of a run, one JSON line each, so that none is repeated after an interruption.
struct MeasurementLog {
  let path: String
  private(set) var records: [MeasurementRecord]

  /// Reads what is there; a line that is no measurement is told and counts as not measured.
  init(path: String) {
    self.path = path
    records = []
    let lines = (try? Data(contentsOf: URL(filePath: path)))?.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in (lines ?? []).enumerated() where !line.isEmpty {
      do { records.append(try JSONDecoder().decode(MeasurementRecord.self, from: line)) } catch {
        log.warning("\(path):\(number + 1): found something else than a measurement; it counts as not measured")
      }
    }
  }

  /// The newest of a stage.
  func find(_ moment: MeasurementRecord.Moment, stage: Int) -> MeasurementRecord? {
    records.last { $0.moment == moment && $0.stage == stage }
  }

  /// That of a moment, if it was measured.
  func find(_ moment: MeasurementRecord.Moment, stage: Int, stepInStage: Int?) -> MeasurementRecord? {
    records.last { $0.moment == moment && $0.stage == stage && $0.stepInStage == stepInStage }
  }

  /// Adds a record, in the place of an earlier one of the same moment.
  mutating func append(_ record: MeasurementRecord) throws {
    records.removeAll {
      ($0.moment, $0.stage, $0.stepInStage) == (record.moment, record.stage, record.stepInStage)
    }
    records.append(record)
    try write()
  }

  /// Forgets what was measured where training is going to pass again, or passed by: after stages beyond `stage`, and
  /// in it after other steps than `ends`, the ends of its rounds so far.
  mutating func forget(beyondStage stage: Int, ends: [Int]) throws {
    let kept = records.filter {
      $0.moment == .before || $0.stage < stage || $0.stage == stage && $0.stepInStage.map(ends.contains) == true
    }
    if kept.count == records.count { return }
    records = kept
    try write()
  }

  private func write() throws {
    let text = try records.map { try encoded($0) + "\n" }.joined()
    try AtomicFile.write(text, to: path)
  }
}
