public import Kernels

/// How a tensor's values lie in bytes; raw values are the numbers that files hold.
///
/// Every number but these is refused when a file is opened.
public typealias TensorType = BlockFormat

extension TensorType {
  /// The names of all supported types, for messages.
  static let supportedNames = allCases.map(\.description).joined(separator: ", ")

  /// ggml's name of any type number, so that a refusal can say what it refuses.
  static func name(ofNumber number: UInt32) -> String {
    if let type = TensorType(rawValue: number) { return "\(type)" }
    let others: [UInt32: String] = [
      4: "Q4_2 (removed)", 5: "Q4_3 (removed)", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS",
      17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8",
      25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]
    return others[number] ?? "unknown"
  }
}
