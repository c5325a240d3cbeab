import Foundation
import Testing

@testable import Corpus

private let shareGPT = """
  [
    {"id": "a_0", "model": {"name": ["x", {"y": null}]}, "conversations": [
      {"from": "human", "value": "Grüße \\u00fc \\ud83d\\ude00", "markdown": null},
      {"from": "gpt", "value": "Hello"}]},
    {"id": 7, "conversations": [
      {"from": "system", "value": "Be brief."}, {"value": "Why?", "from": "user"}, {"from": "bing", "value": "So."}]}
  ]
  """

@Suite struct ConversationReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aShareGPTArrayGivesItsConversationsWithTheirPlaces() throws {
    let (conversations, report) = try readAll(folder.file("x.bin", shareGPT))
    #expect(report.format == .array)
    #expect(report.ending == .whole)
    #expect(report.bytes == shareGPT.utf8.count)
    #expect(conversations.map(\.id) == ["a_0", "7"])
    #expect(conversations[0].turns == [Turn(.user, "Grüße ü 😀"), Turn(.assistant, "Hello")])
    #expect(conversations[1].turns.map(\.role) == [.system, .user, .assistant])
    #expect(conversations.map(\.location.line) == [2, 5])
    #expect(conversations.map(\.location.record) == [1, 2])
    let bytes = Array(shareGPT.utf8)
    for conversation in conversations {
      let record = bytes[conversation.location.bytes]
      #expect(record.first == UInt8(ascii: "{") && record.last == UInt8(ascii: "}"))
    }
  }

  @Test func aRecordCanBeReadAgainByItsPlace() throws {
    let path = try folder.file("x.json", shareGPT)
    let source = try SourceFile(path: path)
    for conversation in try readAll(path).conversations.reversed() {
      #expect(
        try ConversationReader.conversation(at: conversation.location, in: source, format: .array) == conversation)
    }
    _ = try folder.file("x.json", shareGPT.replacing("Be brief", with: "{{{"))
    let place = RecordLocation(file: path, bytes: 0..<20, line: 1, record: 1)
    #expect(throws: CorpusError.self) {
      try ConversationReader.conversation(at: place, in: SourceFile(path: path), format: .array)
    }
  }

  @Test func openAIMessagesMayHavePartsTrainAndWeight() throws {
    let text = """
      {"messages": [{"role": "developer", "content": "D"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, {"role": "assistant", "content": "x", "weight": 0}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "y", "train": true, "weight": 1}]}
      {"id": "u", "data": ["q", "r", "s", "t"]}

      {"messages": [{"role": "user", "content": "c"}, {"role": "assistant", "content": "z", "train": false}]}
      """
    let (conversations, report) = try readAll(folder.file("x.jsonl", text))
    #expect(report.format == .lines)
    #expect(
      conversations.map(\.turns) == [
        [
          Turn(.system, "D"), Turn(.user, "ab"), Turn(.assistant, "x", isTrained: false), Turn(.user, "c"),
          Turn(.assistant, "y"),
        ],
        [Turn(.user, "q"), Turn(.assistant, "r"), Turn(.user, "s"), Turn(.assistant, "t")],
        [Turn(.user, "c"), Turn(.assistant, "z", isTrained: false)],
      ])
    #expect(conversations.map(\.location.line) == [1, 2, 4])
    #expect(report.ending == .whole)
  }

  @Test func aByteOrderMarkWindowsLineEndsAndASystemKeyAreUnderstood() throws {
    let text = "\u{feff}{\"system\": \"S\", \"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}\r\n\r\n"
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(conversations.map(\.turns) == [[Turn(.system, "S"), Turn(.user, "q")]])
    #expect(conversations[0].location.bytes.lowerBound == 3)
    #expect(report.records == 1)
    #expect(try readAll(folder.file("y", "\u{feff}" + shareGPT)).conversations.count == 2)
  }

  @Test func aBadLineDoesNotStopTheFileAndIsPlaced() throws {
    let good = #"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}"#
    let text = [
      good, "{\"messages\": [", good, "{\"messages\": ]}", "not json", good + good, "[1, [2], {}]", "12", good, "{}",
    ].joined(separator: "\n")
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(conversations.map(\.location.line) == [1, 3, 9])
    #expect(report.records == 10)
    #expect(report.conversations == 3 && report.records == 10)
    #expect(report.issueCounts == ["syntax": 4, "notAnObject": 2, "noTurnList": 1])
    #expect(report.firstIssues.map(\.location.line) == [2, 4, 5, 6, 7, 8, 10])
    #expect(report.firstIssues.map(\.location.record) == [2, 4, 5, 6, 7, 8, 10])
    #expect(report.ending == .whole)
  }

  @Test(arguments: [
    (#"{"conversations": []}"#, RecordProblem.Kind.noTurns),
    (#"{"conversations": {}}"#, .noTurnList),
    (#"{"conversations": [{"from": "human", "value": "q"}], "messages": []}"#, .wrongType),
    (#"{"conversations": ["q"]}"#, .wrongType),
    (#"{"conversations": [["q"], {"from": "human", "value": "q"}]}"#, .wrongType),
    (#"{"conversations": [{"from": "human"}]}"#, .missingField),
    (#"{"conversations": [{"value": "q"}]}"#, .missingField),
    (#"{"conversations": [{"from": "human", "value": 3}]}"#, .wrongType),
    (#"{"conversations": [{"from": {"a": [1]}, "value": "q"}]}"#, .wrongType),
    (#"{"conversations": [{"from": "narrator", "value": "q"}]}"#, .unknownRole),
    (#"{"messages": [{"role": "assistant", "content": null, "tool_calls": []}]}"#, .wrongType),
    (#"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}"#, .wrongType),
    (#"{"messages": [{"role": "user", "content": [["x"]]}]}"#, .wrongType),
    (#"{"messages": [{"role": "user", "content": "q", "train": "yes"}]}"#, .wrongType),
    (#"{"data": ["q", 3]}"#, .wrongType),
    (#"{"prompt": "q"}"#, .noTurnList),
    (#"[[]]"#, .notAnObject),
  ])
  func aMalformedRecordIsCountedByItsReason(record: String, kind: RecordProblem.Kind) throws {
    let good = #"{"messages": [{"role": "user", "content": "q"}]}"#
    for text in ["[\(record), \(good), \(record)]", "\(good)\n\(record)\n\(good)\n\(record)"] {
      let (conversations, report) = try readAll(folder.file("x", text))
      #expect(report.issueCounts == [kind.rawValue: 2], "\(text)")
      #expect(conversations.count == (text.first == "[" ? 1 : 2))
      #expect(report.ending == .whole)
    }
  }

  @Test func emptyTurnsAreCountedButKept() throws {
    let text = #"[{"conversations": [{"from": "human", "value": " \n"}, {"from": "gpt", "value": "a"}]}]"#
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(conversations.count == 1)
    #expect(report.issueCounts == ["emptyTurn": 1])
    #expect(report.firstIssues[0].description.contains("line 1, byte 1, record 1: turn 1 of 2 is empty"))
  }

  @Test func aSyntaxErrorInAnArrayKeepsTheRecordsBeforeItAndSaysWhere() throws {
    let good = #"{"messages": [{"role": "user", "content": "q"}]}"#
    let text = "[\(good),\n\(good),\n{\"messages\": oops},\n\(good)]"
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(conversations.count == 2)
    guard case .broken(let byte, let line, let record, let reason) = report.ending else {
      Issue.record("\(report.ending)")
      return
    }
    let place = text.prefix(while: { $0 != "p" }).utf8.count - 2
    #expect((place...place + 1).contains(byte))
    #expect(line == 3 && record == 3)
    #expect(!reason.isEmpty)
    #expect(report.warning?.contains("byte \(byte), line 3, in record 3") == true)
  }

  @Test func contentBehindTheArrayIsReported() throws {
    let text = "[{\"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}] x"
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(conversations.count == 1)
    guard case .broken = report.ending else {
      Issue.record("\(report.ending)")
      return
    }
  }

  @Test func aFileCutAtAnyByteGivesExactlyTheRecordsThatAreWhole() throws {
    let records = """
      {"id": "a", "messages": [{"role": "user", "content": "ü\\n"}, {"role": "assistant", "content": "a"}]}

      {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "\\ud83d\\ude00"}]}\n
      """
    for (text, isArray) in [(shareGPT, true), (records, false)] {
      let bytes = Array(text.utf8)
      let path = try folder.file("whole", text)
      let whole = try readAll(path)
      #expect(whole.report.ending == .whole && whole.conversations.count >= 2)
      #expect(whole.report.records == whole.report.conversations)
      for length in 1..<bytes.count {
        let expected = whole.conversations.filter { $0.location.bytes.upperBound <= length }
        guard bytes[..<length].contains(where: { $0 != 0x20 && $0 != 0x0a }) else { continue }
        let (conversations, report) = try readAll(folder.file("cut", bytes[..<length]))
        #expect(conversations.map(\.turns) == expected.map(\.turns), "\(length)")
        #expect(report.records == report.conversations)
        let isInside = whole.conversations.contains {
          $0.location.bytes.lowerBound < length && length < $0.location.bytes.upperBound
        }
        if isArray || isInside {
          guard case .cutOff(let byte, _, let record, let start) = report.ending else {
            Issue.record("length \(length): \(report.ending)")
            return
          }
          #expect(byte == length && record == expected.count + 1)
          if isInside { #expect(start == whole.conversations[expected.count].location.bytes.lowerBound) }
        } else {
          #expect(report.ending == .whole)
        }
      }
    }
  }

  @Test func recordsLongerThanAPieceAreReadAcrossPieces() throws {
    let long = String(repeating: "wörter ", count: SourceFile.pieceLength / 3)
    let record = #"{"messages": [{"role": "user", "content": "\#(long)"}, {"role": "assistant", "content": "ok"}]}"#
    for (text, lines) in [("[\n" + record + ",\n" + record + "]", [2, 3]), (record + "\n" + record, [1, 2])] {
      let (conversations, report) = try readAll(folder.file("x", text))
      #expect(conversations.map(\.turns[0].content) == [long, long])
      #expect(conversations.map(\.location.line) == lines)
      #expect(report.bytes == text.utf8.count)
    }
  }

  @Test func linesAreCountedAcrossPieces() throws {
    let record = "{\"messages\":\n\n[\n{\"role\":\n\"user\",\"content\":\"q\"}\n]\n}"
    let count = SourceFile.pieceLength / 20
    let text = "[\n" + Array(repeating: record, count: count).joined(separator: ",\n\n") + ",\n{"
    let (conversations, report) = try readAll(folder.file("x", text))
    let perRecord = record.count { $0 == "\n" } + 2
    #expect(conversations.map(\.location.line) == (0..<count).map { 2 + $0 * perRecord })
    let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
    let ending = ReadingReport.Ending.cutOff(
      byte: text.utf8.count, line: lines, record: count + 1, recordStart: text.utf8.count - 1)
    #expect(report.ending == ending)
  }

  @Test(arguments: [
    ("", CorpusError.Kind.emptyFile), (" \n ", .emptyFile), ("id,text\n1,x", .unknownFormat),
    ("\u{1f}\u{8b}", .unknownFormat),
  ])
  func aFileThatIsNotConversationsIsRefusedWithItsFirstBytes(text: String, kind: CorpusError.Kind) throws {
    let path = try folder.file("x.jsonl", text)
    let error = #expect(throws: CorpusError.self) { try readAll(path) }
    #expect(error?.kind == kind)
    #expect(error?.description.contains("JSON Lines") == true && error?.description.contains(path) == true)
    if text.hasPrefix("id") { #expect(error?.found.contains("id,text") == true) }
  }

  @Test func aMissingFileAFolderAndAPipeAreRefused() throws {
    #expect(throws: CorpusError.self) { try readAll(folder.path + "/none") }
    let error = #expect(throws: CorpusError.self) { try readAll(folder.path) }
    #expect(error?.kind == .unreadable)
    // Nobody writes to the pipe: opening it would wait for ever.
    try #require(mkfifo(folder.path + "/pipe", 0o600) == 0)
    let refusal = #expect(throws: CorpusError.self) { try readAll(folder.path + "/pipe") }
    #expect(refusal?.kind == .unreadable && refusal?.found == "a pipe or a device")
  }

  @Test func hostileBytesNeitherCrashNorHang() throws {
    var generator = KeyedGenerator(seed: 1, purpose: .pieces, step: 0)
    let seeds = [shareGPT, #"{"messages": [{"role": "user", "content": "\ud83d \udc00 \ud83d\ude00"}]}"#]
    for text in seeds {
      let bytes = Array(text.utf8)
      for _ in 0..<400 {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          changed[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let path = try folder.file("x", changed)
        if let (conversations, report) = try? readAll(path) {
          #expect(conversations.count <= 2 + report.records)
        }
      }
    }
    let deep = String(repeating: "[", count: 100_000)
    let (conversations, report) = try readAll(folder.file("deep", "[" + deep))
    #expect(conversations.isEmpty)
    #expect(report.warning?.contains("nested deeper") == true)
  }
}
