/// The file name of a checkpoint: `stage02-step000120.h5` is step 120 of the second stage.
public struct CheckpointName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Counted from 0; the name counts from 1.
  public var stageIndex: Int
  public var stepInStage: Int

  public init(stageIndex: Int, stepInStage: Int) {
    precondition(
      stageIndex >= 0 && stepInStage >= 0,
      "CheckpointName: stage and step count from 0, got stage \(stageIndex), step \(stepInStage)")
    self.stageIndex = stageIndex
    self.stepInStage = stepInStage
  }

  /// Reads a file name; nil when it is not one of a checkpoint.
  public init?(_ fileName: String) {
    guard fileName.hasPrefix("stage"), fileName.hasSuffix(".h5") else { return nil }
    let parts = fileName.dropFirst(5).dropLast(3).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("step"), let stage = Int(parts[0]), stage >= 1,
      let step = Int(parts[1].dropFirst(4)), step >= 0
    else { return nil }
    self.init(stageIndex: stage - 1, stepInStage: step)
    guard description == fileName else { return nil }
  }

  public var description: String {
    "stage\(Self.padded(stageIndex + 1, 2))-step\(Self.padded(stepInStage, 6)).h5"
  }

  public static func < (one: Self, other: Self) -> Bool {
    (one.stageIndex, one.stepInStage) < (other.stageIndex, other.stepInStage)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
