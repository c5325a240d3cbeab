import CKernels
import Synchronization

/// The processor's instruction sets that have kernels of their own, the least first.
public enum InstructionSet: Int, Sendable, CaseIterable, CustomStringConvertible {
  case plain, avx2, avx512, avx512BF16, amx

  /// The best this processor has.
  public static let best = InstructionSet(ck_simd_best())

  /// What products compute with: the best, unless a test or a comparison asks for less.
  public static var current: InstructionSet {
    get { InstructionSet(ck_simd(UInt32(chosen.load(ordering: .relaxed)))) }
    set {
      require(newValue.rawValue <= best.rawValue, "instruction set", "this processor has \(best), not \(newValue)")
      chosen.store(newValue.rawValue, ordering: .relaxed)
    }
  }

  private static let chosen = Atomic(best.rawValue)

  /// The enumerations on both sides count alike.
  private init(_ simd: ck_simd) {
    guard let set = InstructionSet(rawValue: Int(simd.rawValue)) else {
      stop("unknown instruction set \(simd.rawValue)")
    }
    self = set
  }

  var c: ck_simd { ck_simd(UInt32(rawValue)) }

  public var description: String {
    switch self {
    case .plain: "plain C"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    case .avx512BF16: "AVX-512 with bfloat16"
    case .amx: "AVX-512 with AMX"
    }
  }
}
