// The formats' names keep their capitals and underscores.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// How the values of a stored tensor lie in bytes, block by block; raw values are ggml's type numbers.
///
/// Only the formats that can be converted; layouts: see `blocks.c`, above each function.
public enum BlockFormat: UInt32, CaseIterable, Sendable, CustomStringConvertible {
  case f32 = 0
  case f16 = 1
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q4_K = 12
  case q5_K = 13
  case q6_K = 14
  case bf16 = 30

  /// Values in one block; rows consist of whole blocks.
  public var blockSize: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q8_0, .q4_0, .q4_1, .q5_0, .q5_1: 32
    case .q4_K, .q5_K, .q6_K: 256
    }
  }

  /// Bytes of one block.
  public var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q8_0: 34
    case .q4_0: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q4_K: 144
    case .q5_K: 176
    case .q6_K: 210
    }
  }

  /// Bytes of a row of so many values, a whole number of blocks.
  public func rowBytes(_ width: Int) -> Int { width / blockSize * blockBytes }

  /// Whether values share scales, so that a block holds no NaN or infinity.
  public var isQuantized: Bool { blockSize > 1 }

  /// ggml's name, such as `Q4_K`.
  public var description: String {
    switch self {
    case .f32: "F32"
    case .f16: "F16"
    case .bf16: "BF16"
    case .q8_0: "Q8_0"
    case .q4_0: "Q4_0"
    case .q4_1: "Q4_1"
    case .q5_0: "Q5_0"
    case .q5_1: "Q5_1"
    case .q4_K: "Q4_K"
    case .q5_K: "Q5_K"
    case .q6_K: "Q6_K"
    }
  }
}
