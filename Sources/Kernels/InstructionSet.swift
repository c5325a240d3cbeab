import CKernels

/// The processor's instruction sets that have kernels of their own, the least first; each contains those before it.
public enum InstructionSet: Int, Sendable, CaseIterable, CustomStringConvertible {
  case plain, avx2, avx512, avx512BF16, amx

  /// The best this processor has and the system lets a process use.
  public static let best: InstructionSet = {
    let simd = ck_simd_best()
    guard let set = InstructionSet(rawValue: Int(simd.rawValue)) else {
      stop("unknown instruction set \(simd.rawValue)")
    }
    return set
  }()

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
