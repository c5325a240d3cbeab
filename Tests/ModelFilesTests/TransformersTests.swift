import Foundation
import LlamaModel
import ModelFiles
import Testing

/// Logits of a real model file against transformers'. `EXTEND_LOGITS` names what `Scripts/transformers-logits` wrote;
/// without it, skipped.
struct TransformersTests {
  static let file = ProcessInfo.processInfo.environment["EXTEND_LOGITS"]

  struct Expected: Decodable {
    struct Case: Decodable {
      var tokens: [Int32]
      var positions: [Int]
      var logits: [[Float]]
    }
    var model: String
    var cases: [Case]
  }

  @Test(.enabled(if: file != nil, "EXTEND_LOGITS names no file"))
  func `logits are those of transformers within 2e-3`() throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: URL(fileURLWithPath: try #require(Self.file))))
    let model = try ModelFile(path: expected.model).load().frozen()
    for c in expected.cases {
      let hidden = model.hidden(tokens: c.tokens)
      var worst: Float = 0
      for (position, theirs) in zip(c.positions, c.logits) {
        let ours = hidden.rows(position..<position + 1).linear(model.outputWeight).values
        #expect(ours.count == theirs.count)
        for (a, b) in zip(ours, theirs) { worst = max(worst, abs(a - b)) }
      }
      print("\(c.tokens.count) tokens, \(c.positions.count) positions: largest difference of a logit \(worst)")
      #expect(worst <= 2e-3)
    }
  }
}
