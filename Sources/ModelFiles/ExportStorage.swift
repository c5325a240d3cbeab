// The formats' names keep their capitals and underscores.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import GGUFFormat
import LlamaModel
public import Kernels

/// How exported weights are stored; the names are llama.cpp's, in small letters. Norms and biases stay F32 always.
///
/// The K and 4- and 5-bit kinds are mixtures: some tensors get a finer type than the name says (``choice(of:shape:in:hasImportance:)``).
public enum ExportStorage: String, CaseIterable, Sendable {
  case f32, f16, bf16
  case q8_0
  case q6_K = "q6_k"
  case q5_K_M = "q5_k_m"
  case q5_K_S = "q5_k_s"
  case q5_1
  case q5_0
  case q4_K_M = "q4_k_m"
  case q4_K_S = "q4_k_s"
  case q4_1
  case q4_0

  /// `general.file_type` of llama.cpp.
  public var fileType: UInt32 {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q4_0: 2
    case .q4_1: 3
    case .q8_0: 7
    case .q5_0: 8
    case .q5_1: 9
    case .q4_K_S: 14
    case .q4_K_M: 15
    case .q5_K_S: 16
    case .q5_K_M: 17
    case .q6_K: 18
    case .bf16: 32
    }
  }

  /// The type of most matrices.
  public var baseType: TensorType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .q8_0: .q8_0
    case .q6_K: .q6_K
    case .q5_K_M, .q5_K_S: .q5_K
    case .q5_1: .q5_1
    case .q5_0: .q5_0
    case .q4_K_M, .q4_K_S: .q4_K
    case .q4_1: .q4_1
    case .q4_0: .q4_0
    }
  }
}

/// The type of a tensor, and the one that was meant for it where its rows do not fill that type's blocks.
public struct TensorTypeChoice: Equatable, Sendable {
  public var type, wanted: TensorType
  public var isFallback: Bool { type != wanted }

  /// The wanted type, or what llama.cpp takes instead for rows of so many values: Q4_K → Q5_0, Q5_K → Q5_1,
  /// Q6_K → Q8_0, and F16 for rows that fill no blocks of 32.
  init(_ wanted: TensorType, columns: Int) {
    self.wanted = wanted
    type = wanted
    if columns % type.blockSize != 0 {
      switch wanted {
      case .q4_K: type = .q5_0
      case .q5_K: type = .q5_1
      case .q6_K: type = .q8_0
      case .f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: type = .f16
      }
    }
    if columns % type.blockSize != 0 { type = .f16 }
  }
}

extension ExportStorage {
  /// What llama.cpp's `llama-quantize` makes of a tensor, for dense Llama-family models.
  ///
  /// - Parameters:
  ///   - name: in GGUF's naming.
  ///   - shape: in torch's order.
  ///   - hasImportance: whether activations are known; then Q4_0 and Q5_0 spend a little more on the first layers.
  func choice(
    of name: String, shape: [Int], in configuration: LlamaConfiguration, hasImportance: Bool
  ) -> TensorTypeChoice {
    guard shape.count > 1, name.hasSuffix(".weight"), !name.hasSuffix("_norm.weight") else {
      return TensorTypeChoice(.f32, columns: 1)
    }
    let base = baseType, columns = shape[shape.count - 1]
    guard base.isQuantized else { return TensorTypeChoice(base, columns: columns) }
    let output = configuration.tiesEmbeddings ? "token_embd.weight" : "output.weight"
    if name == output { return TensorTypeChoice(base == .q8_0 ? .q8_0 : .q6_K, columns: columns) }
    let parts = name.split(separator: "."), layers = configuration.layerCount
    guard parts.count == 4, parts[0] == "blk", let layer = Int(parts[1]) else {
      return TensorTypeChoice(base, columns: columns)
    }
    let isEarly = layer < layers / 8
    let isFavoured = isEarly || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
    var wanted = base
    switch (self, parts[2]) {
    case (.q4_K_M, "attn_v"), (.q5_K_M, "attn_v"), (.q4_K_M, "ffn_down"), (.q5_K_M, "ffn_down"):
      if isFavoured { wanted = .q6_K }
    case (.q4_K_M, "attn_qkv"): wanted = .q5_K
    case (.q5_K_M, "attn_qkv"): wanted = .q6_K
    case (.q4_K_S, "attn_v"): if layer < 4 { wanted = .q5_K }
    case (.q4_K_S, "ffn_down"): if isEarly { wanted = .q5_K }
    case (.q4_0, "ffn_down"): if isEarly, hasImportance { wanted = .q4_1 }
    case (.q5_0, "ffn_down"): if isEarly, hasImportance { wanted = .q5_1 }
    default: break
    }
    // Llama 70B: eight heads share a value projection, so it is small and worth more bits.
    if parts[2] == "attn_v", wanted == .q4_K, layers == 80, configuration.keyHeadCount < configuration.headCount {
      wanted = .q5_K
    }
    return TensorTypeChoice(wanted, columns: columns)
  }
}
