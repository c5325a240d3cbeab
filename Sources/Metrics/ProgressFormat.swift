import Foundation

/// Numbers and steps as people read them.
public enum ProgressFormat {
  /// One line for a step, without a newline:
  /// `stage 2/4 262k  step 12/24  loss 2.1032  1.2k tok/s  ETA stage 0:41:10 run 5:02:11`.
  public static func line(_ record: StepRecord, stages: Int, stepsInStage: Int) -> String {
    [
      "stage \(record.stage)/\(stages) \(record.stageName)",
      "step \(record.stepInStage)/\(stepsInStage)",
      "loss \(fixed(record.loss, digits: 4))",
      "\(count(record.tokensPerSecond)) tok/s",
      "ETA stage \(duration(record.etaStageSeconds)) run \(duration(record.etaRunSeconds))",
    ].joined(separator: "  ")
  }

  /// Hours, minutes and seconds, rounded to a second: `0:41:10`; from a day on with days before: `3d 4:05:06`.
  ///
  /// What is not a duration (negative, not a number, beyond 100,000 days) gives `?`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds >= 0, seconds < 100_000 * 86_400 else { return "?" }
    let total = Int(seconds.rounded())
    let (days, hours, minutes) = (total / 86_400, total / 3_600 % 24, total / 60 % 60)
    return (days > 0 ? "\(days)d " : "") + "\(hours):\(twoDigits(minutes)):\(twoDigits(total % 60))"
  }

  /// A count with two or three digits and a decimal unit: `940`, `1.2k`, `262k`, `1.0M`.
  public static func count(_ value: Double) -> String {
    scaled(value, by: 1_000, units: ["", "k", "M", "G", "T", "P", "E"])
  }

  /// A count of things; see ``count(_:)-(Double)``.
  public static func count(_ value: Int) -> String { count(Double(value)) }

  /// An amount of memory or disk with a binary unit: `512 B`, `1.4 GiB`.
  public static func bytes(_ value: Int) -> String {
    scaled(Double(value), by: 1_024, units: [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
  }

  /// `value` divided by `base` until what is shown is below it; a decimal only below ten, and none without a unit.
  private static func scaled(_ value: Double, by base: Double, units: [String]) -> String {
    guard value.isFinite else { return "?" }
    var value = value
    var unit = 0
    while value.magnitude.rounded() >= base, unit < units.count - 1 {
      value /= base
      unit += 1
    }
    // 9.96 is shown as 10, not as 10.0.
    let digits = unit > 0 && (value.magnitude * 10).rounded() < 100 ? 1 : 0
    return fixed(value, digits: digits) + units[unit]
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func fixed(_ value: Double, digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "\(value)"
  }
}
