import Foundation
import TestSupport
import Testing
import Tokenization

/// Damaged tokenizer files: refused with a message or read, never a crash, a hang, or memory far beyond the file's size.
///
/// `Fuzzing` says how to run it for longer.
@Suite(.serialized) struct FuzzTests {
  /// The text that mutations of which little is left are encoded with.
  private static let text = "Hello  wörld <|im_end|> 123\n\u{301} ▁x 漢字 </s>"

  fileprivate static func run(
    _ name: String, _ sources: [[UInt8]], _ read: ([UInt8]) throws -> TokenizerDescription
  ) throws {
    try Fuzzing.run(
      name,
      input: { number, random in
        Fuzzing.damaged(sources[number % sources.count], fragments: Fuzzing.jsonFragments, using: &random)
      },
      read: { bytes in
        let tokenizer = try Tokenizer(try read(bytes))
        let ids = tokenizer.encode(text, parsingSpecials: true)
        _ = tokenizer.decode(ids, keepingSpecials: true)
      })
  }

  // Each in a process of its own, whose memory nothing else moves.

  @Test func mutatedTokenizerJSON() async {
    await #expect(processExitsWith: .success) {
      let sources = try HuggingFaceFixture.all.map { try HuggingFaceFixture($0).json }
      try FuzzTests.run("tokenizer.json", sources) { try TokenizerDescription(tokenizerJSON: $0) }
    }
  }

  @Test func mutatedConfigurations() async {
    await #expect(processExitsWith: .success) {
      let fixture = try HuggingFaceFixture("llama-3")
      let name = "tokenizer_config.json"
      let source = Array(try Data(contentsOf: fixture.folder.appending(path: name)))
      try FuzzTests.run("tokenizer_config.json", [source]) {
        try TokenizerDescription(tokenizerJSON: fixture.json, configurations: [(name, $0)])
      }
    }
  }

  @Test func mutatedTokenizerModels() async {
    await #expect(processExitsWith: .success) {
      try FuzzTests.run("tokenizer.model", [ModelFiles.sentencePiece, ModelFiles.tiktoken]) {
        try TokenizerDescription(tokenizerModel: $0)
      }
    }
  }
}
