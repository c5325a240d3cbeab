import TensorCore
import TestSupport
import Testing

/// What must hold for every row of the table.
@Suite struct TableTests {
  static let cases = OperationCases.all

  /// Gradients this much smaller than the cotangent are zeros with rounding: inputs are of size 1.
  private static let floor = 0.01

  @Test func `every operation has a row`() {
    #expect(Set(Self.cases.map(\.operation)) == Set(TensorCore.Operation.allCases))
  }

  @Test(arguments: cases) func `the result is that of the formula in Double`(row: OperationCase) {
    let values = row.values()
    let result = row.apply(row.tensors(values)).values
    let expected = row.oracle(values.map(\.doubles))
    #expect(Tolerance.mismatch(result, expected, accumulating: row.accumulates) == nil)
  }

  @Test(arguments: cases) func `the slope in a random direction is that of the formula in Double`(row: OperationCase) {
    let values = row.values()
    let (result, gradients) = row.run(values)
    let cotangent = row.cotangent(count: result.count).doubles
    var random = SplitMix64(seed: 13)
    for (k, gradient) in gradients.enumerated() {
      let direction = random.normals(values[k].count).doubles
      let numeric = slope(row, values.map(\.doubles), k, direction, cotangent)
      // No token, no gradient: `tiled` runs nothing and cannot know what its closure captured.
      guard let gradient = gradient?.doubles else {
        #expect(numeric == 0 && values[0].isEmpty, "no gradient for input \(k)")
        continue
      }
      let analytic = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
      let scale = max(abs(numeric), Tolerance.norm(gradient), Self.floor * Tolerance.norm(cotangent))
      #expect(abs(analytic - numeric) <= Tolerance.slope * scale, "input \(k): \(analytic), expected \(numeric)")
    }
  }

  @Test(arguments: cases.filter { $0.inputs.allSatisfy { $0.shape.count <= 64 } })
  func `every element of a small gradient is that of the formula in Double`(row: OperationCase) {
    let values = row.values()
    let (result, gradients) = row.run(values)
    let cotangent = row.cotangent(count: result.count).doubles
    for (k, gradient) in gradients.enumerated() {
      let expected = values[k].indices.map { i in
        slope(row, values.map(\.doubles), k, values[k].indices.map { $0 == i ? 1 : 0 }, cotangent)
      }
      let actual = gradient?.doubles ?? expected.map { _ in 0 }
      let floor = Self.floor * Tolerance.norm(cotangent)
      #expect(Tolerance.mismatch(actual, expected, within: Tolerance.slope, floor: floor) == nil, "input \(k)")
    }
  }

  /// ⟨cotangent, (f(x + h·v) − f(x − h·v)) / 2h⟩ of the Double formula, for input k in direction v.
  private func slope(
    _ row: OperationCase, _ values: [[Double]], _ k: Int, _ direction: [Double], _ cotangent: [Double]
  ) -> Double {
    let h = 1e-5
    func shifted(_ step: Double) -> Double {
      var moved = values
      moved[k] = zip(values[k], direction).map { $0 + step * $1 }
      return zip(row.oracle(moved), cotangent).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return (shifted(h) - shifted(-h)) / (2 * h)
  }

  @Test(arguments: cases) func `two runs, and runs with 1, 2 and 3 threads, give the same bits`(row: OperationCase) {
    let values = row.values()
    let runs = withThreadCounts { row.run(values) } + [row.run(values)]
    for run in runs.dropFirst() {
      #expect(run.result.bits == runs[0].result.bits)
      #expect(run.gradients.map { $0?.bits } == runs[0].gradients.map { $0?.bits })
    }
  }

  @Test(arguments: cases) func `an input that is not tracked gets no gradient and changes no other`(row: OperationCase)
  {
    let values = row.values()
    let all = row.run(values)
    for k in row.inputs.indices {
      let (result, gradients) = row.run(values) { $0 == k }
      #expect(result.bits == all.result.bits)
      for other in row.inputs.indices where other != k { #expect(gradients[other] == nil) }
      #expect(gradients[k]?.bits == all.gradients[k]?.bits, "input \(k) alone")
    }
    let constant = row.apply(row.tensors(values) { _ in false })
    #expect(!constant.isTracked)
    #expect(constant.values.bits == all.result.bits)
  }

  @Test(arguments: cases) func `gradients of two uses add up`(row: OperationCase) {
    let values = row.values()
    let once = row.run(values).gradients
    let tensors = row.tensors(values)
    let y = row.apply(tensors) + row.apply(tensors)
    var gradients = Gradients()
    y.backward(from: Tensor(y.shape, row.cotangent(count: y.shape.count)), into: &gradients)
    for (tensor, once) in zip(tensors, once) {
      guard let once, let twice = gradients[tensor]?.values else { continue }
      #expect(Tolerance.relativeNorm(twice.doubles, once.doubles.map { 2 * $0 }) < 1e-6)
    }
  }

  @Test(arguments: cases.filter { !$0.linear.isEmpty })
  func `a linear operation and its gradient are adjoint`(row: OperationCase) {
    let values = row.values()
    let (result, gradients) = row.run(values)
    let cotangent = row.cotangent(count: result.count)
    // ⟨A·x, u⟩ = ⟨x, Aᵀ·u⟩ holds without derivatives.
    let left = zip(result.doubles, cotangent.doubles).reduce(0) { $0 + $1.0 * $1.1 }
    for inputs in row.linear {
      let right = inputs.reduce(0) { sum, k in
        sum + zip(values[k].doubles, gradients[k]?.doubles ?? []).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let scale = Tolerance.norm(result.doubles) * Tolerance.norm(cotangent.doubles)
      #expect(abs(left - right) <= 1e-6 * scale, "inputs \(inputs): \(left) and \(right)")
    }
  }
}

extension [Float] {
  var doubles: [Double] { map(Double.init) }
}
