import Foundation
import Kernels
public import LlamaModel
public import TensorCore

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101): its settings and its state.
public struct AdamW: Sendable {
  public struct Settings: Equatable, Sendable {
    public var beta1, beta2, epsilon, weightDecay: Double
    /// Whether norms and biases decay too. The default is false, as is usual for Llama; PyTorch's plain AdamW does.
    public var decaysVectors: Bool
    /// Whether moments stand in eight bits, 2 bytes a parameter instead of 8.
    public var hasEightBitState: Bool

    public init(
      beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0.1,
      decaysVectors: Bool = false, hasEightBitState: Bool = false
    ) {
      (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
      (self.weightDecay, self.decaysVectors) = (weightDecay, decaysVectors)
      self.hasEightBitState = hasEightBitState
    }
  }

  public var settings: Settings
  /// Updates made so far; bias corrections count from it.
  public var stepCount: Int
  /// Moments of every parameter, in the order of `Llama.visitParameters`; none when they stand in eight bits.
  public var firstMoments, secondMoments: [Tensor]
  /// The same in eight bits; none when they stand in single precision.
  public var eightBitMoments: [EightBitMoments]

  /// Zero moments for every parameter of `model`.
  public init(_ settings: Settings, for model: Llama) {
    let shapes = model.configuration.parameters.map(\.shape)
    self.init(settings, stepCount: 0, firstMoments: [], secondMoments: [])
    if settings.hasEightBitState {
      eightBitMoments = shapes.map { EightBitMoments(zeros: $0.count) }
    } else {
      firstMoments = shapes.map { Tensor(zeros: $0) }
      secondMoments = shapes.map { Tensor(zeros: $0) }
    }
  }

  /// A state that was saved; the form is the one that the settings ask for.
  public init(
    _ settings: Settings, stepCount: Int, firstMoments: [Tensor], secondMoments: [Tensor],
    eightBitMoments: [EightBitMoments] = []
  ) {
    (self.settings, self.stepCount) = (settings, stepCount)
    (self.firstMoments, self.secondMoments, self.eightBitMoments) = (firstMoments, secondMoments, eightBitMoments)
  }

  /// Takes over other settings; moments change their form when those ask for the other one.
  public mutating func adopt(_ settings: Settings, for model: Llama) {
    defer { self.settings = settings }
    guard settings.hasEightBitState != self.settings.hasEightBitState else { return }
    if settings.hasEightBitState {
      eightBitMoments = zip(firstMoments, secondMoments).map { EightBitMoments(first: $0, second: $1) }
      (firstMoments, secondMoments) = ([], [])
    } else {
      let shapes = model.configuration.parameters.map(\.shape)
      let values = eightBitMoments.map(\.values)
      firstMoments = zip(values, shapes).map { $0.first.reshaped(to: $1) }
      secondMoments = zip(values, shapes).map { $0.second.reshaped(to: $1) }
      eightBitMoments = []
    }
  }

  /// One update of every parameter that has a gradient.
  ///
  /// - Parameter gradientScale: multiplies every gradient first: clipping and the mean over labels in one.
  public mutating func update(
    _ model: inout Llama, with gradients: Gradients, learningRate: Double, gradientScale: Double
  ) {
    stepCount += 1
    let t = Double(stepCount)
    var step = Kernel.AdamWStep(
      learningRate: Float(learningRate), beta1: Float(settings.beta1), beta2: Float(settings.beta2),
      epsilon: Float(settings.epsilon), weightDecay: 0, correction1: Float(1 - pow(settings.beta1, t)),
      correction2: Float(1 - pow(settings.beta2, t)), gradientScale: Float(gradientScale))
    var index = 0
    model.visitParameters { _, parameter in
      defer { index += 1 }
      guard let gradient = gradients[parameter] else { return }
      let decays = settings.decaysVectors || parameter.shape.extents.count > 1
      step.weightDecay = decays ? Float(settings.weightDecay) : 0
      if settings.hasEightBitState {
        return eightBitMoments[index].update(&parameter, step, gradient: gradient)
      }
      var weight = parameter.mutableSpan
      var first = firstMoments[index].mutableSpan, second = secondMoments[index].mutableSpan
      Kernel.adamW(step, gradient: gradient.span, weight: &weight, firstMoment: &first, secondMoment: &second)
    }
  }
}
