import Kernels
import TestSupport
import Testing

/// The one matrix product, in all its forms.
struct MatMulTests {
  struct Product: Sendable, CustomStringConvertible {
    var m, n, k: Int
    var description: String { "[\(m), \(k)]·[\(k), \(n)]" }
  }
  /// Extents around the tile of 64, rows cut and columns cut, more than one tile, and nothing at all.
  static let products = [
    Product(m: 1, n: 1, k: 1), Product(m: 7, n: 9, k: 8), Product(m: 65, n: 63, k: 64), Product(m: 1, n: 1003, k: 9),
    Product(m: 1003, n: 65, k: 7), Product(m: 63, n: 1003, k: 33), Product(m: 1100, n: 1300, k: 5),
    Product(m: 65, n: 7, k: 1003), Product(m: 0, n: 7, k: 8), Product(m: 7, n: 0, k: 8), Product(m: 7, n: 9, k: 0),
  ]
  static let forms: [TransposedSides] = [[], .left, .right, [.left, .right]]

  @Test(arguments: products, forms) func `every form is the sum of products`(p: Product, sides: TransposedSides) {
    var random = SplitMix64(seed: 9)
    let a = random.normals(p.m * p.k)
    let b = random.normals(p.k * p.n)
    let start = random.normals(p.m * p.n)
    let product = Oracle.matmul(
      a.doubles, b.doubles, m: p.m, n: p.n, k: p.k, leftTransposed: sides.contains(.left),
      rightTransposed: sides.contains(.right))
    let replaced = filled(start) {
      Kernel.matmul(a.span, b.span, transposing: sides, m: p.m, n: p.n, k: p.k, accumulating: false, into: &$0)
    }
    #expect(Tolerance.mismatch(replaced, product, accumulating: p.k) == nil)
    let added = filled(start) {
      Kernel.matmul(
        a.span, b.span, transposing: sides, m: p.m, n: p.n, k: p.k, alpha: -0.5, accumulating: true, into: &$0)
    }
    #expect(Tolerance.mismatch(added, zip(start.doubles, product).map { $0 - 0.5 * $1 }, accumulating: p.k) == nil)
  }

  @Test func `OpenBLAS says which core it computes for`() {
    #expect(!Kernel.blasCore.isEmpty)
    #expect(Kernel.blasConfiguration.contains("OpenBLAS"))
  }
}
