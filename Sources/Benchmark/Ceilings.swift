public import Kernels

/// What this machine can do at most, measured on all threads: the figures that everything else is compared with.
public struct Ceilings: Codable, Equatable, Sendable {
  /// Floating-point operations a second, by precision.
  public struct Rates: Codable, Equatable, Sendable {
    public var fp32, bf16: Double
    public subscript(_ precision: Precision) -> Double { precision == .bf16 ? bf16 : fp32 }

    public init(fp32: Double, bf16: Double) { (self.fp32, self.bf16) = (fp32, bf16) }
    init(_ rate: (Precision) -> Double) { self.init(fp32: rate(.fp32), bf16: rate(.bf16)) }
  }

  public var threads: Int
  /// The best instruction set that has kernels of its own here.
  public var instructions: String
  /// The core that OpenBLAS computes for.
  public var blasCore: String
  /// Multiply-adds on registers: what the processor can do with operands at hand.
  public var peak: Rates
  /// Our kernel's large product: what a program can do that fetches its operands.
  public var product: Rates
  /// OpenBLAS's large product, in single precision.
  public var blasProduct: Double
  /// Bytes a second of a triad through memory.
  public var bandwidth: Double

  public init(
    threads: Int, instructions: String, blasCore: String, peak: Rates, product: Rates, blasProduct: Double,
    bandwidth: Double
  ) {
    (self.threads, self.instructions, self.blasCore) = (threads, instructions, blasCore)
    (self.peak, self.product, self.blasProduct, self.bandwidth) = (peak, product, blasProduct, bandwidth)
  }

  /// Measures, about `seconds` for each of six figures.
  ///
  /// - Parameters:
  ///   - extent: rows and columns of the large product.
  ///   - words: floats of each of the triad's three arrays, many times the caches' size.
  public static func measured(seconds: Double, extent: Int = 2048, words: Int = 64 << 20) -> Ceilings {
    Ceilings(
      threads: Parallel.threadCount, instructions: "\(InstructionSet.best)", blasCore: Kernel.blasCore,
      peak: Rates { peak($0, seconds: seconds) },
      product: Rates { productRate($0, extent: extent, seconds: seconds) },
      blasProduct: product(extent, seconds) { a, b, n, c in
        Kernel.openBLASProduct(a, b, m: n, n: n, k: n, into: &c)
      },
      bandwidth: bandwidth(words, seconds))
  }

  /// Floating-point operations a second of our kernel's large product.
  public static func productRate(_ precision: Precision, extent: Int = 2048, seconds: Double) -> Double {
    product(extent, seconds) { a, b, n, c in
      Kernel.matmul(a, b, m: n, n: n, k: n, accumulating: false, precision: precision, into: &c)
    }
  }

  private static func peak(_ precision: Precision, seconds: Double) -> Double {
    var operations = 0.0
    let time = Stopwatch.best(within: seconds) { operations = Kernel.multiplyAdds(precision, rounds: 1 << 23) }
    return operations / time
  }

  private static func product(
    _ n: Int, _ seconds: Double, _ body: (Span<Float>, Span<Float>, Int, inout MutableSpan<Float>) -> Void
  ) -> Double {
    let a = randomValues(n * n, seed: 1), b = randomValues(n * n, seed: 2)
    var c = [Float](repeating: 0, count: n * n)
    let time = Stopwatch.best(within: seconds) {
      var span = c.mutableSpan
      body(a.span, b.span, n, &span)
    }
    return 2 * Double(n) * Double(n) * Double(n) / time
  }

  private static func bandwidth(_ n: Int, _ seconds: Double) -> Double {
    let a = [Float](repeating: 1, count: n), b = [Float](repeating: 2, count: n)
    var y = [Float](repeating: 0, count: n)
    let time = Stopwatch.best(within: seconds) {
      var span = y.mutableSpan
      Kernel.triad(a.span, b.span, factor: 3, into: &span)
    }
    return 12 * Double(n) / time
  }
}
