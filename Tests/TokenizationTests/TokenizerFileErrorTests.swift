import Foundation
import TestSupport
import Testing

@testable import Tokenization

@Suite struct TokenizerFileErrorTests {
  /// A whole, tiny tokenizer.json with one part exchanged.
  private func json(_ part: String = "normalizer", _ value: String = "null", bytes: Bool = true) -> [UInt8] {
    var parts = [
      "added_tokens": #"[{"id":2,"content":"<s>","special":true}]"#, "normalizer": "null",
      "pre_tokenizer": #"{"type":"ByteLevel","add_prefix_space":false}"#, "post_processor": "null",
      "decoder": #"{"type":"ByteLevel"}"#,
      "model": #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":3},"merges":["a b"]}"#,
    ]
    parts[part] = value
    return Array("{\(parts.map { "\"\($0)\":\($1)" }.joined(separator: ","))}".utf8)
  }

  private func error(_ part: String, _ value: String) -> TokenizerFileError? {
    #expect(throws: TokenizerFileError.self) { try TokenizerDescription(tokenizerJSON: json(part, value), file: "t") }
  }

  @Test func theFileThatIsChangedBelowIsGood() throws {
    let description = try TokenizerDescription(tokenizerJSON: json())
    #expect(description.tokens == ["a", "b", "<s>", "ab"] && description.tokenTypes[2] == .control)
  }

  @Test(arguments: [
    ("model", #"{"type":"Unigram","vocab":[["a",0.0]]}"#, "Unigram"),
    ("model", #"{"type":"WordPiece","vocab":{},"merges":[]}"#, "WordPiece"),
    ("model", #"{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}"#, "0.1"),
    ("model", #"{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}"#, "</w>"),
    ("normalizer", #"{"type":"Lowercase"}"#, "Lowercase"),
    ("normalizer", #"{"type":"Sequence","normalizers":[{"type":"NFKC"}]}"#, "NFKC"),
    ("pre_tokenizer", #"{"type":"Whitespace"}"#, "Whitespace"),
    ("pre_tokenizer", #"{"type":"ByteLevel","add_prefix_space":true}"#, "add_prefix_space"),
    (
      "pre_tokenizer",
      #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"x+"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}"#,
      "x+"
    ), ("post_processor", #"{"type":"RobertaProcessing"}"#, "RobertaProcessing"),
    ("decoder", #"{"type":"WordPiece"}"#, "WordPiece"),
  ]) func whatIsNotSupportedIsRefusedByName(_ part: String, _ value: String, _ name: String) {
    let error = error(part, value)
    #expect(error?.kind == .unsupported && error?.found.contains(name) == true, "\(error as Any)")
    #expect(error?.key.hasPrefix(part) == true && error?.allowed.isEmpty == false && error?.repair.isEmpty == false)
  }

  @Test(arguments: [
    ("model", #"{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}"#, "model.merges[0]"),
    ("model", #"{"type":"BPE","vocab":{"a":0,"b":1},"merges":["ab"]}"#, "model.merges[0]"),
    ("model", #"{"type":"BPE","vocab":{"a":0,"b":1},"merges":[["a"]]}"#, "model.merges[0]"),
    ("model", #"{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}"#, "model.vocab"),
    ("model", #"{"type":"BPE","vocab":{"a":-1},"merges":[]}"#, "model.vocab"),
    ("model", #"{"type":"BPE","vocab":{"a":0.5},"merges":[]}"#, "model.vocab"),
    ("model", #"{"type":"BPE","vocab":{"a":2147483647},"merges":[]}"#, "model.vocab"),
    ("model", #"{"type":"BPE","merges":[]}"#, "model.vocab"), ("model", #"{"type":"BPE","vocab":{}}"#, "model.merges"),
    ("model", "null", "model"), ("added_tokens", #"[{"id":0,"content":"x"}]"#, "added_tokens[0]"),
    ("added_tokens", #"[{"content":"x"}]"#, "added_tokens[0]"),
    ("added_tokens", #"[{"id":7,"content":"ab"}]"#, "added_tokens"),
  ]) func contradictionsAreToldWithTheirKey(_ part: String, _ value: String, _ key: String) {
    let error = error(part, value)
    #expect(error?.kind == .invalid && error?.key == key, "\(error as Any)")
    #expect(error?.description.contains("t, \(key)") == true)
  }

  @Test(arguments: ["tokenizer.json", "tokenizer.model"])
  func aFileLargerThanAnyTokenizerIsRefusedBeforeItIsRead(name: String) throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/" + name
      try Data(json()).write(to: URL(filePath: path))
      // A hole takes no room on the disk.
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: UInt64(TokenizerDescription.mostFileBytes) + 1)
      try file.close()
      let error = #expect(throws: TokenizerFileError.self) { try TokenizerDescription(huggingFaceFolder: folder) }
      #expect(error?.description.hasPrefix("\(path): found 268435457 bytes; allowed: at most 268435456. ") == true)
    }
  }

  @Test func brokenTextIsToldWithItsByte() throws {
    let good = json()
    for length in 0..<good.count {
      let error = #expect(throws: TokenizerFileError.self) {
        try TokenizerDescription(tokenizerJSON: Array(good[..<length]))
      }
      #expect((error?.byte ?? 0) <= length)
    }
    #expect(throws: TokenizerFileError.self) { try TokenizerDescription(tokenizerJSON: good + [0x5D]) }
    for text in [#"{"a":"\ud800"}"#, "{\"a\":\"\u{1}\"}", #"{"a":01x}"#, #"{"a":.5}"#, #"{"a":nul}"#] {
      #expect(throws: TokenizerFileError.self) { try TokenizerDescription(tokenizerJSON: Array(text.utf8)) }
    }
    let deep = Array(String(repeating: "[", count: 100_000).utf8)
    #expect(throws: TokenizerFileError.self) { try TokenizerDescription(tokenizerJSON: Array("{\"x\":".utf8) + deep) }
  }

  @Test(arguments: [
    ("added_tokens", #"[{"id":"2","content":"<s>"}]"#, "added_tokens[0].id", #""2""#, TokenizerFileError.Kind.invalid),
    ("added_tokens", #"[{"id":2,"content":"<s>"},{"id":3}]"#, "added_tokens[1]", "an object without", .invalid),
    ("model", #"{"vocab":{"a":0},"merges":["a b",7]}"#, "model.merges[1]", "7]", .invalid),
    ("model", #"{"vocab":{"a":0},"merges":["a b",["a ","b"]]}"#, "model.merges[1]", #""a ""#, .invalid),
    ("model", #"{"vocab":{"a":0},"merges":["a b" "a b"]}"#, "model.merges", "a b", .syntax),
    ("model", #"{"vocab":{"a":"0"},"merges":[]}"#, "model.vocab", #""0""#, .invalid),
    ("model", #"{"vocab":[],"merges":[]}"#, "model.vocab", "[]", .invalid),
    ("model", #"{"type":"BPE","type":"BPE"}"#, "model.type", "a second time", .syntax),
  ]) func everyFaultHasItsKeyAndByte(
    _ part: String, _ value: String, _ key: String, _ found: String, _ kind: TokenizerFileError.Kind
  ) throws {
    let bytes = json(part, value)
    let error = error(part, value)
    #expect(error?.key == key && error?.found.contains(found) == true && error?.kind == kind, "\(error as Any)")
    let byte = try #require(error?.byte)
    #expect(bytes.indices.contains(byte), "\(error as Any)")
  }

  @Test func textsThatOnlyLookAlikeAreTwoTokens() throws {
    let model = "{\"type\":\"BPE\",\"vocab\":{\"\u{e9}\":0,\"e\u{301}\":1,\"x\":3},\"merges\":[]}"
    let description = try TokenizerDescription(tokenizerJSON: [0xEF, 0xBB, 0xBF] + json("model", model))
    #expect(description.tokens[0].utf8.count == 2 && description.tokens[1].utf8.count == 3)
    let again = try TokenizerDescription(tokenizerJSON: description.tokenizerJSON())
    #expect(zip(again.tokens, description.tokens).allSatisfy { $0.utf8.elementsEqual($1.utf8) })
  }

  @Test func aFloodOfValuesInAPartIsRefused() {
    let error = error("normalizer", "[" + String(repeating: "[],", count: 60_000) + "[]]")
    #expect(error?.kind == .invalid && error?.key == "normalizer" && error?.allowed == "at most 50000 values")
  }

  @Test func ignoreMergesMattersOnlyWhereMergesFallShort() throws {
    let ids = #""a":0,"b":1,"ab":3"#
    let whole = #"{"type":"BPE","ignore_merges":true,"vocab":{\#(ids)},"merges":["a b"]}"#
    _ = try TokenizerDescription(tokenizerJSON: json("model", whole))
    let short = #"{"type":"BPE","ignore_merges":true,"vocab":{\#(ids),"ba":4},"merges":["a b"]}"#
    #expect(error("model", short)?.key == "model.ignore_merges")
  }

  @Test func aSentencePieceModelIsRead() throws {
    let description = try TokenizerDescription(tokenizerModel: ModelFiles.sentencePiece)
    #expect(description.model == .sentencePieceBPE && description.tokens.count == 266 && description.addsSpacePrefix)
    #expect(description.bos == 1 && description.eos == 2 && description.unknown == 0 && description.padding == nil)
    let tokenizer = try Tokenizer(description)
    #expect(tokenizer.encode("ab é!", parsingSpecials: true) == [261, 262, 265, 36])
  }

  @Test func aTiktokenModelIsReadWithMergesOfItsRanks() throws {
    let description = try TokenizerDescription(tokenizerModel: ModelFiles.tiktoken)
    #expect(description.model == .byteLevelBPE(.llamaBPE) && description.tokens.count == 261 + 256)
    #expect(description.tokens[261] == "<|begin_of_text|>" && description.bos == 261 && description.eot == 261 + 9)
    #expect(description.merges == ["Ġ a", "a b", "Ġ ab", "Ġa b", "a bc", "ab c", "b c"])
    let tokenizer = try Tokenizer(description)
    #expect(tokenizer.encode(" ab abc bc<|eot_id|>", parsingSpecials: true) == [258, 258, 99, 32, 260, 270])
  }
}
