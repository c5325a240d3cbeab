import Kernels
public import TensorCore

/// Both moments of one parameter, each value in eight bits (`MomentCodes`).
public struct EightBitMoments: Equatable, Sendable {
  /// One for each value of the parameter.
  public private(set) var firstCodes, secondCodes: [UInt8]
  /// One for each block of values.
  public private(set) var firstScales, secondScales: [Float]

  /// Moments before the first step.
  ///
  /// - Parameter count: values of the parameter.
  public init(zeros count: Int) {
    self.init(first: Tensor(zeros: Shape(count)), second: Tensor(zeros: Shape(count)))
  }

  /// Rounds moments.
  public init(first: Tensor, second: Tensor) {
    let count = first.shape.count, blocks = MomentCodes.scaleCount(of: count)
    require(second.shape.count == count, "EightBitMoments: \(count) first moments, \(second.shape.count) second")
    func encoded(_ x: Tensor, isSigned: Bool) -> (codes: [UInt8], scales: [Float]) {
      var codes = [UInt8](repeating: 0, count: count), scales = [Float](repeating: 0, count: blocks)
      var codeSpan = codes.mutableSpan, scaleSpan = scales.mutableSpan
      Kernel.encodeMoments(x.span, isSigned: isSigned, codes: &codeSpan, scales: &scaleSpan)
      return (codes, scales)
    }
    (firstCodes, firstScales) = encoded(first, isSigned: true)
    (secondCodes, secondScales) = encoded(second, isSigned: false)
  }

  /// Moments that were saved; nil unless codes and scales belong together.
  public init?(firstCodes: [UInt8], firstScales: [Float], secondCodes: [UInt8], secondScales: [Float]) {
    let blocks = MomentCodes.scaleCount(of: firstCodes.count)
    guard secondCodes.count == firstCodes.count, firstScales.count == blocks, secondScales.count == blocks else {
      return nil
    }
    (self.firstCodes, self.firstScales) = (firstCodes, firstScales)
    (self.secondCodes, self.secondScales) = (secondCodes, secondScales)
  }

  /// The first and the second moment as numbers. Shape: [values].
  public var values: (first: Tensor, second: Tensor) {
    func decoded(_ codes: [UInt8], _ scales: [Float], isSigned: Bool) -> Tensor {
      Tensor(
        Shape(codes.count),
        Buffer(codes.count) { Kernel.decodeMoments(codes.span, scales.span, isSigned: isSigned, into: &$0) })
    }
    return (decoded(firstCodes, firstScales, isSigned: true), decoded(secondCodes, secondScales, isSigned: false))
  }

  /// Bytes for so many values.
  static func byteCount(of values: Int) -> Int {
    2 * (values + MemoryLayout<Float>.stride * MomentCodes.scaleCount(of: values))
  }

  /// One step of AdamW.
  mutating func update(_ parameter: inout Tensor, _ step: Kernel.AdamWStep, gradient: Tensor) {
    // Taken out, so that each is a variable of its own and has one owner.
    var firstCodes: [UInt8] = [], secondCodes: [UInt8] = [], firstScales: [Float] = [], secondScales: [Float] = []
    func exchange(_ moments: inout EightBitMoments) {
      swap(&firstCodes, &moments.firstCodes)
      swap(&firstScales, &moments.firstScales)
      swap(&secondCodes, &moments.secondCodes)
      swap(&secondScales, &moments.secondScales)
    }
    exchange(&self)
    do {
      var weight = parameter.mutableSpan
      var m = firstCodes.mutableSpan, mScales = firstScales.mutableSpan
      var v = secondCodes.mutableSpan, vScales = secondScales.mutableSpan
      Kernel.adamW8(
        step, gradient: gradient.span, weight: &weight, firstCodes: &m, firstScales: &mScales, secondCodes: &v,
        secondScales: &vScales)
    }
    exchange(&self)
  }
}
