import TensorCore
import TestSupport
import Testing

/// A mistake in shapes stops the program, and the message says operation, rule and shapes.
struct TrapTests {
  struct Mistake: Sendable, CustomStringConvertible {
    var operation: TensorCore.Operation
    /// What the message must hold.
    var says: [String]
    var make: @Sendable () -> Tensor
    var description: String { "\(operation) \(says.joined(separator: " "))" }
    init(_ operation: TensorCore.Operation, _ says: String..., make: @escaping @Sendable () -> Tensor) {
      (self.operation, self.says, self.make) = (operation, says, make)
    }
  }

  static func zeros(_ extents: Int...) -> Tensor { Tensor(zeros: Shape(extents)) }

  static let mistakes: [Mistake] = [
    Mistake(.added, "equal shapes", "[2, 3]", "[3, 2]") { zeros(2, 3) + zeros(3, 2) },
    Mistake(.biased, "[…, D] and [D]", "[2, 3]", "[2]") { zeros(2, 3).biased(by: zeros(2)) },
    Mistake(.multiplied, "equal shapes", "[2, 3]", "[6]") { zeros(2, 3) * zeros(6) },
    Mistake(.reshaped, "as many values", "[2, 3]", "[2, 4]") { zeros(2, 3).reshaped(to: Shape(2, 4)) },
    Mistake(.transposed, "[n, m]", "[2, 3, 4]") { zeros(2, 3, 4).transposed() },
    Mistake(.matmul, "equal inner extents", "[2, 3]", "[4, 5]") { .matmul(zeros(2, 3), zeros(4, 5)) },
    Mistake(.matmul, "equal inner extents", "right: true", "[2, 3]", "[5, 4]") { zeros(2, 3).linear(zeros(5, 4)) },
    Mistake(.matmul, "two matrices", "[3]", "[3, 2]") { .matmul(zeros(3), zeros(3, 2)) },
    Mistake(.embedding, "[V, D]", "[5]") { zeros(5).embedding([0]) },
    Mistake(.embedding, "row 4 is outside 0..<4") { zeros(4, 2).embedding([0, 4]) },
    Mistake(.embedding, "row -1 is outside 0..<4") { zeros(4, 2).embedding([-1]) },
    Mistake(.rmsNormalized, "[…, D] and [D]", "[2, 3]", "[2]") { zeros(2, 3).rmsNormalized(by: zeros(2)) },
    Mistake(.rmsNormalizedLinear, "[n, in], [in] and [out, in]", "[2, 3]", "[3]", "[4, 2]") {
      zeros(2, 3).rmsNormalizedLinear(by: zeros(3), epsilon: 1, zeros(4, 2), rows: 2)
    },
    Mistake(.rotated, "angles [n, 2]", "[3, 8]", "[2, 2]", "[3, 2]") {
      zeros(3, 8).rotated(cosine: zeros(2, 2), sine: zeros(3, 2), headSize: 4)
    },
    Mistake(.rotated, "heads·3", "[3, 6]") { zeros(3, 6).rotated(cosine: zeros(3, 1), sine: zeros(3, 1), headSize: 3) },
    Mistake(.swiGLU, "equal shapes", "[2, 3]", "[2, 4]") { .swiGLU(gate: zeros(2, 3), up: zeros(2, 4)) },
    Mistake(.softmax, "D > 0", "[2, 0]") { zeros(2, 0).softmax() },
    Mistake(.causalAttention, "keyHeads·4", "[3, 8]", "[3, 4]", "[2, 4]") {
      attention(zeros(3, 8), zeros(3, 4), zeros(2, 4), .causal(queries: 3))
    },
    Mistake(.causalAttention, "n patterned queries within m keys", "[3, 8]", "[3, 4]") {
      attention(zeros(3, 8), zeros(3, 4), zeros(3, 4), .causal(queries: 3, queryOffset: 1))
    },
    Mistake(.causalAttention, "heads·4", "[3, 8]", "[3, 12]") {
      attention(zeros(3, 8), zeros(3, 12), zeros(3, 12), .causal(queries: 3))
    },
    Mistake(.causalAttention, "first key 1 of query 0 must lie in 0...0") {
      attention(zeros(2, 4), zeros(2, 4), zeros(2, 4), AttentionPattern(firstKey: [1, 1]))
    },
    Mistake(.causalAttention, "first key 0 of query 2 must lie in 1...2") {
      attention(zeros(3, 4), zeros(3, 4), zeros(3, 4), AttentionPattern(firstKey: [0, 1, 0]))
    },
    Mistake(.linearCrossEntropy, "n labels (2)", "[3, 4]", "[5, 4]") {
      zeros(3, 4).linearCrossEntropy(zeros(5, 4), labels: [0, 1])
    },
    Mistake(.linearCrossEntropy, "[V, D]", "[3, 4]", "[5, 6]") {
      zeros(3, 4).linearCrossEntropy(zeros(5, 6), labels: [0, 1, 2])
    },
    Mistake(.linearCrossEntropy, "label 5 is outside 0..<5") {
      zeros(1, 4).linearCrossEntropy(zeros(5, 4), labels: [5])
    },
    Mistake(.tiled, "[n, D] and a positive tile", "[2, 3]") { zeros(2, 3).tiled(rows: 0) { $0 } },
    Mistake(.tiled, "a piece that keeps the shape", "[2, 4]", "[2, 3]") {
      zeros(4, 3).tiled(rows: 2) { _ in zeros(2, 4) }
    },
  ]

  private static func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ pattern: AttentionPattern) -> Tensor {
    var recomputation = Recomputation.none
    return .causalAttention(q: q, k: k, v: v, headSize: 4, pattern: pattern, keeping: &recomputation)
  }

  @Test(arguments: mistakes.indices) func `a mistake in shapes stops with operation, rule and shapes`(
    index: Int
  ) async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      _ = TrapTests.mistakes[index].make()
    }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    let mistake = Self.mistakes[index]
    // Rules about values come from the kernel, which has a name of its own for some operations.
    let isRuleOfKernel = mistake.says[0].contains(" is outside ") || mistake.says[0].hasPrefix("first key")
    for part in mistake.says + (isRuleOfKernel ? [] : ["\(mistake.operation): expected"]) {
      #expect(message.contains(part), "\(message.prefix(300))")
    }
  }

  @Test func `every operation that can be given wrong shapes is tried`() {
    // Any shape may be scaled, summed or recomputed.
    let any: Set<TensorCore.Operation> = [.scaled, .summed, .recomputed]
    #expect(Set(Self.mistakes.map(\.operation)).union(any) == Set(TensorCore.Operation.allCases))
    #expect(Set(Self.mistakes.map(\.operation)).isDisjoint(with: any))
  }
}
