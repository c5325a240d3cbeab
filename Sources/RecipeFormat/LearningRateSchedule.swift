import Foundation
import Kernels

/// How the learning rate moves within a stage, as a multiple of the stage's rate.
public enum LearningRateSchedule: Equatable, Sendable {
  /// The full rate.
  case constant(warmUp: WarmUp)
  /// Straight down to `minimumRatio` of the rate.
  case linear(warmUp: WarmUp, minimumRatio: Double)
  /// Half a cosine down to `minimumRatio` of the rate.
  case cosine(warmUp: WarmUp, minimumRatio: Double)

  /// How many steps the rate rises first.
  public enum WarmUp: Equatable, Sendable {
    case steps(Int)
    /// A share of the stage's steps, rounded up.
    case ratio(Double)

    /// No warm-up.
    public static var none: WarmUp { .steps(0) }

    /// The steps of it in a stage of `total` steps.
    public func steps(of total: Int) -> Int {
      switch self {
      case .steps(let steps): steps
      case .ratio(let ratio): Int((ratio * Double(total)).rounded(.up))
      }
    }
  }

  /// The warm-up of any schedule.
  public var warmUp: WarmUp {
    switch self {
    case .constant(let warmUp), .linear(let warmUp, _), .cosine(let warmUp, _): warmUp
    }
  }

  /// The word for it in recipes.
  public var name: String {
    switch self {
    case .constant: "constant"
    case .linear: "linear"
    case .cosine: "cosine"
    }
  }

  /// What the rate of step `step` (counted from 0) of `total` is multiplied by.
  ///
  /// Warm-up of w steps gives 1/(w+1), 2/(w+1), … and the full rate at step w, so that no step is without effect;
  /// decay at step k is a function of (k − w)/(total − w), so that the step after the last would have the minimum.
  public func multiplier(atStep step: Int, of total: Int) -> Double {
    require(
      step >= 0 && step < total, "[LearningRateSchedule] the step must be from 0 to \(total - 1), found \(step)")
    let warmUpSteps = warmUp.steps(of: total)
    if step < warmUpSteps { return Double(step + 1) / Double(warmUpSteps + 1) }
    let progress = Double(step - warmUpSteps) / Double(total - warmUpSteps)
    switch self {
    case .constant: return 1
    case .linear(_, let minimum): return 1 - (1 - minimum) * progress
    case .cosine(_, let minimum): return minimum + (1 - minimum) * (1 + cos(.pi * progress)) / 2
    }
  }
}
