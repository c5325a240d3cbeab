@testable import Kernels

extension Kernel {
  /// `attentionGradient` from attention's output.
  static func attentionGradient(
    _ e: AttentionExtents, q: Span<Float>, k: Span<Float>, v: Span<Float>, firstKey: Span<Int32>,
    output: Span<Float>, lse: Span<Float>, dOutput: Span<Float>,
    addingTo dq: inout MutableSpan<Float>, _ dk: inout MutableSpan<Float>, _ dv: inout MutableSpan<Float>
  ) {
    var products = [Float](repeating: 0, count: e.heads * e.queries)
    var all = products.mutableSpan
    attentionProducts(e, output: output, dOutput: dOutput, into: &all)
    attentionGradient(
      e, q: q, k: k, v: v, firstKey: firstKey, products: products.span, lse: lse, dOutput: dOutput, addingTo: &dq, &dk,
      &dv)
  }
}
