import Foundation
import Tokenization

/// A `tokenizer.json` with the ids that the tokenizers library gives some texts; made by
/// Scripts/make-tokenizer-json-fixtures.py.
struct HuggingFaceFixture {
  struct Case: Decodable {
    var text: String
    var ids: [TokenID]
  }

  static let byteLevel = ["llama-3", "qwen2", "smollm2", "gpt2", "deepseek-llm", "deepseek-coder", "tekken"]
  static let sentencePiece = ["tinyllama", "mistral", "metaspace", "yi", "phi-3"]
  static let all = byteLevel + sentencePiece

  let folder: URL
  let json: [UInt8]
  let cases: [Case]

  init(_ name: String) throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    folder = here.appending(path: "Fixtures/huggingface/\(name)")
    json = Array(try Data(contentsOf: folder.appending(path: "tokenizer.json")))
    cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: folder.appending(path: "cases.json")))
  }

  func description() throws -> TokenizerDescription { try TokenizerDescription(huggingFaceFolder: folder.path) }
}
