import CKernels

/// Values one thread takes at a time; a multiple of every vector width.
private let grain = 1 << 16

extension Kernel {
  /// y = a + b.
  public static func add(_ a: Span<Float>, _ b: Span<Float>, into y: inout MutableSpan<Float>) {
    let n = y.count
    require(a.count == n && b.count == n, "add", "expected \(n) values, got \(a.count) and \(b.count)")
    let a = unsafe Address(a)
    let b = unsafe Address(b)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_add(a.base + r.lowerBound, b.base + r.lowerBound, r.count, y.base + r.lowerBound)
    }
  }

  /// y = a∘b.
  public static func multiply(_ a: Span<Float>, _ b: Span<Float>, into y: inout MutableSpan<Float>) {
    let n = y.count
    require(a.count == n && b.count == n, "multiply", "expected \(n) values, got \(a.count) and \(b.count)")
    let a = unsafe Address(a)
    let b = unsafe Address(b)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_multiply(a.base + r.lowerBound, b.base + r.lowerBound, r.count, y.base + r.lowerBound)
    }
  }

  /// da += dy∘b.
  public static func multiplyGradient(_ dy: Span<Float>, _ b: Span<Float>, addingTo da: inout MutableSpan<Float>) {
    let n = da.count
    require(dy.count == n && b.count == n, "multiply", "expected \(n) values, got \(dy.count) and \(b.count)")
    let dy = unsafe Address(dy)
    let b = unsafe Address(b)
    let da = unsafe MutableAddress(&da)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_multiply_gradient(dy.base + r.lowerBound, b.base + r.lowerBound, r.count, da.base + r.lowerBound)
    }
  }

  /// y = factor·x.
  public static func scale(_ x: Span<Float>, by factor: Float, into y: inout MutableSpan<Float>) {
    let n = y.count
    require(x.count == n, "scale", "expected \(n) values, got \(x.count)")
    let x = unsafe Address(x)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_scale(x.base + r.lowerBound, factor, r.count, y.base + r.lowerBound)
    }
  }

  /// y[offset...] = x.
  public static func copy(_ x: Span<Float>, to y: inout MutableSpan<Float>, at offset: Int) {
    let n = x.count
    require(offset >= 0 && offset + n <= y.count, "copy", "\(n) values at \(offset) do not fit into \(y.count)")
    let x = unsafe Address(x)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe (y.base + offset + r.lowerBound).update(from: x.base + r.lowerBound, count: r.count)
    }
  }

  /// y[offset...] += factor·x; the whole of y by default.
  public static func add(
    _ x: Span<Float>, times factor: Float = 1, addingTo y: inout MutableSpan<Float>, at offset: Int? = nil
  ) {
    let n = x.count
    let start = offset ?? 0
    require(
      offset == nil ? y.count == n : start >= 0 && start + n <= y.count, "add",
      "expected \(y.count) values or a part of them, got \(n) at \(start)")
    let x = unsafe Address(x)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_axpy(x.base + r.lowerBound, factor, r.count, y.base + start + r.lowerBound)
    }
  }

  /// Σ x, in double, in a fixed order.
  public static func sum(_ x: Span<Float>) -> Double { unsafe reduce(x, ck_sum) }

  /// Σ x², in double, in a fixed order.
  public static func sumOfSquares(_ x: Span<Float>) -> Double { unsafe reduce(x, ck_sum_of_squares) }

  @unsafe private static func reduce(
    _ x: Span<Float>, _ kernel: @convention(c) (UnsafePointer<Float>?, Int) -> Double
  ) -> Double {
    let n = x.count
    var partials = [Double](repeating: 0, count: (n + grain - 1) / grain)
    let address = unsafe Address(x)
    var span = partials.mutableSpan
    let sums = unsafe MutableAddress(&span)
    Parallel.run(partials.count) { task, _ in
      unsafe sums.base[task] = kernel(address.base + task * grain, min(grain, n - task * grain))
    }
    return partials.reduce(0, +)
  }

  /// y = silu(gate)∘up.
  public static func swiGLU(_ gate: Span<Float>, _ up: Span<Float>, into y: inout MutableSpan<Float>) {
    let n = y.count
    require(gate.count == n && up.count == n, "swiGLU", "expected \(n) values, got \(gate.count) and \(up.count)")
    let gate = unsafe Address(gate)
    let up = unsafe Address(up)
    let y = unsafe MutableAddress(&y)
    Parallel.ranges(n, grain: grain) { r in
      unsafe ck_swiglu(gate.base + r.lowerBound, up.base + r.lowerBound, r.count, y.base + r.lowerBound)
    }
  }

  /// Both gradients of `swiGLU`.
  public static func swiGLUGradient(
    _ dy: Span<Float>, _ gate: Span<Float>, _ up: Span<Float>, into dGate: inout MutableSpan<Float>,
    and dUp: inout MutableSpan<Float>
  ) {
    let n = dy.count
    require(
      gate.count == n && up.count == n && dGate.count == n && dUp.count == n, "swiGLU",
      "expected \(n) values, got \(gate.count), \(up.count), \(dGate.count), \(dUp.count)")
    let dy = unsafe Address(dy)
    let gate = unsafe Address(gate)
    let up = unsafe Address(up)
    let dGate = unsafe MutableAddress(&dGate)
    let dUp = unsafe MutableAddress(&dUp)
    Parallel.ranges(n, grain: grain) { r in
      let i = r.lowerBound
      unsafe ck_swiglu_gradient(dy.base + i, gate.base + i, up.base + i, r.count, dGate.base + i, dUp.base + i)
    }
  }

  /// The numbers AdamW needs for one step; `correction1` = 1 − β1^t, `correction2` = 1 − β2^t.
  public struct AdamWStep: Sendable {
    public var learningRate, beta1, beta2, epsilon, weightDecay, correction1, correction2, gradientScale: Float
    public init(
      learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, correction1: Float,
      correction2: Float, gradientScale: Float
    ) {
      (self.learningRate, self.beta1, self.beta2, self.epsilon) = (learningRate, beta1, beta2, epsilon)
      (self.weightDecay, self.correction1, self.correction2) = (weightDecay, correction1, correction2)
      self.gradientScale = gradientScale
    }

    var c: ck_adamw {
      ck_adamw(
        learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
        correction1: correction1, correction2: correction2, gradient_scale: gradientScale)
    }
  }

  /// One AdamW update of a parameter and its two moments.
  public static func adamW(
    _ step: AdamWStep, gradient: Span<Float>, weight: inout MutableSpan<Float>, firstMoment: inout MutableSpan<Float>,
    secondMoment: inout MutableSpan<Float>
  ) {
    let n = weight.count
    require(
      gradient.count == n && firstMoment.count == n && secondMoment.count == n, "adamW",
      "expected \(n) values, got \(gradient.count), \(firstMoment.count), \(secondMoment.count)")
    let c = step.c
    let g = unsafe Address(gradient)
    let w = unsafe MutableAddress(&weight)
    let m = unsafe MutableAddress(&firstMoment)
    let v = unsafe MutableAddress(&secondMoment)
    Parallel.ranges(n, grain: grain) { r in
      let i = r.lowerBound
      unsafe ck_adamw_update(c, g.base + i, r.count, w.base + i, m.base + i, v.base + i)
    }
  }
}
