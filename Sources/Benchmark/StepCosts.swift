public import LlamaModel
public import ScratchStorage
public import Training

/// What the parts of a training step cost on one machine for one model's shape and one precision, in seconds.
///
/// Time of a step of `sequences` × `n` tokens, `l` of each sequence labelled:
///
///     sequences · (layers · (layer + n·layerToken + n·attentionToken + 2·pairs·attentionPair) − kept · n·savedToken
///     + sequence + l·label) + parameters·parameter
///
/// A stage that spills takes longer by what the disk cannot write or read while a layer computes.
///
/// The quadratic term alone makes long sequences slow, so rates at lengths that take minutes to measure follow from
/// lengths that take less than a second.
public struct StepCosts: Codable, Equatable, Sendable {
  /// A layer without its attention: for each sequence, and for each token.
  public var layer, layerToken: Double
  /// What a layer that keeps its activations saves: for each token.
  public var savedToken: Double
  /// Attention, forward and backward: for each query, and for each pair of a query and a key up to the diagonal and
  /// beyond (n² pairs, so that a pair costs half of what a visible one does).
  public var attentionToken, attentionPair: Double
  /// Embedding and the last norm, with gradients of the weights: for each sequence.
  public var sequence: Double
  /// The last projection and the loss: for each labelled token.
  public var label: Double
  /// Norm of the gradient and AdamW: for each parameter.
  public var parameter: Double

  public init(
    layer: Double, layerToken: Double, savedToken: Double = 0, attentionToken: Double, attentionPair: Double,
    sequence: Double, label: Double,
    parameter: Double
  ) {
    (self.layer, self.layerToken, self.savedToken) = (layer, layerToken, savedToken)
    (self.attentionToken, self.attentionPair) = (attentionToken, attentionPair)
    (self.sequence, self.label, self.parameter) = (sequence, label, parameter)
  }

  /// Of a layer's time, two parts in seven go by forward.
  private static let forwardShare = 2.0 / 7

  /// A layer, forward and backward.
  private func layerSeconds(_ configuration: LlamaConfiguration, length: Int) -> Double {
    let n = Double(length), pairs = configuration.visiblePairs(sequenceLength: length)
    return layer + n * (layerToken + attentionToken) + 2 * pairs * attentionPair
  }

  /// Seconds in which a text is read, without backward.
  ///
  /// - Parameter scored: how many of its tokens the output layer sees too.
  public func readingSeconds(_ configuration: LlamaConfiguration, length: Int, scored: Int = 0) -> Double {
    // A label's costs are those of three products.
    Double(configuration.layerCount) * layerSeconds(configuration, length: length) * Self.forwardShare
      + Double(scored) * label / 3
  }

  /// Seconds of one optimizer step.
  ///
  /// - Parameter disk: of the scratch file, for settings that spill; nil counts nothing for it.
  public func seconds(
    _ configuration: LlamaConfiguration, length: Int, labelled: Int, sequences: Int = 1,
    _ settings: MemorySettings = MemorySettings(), disk: DiskRate? = nil
  ) -> Double {
    let n = Double(length), layers = Double(configuration.layerCount)
    let oneLayer = layerSeconds(configuration, length: length)
    let kept = Double(MemoryEstimate.blocksKeepingActivations(configuration, sequenceLength: length, settings))
    var stall = 0.0
    if let disk, case .scratch(let readsAhead) = settings.place {
      let bytes = Double(MemoryEstimate.savedBytes(configuration, sequenceLength: length, settings))
      stall = max(0, bytes / disk.write - oneLayer * Self.forwardShare)
      stall += readsAhead ? max(0, bytes / disk.read - oneLayer * (1 - Self.forwardShare)) : bytes / disk.read
    }
    return Double(sequences)
      * (layers * (oneLayer + stall) - kept * n * savedToken + sequence + Double(labelled) * label)
      + Double(configuration.parameterCount) * parameter
  }

  /// The line through two points, neither part of it negative: noise must not make long sequences free.
  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> (fixed: Double, slope: Double) {
    let slope = (y2 - y1) / (x2 - x1), fixed = y1 - slope * x1
    if slope <= 0 { return (0, y2 / x2) }
    return fixed >= 0 ? (fixed, slope) : (0, y2 / x2)
  }
}
