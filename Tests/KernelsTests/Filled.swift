import Kernels
import TestSupport
import Testing

/// Lengths around the vector widths, and one that is a multiple of nothing.
let lengths = [0, 1, 7, 8, 9, 63, 64, 65, 1003]

/// More than two of the pieces that elementwise work is cut into.
let severalPieces = 2 << 16 + 1003

typealias Output = MutableSpan<Float>

/// The values `body` leaves in an array that begins as `a`. It lies at an odd address between guards, which must
/// stay as they are, and has the same bits with 1, 2 and 3 threads.
func filled(
  _ a: [Float], at location: SourceLocation = #_sourceLocation, _ body: (inout Output) -> Void
) -> [Float] {
  checked(at: location) {
    var a = GuardedArray(a)
    a.write(body)
    return [a]
  }[0]
}

/// As above for two arrays.
func filled(
  _ a: [Float], _ b: [Float], at location: SourceLocation = #_sourceLocation,
  _ body: (inout Output, inout Output) -> Void
) -> (a: [Float], b: [Float]) {
  let results = checked(at: location) {
    var a = GuardedArray(a)
    var b = GuardedArray(b)
    a.write { a in b.write { b in body(&a, &b) } }
    return [a, b]
  }
  return (results[0], results[1])
}

/// As above for three arrays.
func filled(
  _ a: [Float], _ b: [Float], _ c: [Float], at location: SourceLocation = #_sourceLocation,
  _ body: (inout Output, inout Output, inout Output) -> Void
) -> (a: [Float], b: [Float], c: [Float]) {
  let results = checked(at: location) {
    var a = GuardedArray(a)
    var b = GuardedArray(b)
    var c = GuardedArray(c)
    a.write { a in b.write { b in c.write { c in body(&a, &b, &c) } } }
    return [a, b, c]
  }
  return (results[0], results[1], results[2])
}

private func checked(at location: SourceLocation, _ run: () -> [GuardedArray]) -> [[Float]] {
  let runs = withThreadCounts(run)
  for run in runs {
    for (array, first) in zip(run, runs[0]) {
      #expect(array.values.bits == first.values.bits, "threads change bits", sourceLocation: location)
      #expect(array.guardsStand, "written out of bounds", sourceLocation: location)
    }
  }
  return runs[0].map(\.values)
}

/// Values between guards.
private struct GuardedArray {
  private var guarded: [Float]
  private let range: Range<Int>
  private static let guards: [Float] = (0..<17).map { Float($0) + 0.25 }

  init(_ values: [Float]) {
    guarded = Self.guards + values + Self.guards
    range = Self.guards.count..<Self.guards.count + values.count
  }

  var values: [Float] { Array(guarded[range]) }
  var guardsStand: Bool { guarded.starts(with: Self.guards) && guarded[range.upperBound...].elementsEqual(Self.guards) }

  mutating func write(_ body: (inout Output) -> Void) {
    let range = range
    var all = guarded.mutableSpan
    var span = all._mutatingExtracting(range)
    body(&span)
  }
}

func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
func ones(_ count: Int) -> [Float] { [Float](repeating: 1, count: count) }

extension [Float] {
  var doubles: [Double] { map(Double.init) }
}
