import Foundation
import Metrics

/// What was measured at one stage's context, before or after training.
struct MeasurementRecord: Codable, Equatable {
  enum Moment: String, Codable {
    case before, after
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

  /// One line for people.
  var line: String {
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

  init(path: String) {
    self.path = path
    let text = (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? ""
    // A line that was cut short by a crash is measured again.
    records = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(MeasurementRecord.self, from: Data($0.utf8))
    }
  }

  func find(_ moment: MeasurementRecord.Moment, stage: Int) -> MeasurementRecord? {
    records.first { $0.moment == moment && $0.stage == stage }
  }

  mutating func append(_ record: MeasurementRecord) throws {
    records.append(record)
    try write()
  }

  /// Forgets what was measured after stages that are going to be trained further, as when their steps were raised.
  mutating func forget(afterStagesBeyond done: Int) throws {
    let kept = records.filter { $0.moment == .before || $0.stage <= done }
    if kept.count == records.count { return }
    records = kept
    try write()
  }

  private func write() throws {
    let text = try records.map { try encoded($0) + "\n" }.joined()
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }
}
