// Addresses for C. Every function of this module checks extents against its spans, takes the addresses, and
// returns before the spans' owners can go away.

/// Where the values of a span begin, for C and for other threads; valid while the span's owner is borrowed.
@unsafe struct Address<Element>: @unchecked Sendable {
  let base: UnsafePointer<Element>
  init(base: UnsafePointer<Element>) { unsafe self.base = base }
  init(_ span: borrowing Span<Element>) {
    unsafe base = span.withUnsafeBufferPointer { unsafe $0.baseAddress ?? emptyAddress(of: Element.self) }
  }
}

/// Where the values of a mutable span begin; each thread writes a part of its own.
@unsafe struct MutableAddress<Element>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  init(base: UnsafeMutablePointer<Element>) { unsafe self.base = base }
  init(_ span: inout MutableSpan<Element>) {
    unsafe base = span.withUnsafeMutableBufferPointer {
      unsafe $0.baseAddress ?? UnsafeMutablePointer(mutating: emptyAddress(of: Element.self))
    }
  }
}

/// A non-null address that nobody reads: the address of no elements.
private func emptyAddress<Element>(of: Element.Type) -> UnsafePointer<Element> {
  unsafe UnsafePointer<Element>(bitPattern: 64)!
}

/// Stops on a wrong extent: operation, requirement, actual.
@inline(__always)
func require(_ condition: Bool, _ operation: StaticString, _ rule: @autoclosure () -> String) {
  if !condition { stop("\(operation): \(rule())") }
}
