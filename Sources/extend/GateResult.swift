import EvaluationSuites
import Foundation
import RecipeFormat

/// What a gate demanded and what was found.
struct GateResult: Codable, Equatable {
  /// What was measured: "passkey at 65536".
  var subject: String
  /// nil when nothing could be measured or it was no number.
  var measured: Double?
  /// Answers, or tokens of texts.
  var count: Int
  /// "≥ 0.9".
  var demand: String
  var isPassed: Bool
  /// Names in the lines of gates.jsonl that this sums up: of the model, and of what it is compared with.
  var names: [String]

  init(_ gate: Gate, context: Int, measured: Double, count: Int, names: [String]) {
    (subject, demand) = (gate.subject(context: context), gate.demand)
    self.measured = count > 0 && measured.isFinite ? measured : nil
    (self.count, self.names) = (count, names)
    isPassed = self.measured.map(gate.isPassed) ?? false
  }

  /// The value as people read it.
  var value: String { measured.map { String(format: "%.4g", $0) } ?? "not a number" }

  var line: String {
    "gate \(isPassed ? "passed" : "FAILED"): \(subject): \(value) (\(count)), demanded \(demand)"
  }
}

/// A stage whose gates are not passed, and that may not be repeated any more. Everything is saved.
struct GateFailure: Error, CustomStringConvertible {
  let description: String

  init(_ results: [GateResult], stage index: Int, _ recipe: StageRecipe, step: Int, in folder: String) {
    let failed = results.filter { !$0.isPassed }.map { "\($0.subject) is \($0.value), demanded is \($0.demand)" }
    let path = "stages[\(index)]"
    description =
      "stage \(recipe.name), after step \(step): \(failed.joined(separator: "; ")). Everything is saved, and no later "
      + "stage was begun. In \(folder)/recipe.yaml raise \(path).steps or \(path).repeats to train the stage further, or "
      + "lower what \(path).gates demand, and go on with: extend resume \(folder) --accept-changes"
  }
}
