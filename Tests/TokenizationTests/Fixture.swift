import Foundation
import Tokenization

/// A tokenizer with the ids that llama.cpp gives some texts; made by Scripts/make-tokenizer-fixtures.py.
struct Fixture: Decodable {
  struct Case: Decodable {
    var text: String
    /// With control tokens parsed.
    var ids: [TokenID]
    /// Without, where that differs.
    var plain: [TokenID]?
  }

  var model: String
  var pre: String
  var tokens: [String]
  var types: [Int32]
  var scores: [Float]
  var merges: [String]
  var bos: TokenID?
  var eos: TokenID?
  var addsSpacePrefix: Bool
  var cases: [Case]

  static let byteLevel = ["smollm", "llama-bpe", "gpt-2", "qwen2", "default"]
  static let sentencePiece = ["sentencepiece", "sentencepiece-crossing"]
  static let all = byteLevel + sentencePiece

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    self = try Fixture(contentsOf: folder.appending(path: "\(name).json"))
  }

  init(contentsOf url: URL) throws { self = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url)) }

  func description() throws -> TokenizerDescription {
    TokenizerDescription(
      model: model == "llama" ? .sentencePieceBPE : .byteLevelBPE(try PreTokenizer(ggufName: pre)),
      tokens: tokens, tokenTypes: types.map { TokenType(rawValue: $0) ?? .normal }, scores: scores, merges: merges,
      bos: bos, eos: eos, addsSpacePrefix: addsSpacePrefix)
  }

  func tokenizer() throws -> Tokenizer { try Tokenizer(description()) }
}
