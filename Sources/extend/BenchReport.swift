import Benchmark
import Foundation
import Kernels
import LlamaModel
import Metrics
import Training

/// What `bench` measured, for people and for programs.
struct BenchReport: Encodable {
  struct Step: Encodable {
    var time: StepTime
    var tokensPerSecond, flopsPerSecond: Double
    /// Of the large product's rate and of the peak in the same precision; nil where those were not measured.
    var shareOfProduct, shareOfPeak: Double?
    /// What `plan` says of the same step; nil where this machine was not calibrated.
    var plannedSeconds: Double?
    var plannedPeakBytes: Int
  }

  let configuration: LlamaConfiguration
  let parameters: Int
  let processor: String
  let threads = Parallel.threadCount
  let instructions = "\(InstructionSet.best)"
  let blas = Kernel.blasConfiguration, blasCore = Kernel.blasCore
  let advice: String?
  var ceilings: Ceilings?
  var kernels: [KernelTime] = []
  var steps: [Step] = []

  init(_ configuration: LlamaConfiguration, processor: String, advice: String?) {
    (self.configuration, self.processor, self.advice) = (configuration, processor, advice)
    parameters = configuration.parameterCount
  }

  mutating func add(_ time: StepTime, planned: Double?, _ memory: MemoryEstimate) {
    steps.append(
      Step(
        time: time, tokensPerSecond: time.tokensPerSecond, flopsPerSecond: time.flopsPerSecond,
        shareOfProduct: ceilings.map { time.flopsPerSecond / $0.product[time.precision] },
        shareOfPeak: ceilings.map { time.flopsPerSecond / $0.peak[time.precision] }, plannedSeconds: planned,
        plannedPeakBytes: memory.peak))
  }

  var machineText: String {
    var lines = [
      "processor         \(processor), \(threads) threads",
      "kernels for       \(instructions)",
      "OpenBLAS core     \(blasCore)",
    ]
    if let c = ceilings {
      lines += [
        "peak              fp32 \(giga(c.peak.fp32)), bf16 \(giga(c.peak.bf16)) GFLOP/s",
        "large product     fp32 \(giga(c.product.fp32)), bf16 \(giga(c.product.bf16)) GFLOP/s "
          + "(OpenBLAS fp32 \(giga(c.blasProduct)))",
        "memory            \(giga(c.bandwidth)) GB/s",
      ]
    }
    if let advice { lines.append("advice            \(advice)") }
    let c = configuration
    lines.append(
      "model             \(ProgressFormat.count(parameters)) parameters: \(c.layerCount) layers, width \(c.hiddenSize), "
        + "feed-forward \(c.feedForwardSize), heads \(c.headCount)/\(c.keyHeadCount) of \(c.headSize), "
        + "\(c.vocabularySize) tokens\(c.tiesEmbeddings ? ", tied" : "")")
    return lines.joined(separator: "\n")
  }

  var kernelText: String {
    var rows = [["kernel", "precision", "shape", "time", "tokens/s", "GFLOP/s", "of product", "of peak", "of memory"]]
    for kernel in kernels {
      let rate = kernel.modelFLOPs / kernel.seconds, isArithmetic = kernel.modelFLOPs > 0
      rows.append([
        kernel.name, kernel.precision.rawValue, kernel.shape, Self.time(kernel.seconds),
        kernel.tokens.map { ProgressFormat.count(Double($0) / kernel.seconds) } ?? "",
        isArithmetic ? giga(rate) : "",
        isArithmetic ? Self.share(ceilings.map { rate / $0.product[kernel.precision] }) : "",
        isArithmetic ? Self.share(ceilings.map { rate / $0.peak[kernel.precision] }) : "",
        isArithmetic ? "" : Self.share(ceilings.map { kernel.bytes / kernel.seconds / $0.bandwidth }),
      ])
    }
    return table(rows)
  }

  var stepText: String {
    var rows = [
      [
        "training step", "precision", "time", "tokens/s", "model TFLOP", "GFLOP/s", "of product", "of peak", "peak RSS",
        "spilled", "planned time", "planned RSS",
      ]
    ]
    for step in steps {
      rows.append([
        "\(step.time.length) tokens", step.time.precision.rawValue, Self.time(step.time.seconds),
        String(format: "%.1f", step.tokensPerSecond), String(format: "%.3g", step.time.modelFLOPs / 1e12),
        giga(step.flopsPerSecond), Self.share(step.shareOfProduct), Self.share(step.shareOfPeak),
        ProgressFormat.bytes(step.time.peakRSSBytes), ProgressFormat.bytes(step.time.spilledBytes),
        step.plannedSeconds.map(Self.time) ?? "—", ProgressFormat.bytes(step.plannedPeakBytes),
      ])
    }
    return table(rows)
  }

  private func giga(_ value: Double) -> String { String(format: value < 1e10 ? "%.1f" : "%.0f", value / 1e9) }

  static func share(_ value: Double?) -> String { value.map { String(format: "%.0f%%", 100 * $0) } ?? "—" }

  /// Seconds with three digits: `1.23 s`, `45.6 ms`, `789 µs`.
  static func time(_ seconds: Double) -> String {
    let (value, unit) = seconds >= 1 ? (seconds, "s") : seconds >= 1e-3 ? (seconds * 1e3, "ms") : (seconds * 1e6, "µs")
    return String(format: value < 10 ? "%.2f " : value < 100 ? "%.1f " : "%.0f ", value) + unit
  }
}
