import CKernels
import Synchronization

/// The processor's instruction sets that have kernels of their own, the least first.
public enum InstructionSet: Int, Sendable, CaseIterable, CustomStringConvertible {
  case plain, avx2, avx512

  /// The best this processor has.
  public static let best = InstructionSet(rawValue: Int(ck_simd_best().rawValue)) ?? .plain

  /// What products compute with: the best, unless a test or a comparison asks for less.
  public static var current: InstructionSet {
    get { InstructionSet(rawValue: chosen.load(ordering: .relaxed)) ?? .plain }
    set {
      require(newValue.rawValue <= best.rawValue, "instruction set", "this processor has \(best), not \(newValue)")
      chosen.store(newValue.rawValue, ordering: .relaxed)
    }
  }

  private static let chosen = Atomic(best.rawValue)

  var c: ck_simd { ck_simd(UInt32(rawValue)) }

  public var description: String {
    switch self {
    case .plain: "plain C"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    }
  }
}
