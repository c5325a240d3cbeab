/// The names of all differentiable operations: for messages, profiles and the test that each has a row in the
/// gradient table. Never switched over for arithmetic.
public enum Operation: String, CaseIterable, Sendable {
  case added, multiplied, scaled, summed, reshaped, transposed, matmul, embedding, rmsNormalized, rotated, swiGLU
  case softmax, causalAttention, linearCrossEntropy, biased, rmsNormalizedLinear
  case recomputed, tiled
}
