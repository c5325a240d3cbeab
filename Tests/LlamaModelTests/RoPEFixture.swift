import Foundation
import LlamaModel

/// `Fixtures/rope.json`, made by `Scripts/make-rope-fixtures.py` with transformers and mpmath.
struct RoPEFixture: Decodable {
  struct Frequencies: Decodable, CustomStringConvertible {
    var name: String
    var headSize: Int
    var theta: Double
    var context: Int
    var sequenceLength: Int
    var inverseFrequencies: [Double]
    var magnitude: Double
    var description: String { name }
  }
  struct FarPosition: Decodable {
    var theta: Double
    var headSize: Int
    var position: Int
    var cos: [Double]
    var sin: [Double]
  }
  var shortFactors: [Double]
  var longFactors: [Double]
  var frequencies: [Frequencies]
  var farPositions: [FarPosition]

  static func load() throws -> RoPEFixture {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/rope.json")
    return try JSONDecoder().decode(RoPEFixture.self, from: Data(contentsOf: file))
  }
}
