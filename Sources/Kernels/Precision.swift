/// How products are computed: in single precision, or with operands rounded to bfloat16 and sums in single precision.
public enum Precision: String, Codable, Sendable, CaseIterable {
  case fp32, bf16
}
