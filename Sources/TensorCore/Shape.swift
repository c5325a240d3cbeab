import Kernels

/// The extents of a tensor, slowest first.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  public let extents: [Int]

  public init(_ extents: Int...) { self.init(extents) }
  public init(_ extents: [Int]) {
    if !extents.allSatisfy({ $0 >= 0 }) { stop("Shape: extents must not be negative, got \(extents)") }
    self.extents = extents
  }

  /// The number of values.
  public var count: Int { extents.reduce(1, *) }
  /// The last extent; 1 for a scalar.
  public var width: Int { extents.last ?? 1 }
  /// The number of rows of `width`; 0 when the width is.
  public var rows: Int { extents.dropLast().reduce(1, *) }

  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }
}

extension Shape {
  /// Stops with operation, rule and the shapes that broke it.
  func require(_ condition: Bool, _ operation: Operation, _ rule: String, _ others: Shape...) {
    if condition { return }
    stop("\(operation): expected \(rule), got \(([self] + others).map(\.description).joined(separator: " and "))")
  }
}
