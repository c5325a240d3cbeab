import Foundation
import TextCleaning
import Testing

@testable import Corpus

@Suite struct DataFormatTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func alpacaCompletionAndTextRecordsBecomeTurns() throws {
    let text = """
      {"instruction": "Add.", "input": "1 2", "output": "3"}
      {"instruction": "Say hi.", "input": "", "output": "hi"}
      {"output": "hi", "instruction": "Again."}
      {"prompt": "q", "completion": "a", "system": "S"}
      {"text": "words", "meta": {"text": "no"}}
      {"prompt": "p", "messages": [{"role": "user", "content": "c"}], "text": "rendered"}
      {"instruction": "i", "output": "o", "history": []}
      """
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(
      conversations.map(\.turns) == [
        [Turn(.user, "Add.\n\n1 2"), Turn(.assistant, "3")], [Turn(.user, "Say hi."), Turn(.assistant, "hi")],
        [Turn(.user, "Again."), Turn(.assistant, "hi")],
        [Turn(.system, "S"), Turn(.user, "q"), Turn(.assistant, "a")], [Turn(.text, "words")], [Turn(.user, "c")],
        [Turn(.user, "i"), Turn(.assistant, "o")],
      ])
    #expect(
      report.shapes == ["Alpaca": 4, "prompt and completion": 1, "plain text": 1, "OpenAI messages": 1])
    #expect(report.roles == ["user": 6, "assistant": 5, "system": 1, "text": 1])
    #expect(report.issueCounts.isEmpty)
  }

  @Test(arguments: [
    (
      #"{"messages": [{"role": "user", "content": "q"}, {"role": "tool", "content": "r"}]}"#, RecordProblem.Kind.toolUse
    ),
    (#"{"messages": [{"role": "assistant", "content": null, "tool_calls": [{"id": "1"}]}]}"#, .toolUse),
    (#"{"messages": [{"role": "assistant", "tool_calls": [{"id": "1"}], "content": "x"}]}"#, .toolUse),
    (#"{"messages": [{"role": "assistant", "content": null, "function_call": {"name": "f"}}]}"#, .toolUse),
    (#"{"conversations": [{"from": "function_call", "value": "x"}, {"from": "observation", "value": "y"}]}"#, .toolUse),
    (#"{"instruction": "q", "output": "a", "history": [["x", "y"]]}"#, .wrongType),
    (#"{"instruction": "q"}"#, .noTurnList), (#"{"instruction": "q", "output": 3}"#, .noTurnList),
    (#"{"text": ["a"]}"#, .noTurnList), (#"{"input": "q", "output": "a"}"#, .noTurnList),
  ])
  func whatIsNotReadIsRefusedByRecord(record: String, kind: RecordProblem.Kind) throws {
    let (conversations, report) = try readAll(folder.file("x", record + "\n" + record))
    #expect(conversations.isEmpty && report.issueCounts == [kind.rawValue: 2], "\(report.issueCounts)")
    #expect(report.firstIssues.map(\.location.line) == [1, 2])
  }

  @Test func definitionsOfToolsThatNobodyUsesAreLeftOutAndCounted() throws {
    let turns = #"{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "tool_calls": []}"#
    let text = "{\"tools\": [{\"name\": \"f\"}], \"messages\": [\(turns)]}\n{\"tools\": [], \"messages\": [\(turns)]}"
    let (conversations, report) = try readAll(folder.file("x", text))
    #expect(conversations.count == 2 && report.issueCounts == ["toolDefinitions": 1])
  }

  @Test func tooManyTurnsAreRefused() throws {
    let texts = Array(repeating: "\"\"", count: RecordBuilder.maximumTurns + 1).joined(separator: ",")
    let (conversations, report) = try readAll(folder.file("x", "[{\"data\": [\(texts)]}, {\"text\": \"a\"}]"))
    #expect(conversations.count == 1 && report.issueCounts == ["tooLong": 1])
  }

  // MARK: Plain text

  @Test(arguments: [
    (TextLayout.whole, ["\nOne\ntwo\n\nthree <|endoftext|>\n four\n"], [1]),
    (.blankLines, ["One\ntwo", "three <|endoftext|>\n four"], [2, 5]),
    (.endOfText, ["One\ntwo\n\nthree ", " four"], [2, 6]),
  ])
  func plainTextBecomesDocuments(layout: TextLayout, texts: [String], lines: [Int]) throws {
    let path = try folder.file("x", "\nOne\ntwo\n\nthree <|endoftext|>\n four\n")
    let reader = try ConversationReader(file: path, text: layout)
    var documents: [Conversation] = []
    while let next = try reader.next() { documents.append(next) }
    #expect(reader.report.format == .text)
    #expect(documents.map { $0.turns[0].content } == texts && documents.allSatisfy(\.isText))
    #expect(documents.map(\.location.line) == lines)
    let source = try SourceFile(path: path)
    for document in documents {
      #expect(try ConversationReader.conversation(at: document.location, in: source, format: .text) == document)
    }
  }

  @Test func textIsCutAcrossPiecesAndBadBytesArePlaced() throws {
    let long = String(repeating: "wörter und mehr\n", count: SourceFile.pieceLength / 8)
    let path = try folder.file("x", Array((long + "\n").utf8) + [0x61, 0xff, 0x62] + Array(("\n \n" + long).utf8))
    let reader = try ConversationReader(file: path, text: .blankLines)
    var texts: [String] = []
    while let next = try reader.next() { texts.append(next.turns[0].content) }
    #expect(texts == [String(long.dropLast()), String(long.dropLast())])
    #expect(reader.report.issueCounts == ["notUTF8": 1])
    #expect(reader.report.firstIssues[0].location.line == SourceFile.pieceLength / 8 + 2)
  }

  @Test func aTextLongerThanTheLimitIsLeftOutAndCounted() {
    var splitter = TextSplitter(.whole, start: 0, limit: 10)
    #expect(splitter.add(Array("0123456789abc".utf8)[...]).isEmpty)
    let documents = splitter.finish()
    #expect(documents.count == 1 && documents[0].bytes == 0..<13)
    guard case .failure(let problem) = documents[0].text else {
      Issue.record("\(documents)")
      return
    }
    #expect(problem.kind == .tooLong && problem.detail.contains("13 bytes"))
  }

  @Test(arguments: [
    ("[1] A footnote, and so on.", true), ("{curly} prose", true), ("Once upon a time", true), ("a b, c", true),
    ("id,text\n1,x", false), ("a\tb\tc\n", false), ("PAR1", false), ("some notes\n{\"messages\": []}\n", false),
    ("x\u{0}y", false), ("GGUF", false), ("\u{feff}words", true),
  ])
  func onlyProseIsTakenForPlainText(text: String, isText: Bool) throws {
    let path = try folder.file("x", text)
    if isText {
      #expect(try readAll(path).report.format == .text)
    } else {
      let error = #expect(throws: CorpusError.self) { try readAll(path) }
      #expect(error?.kind == .unknownFormat)
    }
  }

  // MARK: Gzip

  private let records = (0..<4000).map { #"{"id": "c\#($0)", "messages": [{"role": "user", "content": "q\#($0)"}]}"# }

  @Test func packedFilesOfEveryKindReadAsTheirContent() throws {
    let lines = records.joined(separator: "\n")
    for text in [lines, "[" + records.joined(separator: ",\n") + "]", "Prose, not JSON.\n\nMore of it."] {
      let plain = try readAll(folder.file("plain", text))
      let packed = try readAll(folder.file("packed.json", gzipped(Array(text.utf8))))
      #expect(packed.conversations.map(\.turns) == plain.conversations.map(\.turns))
      #expect(packed.conversations.map(\.location.line) == plain.conversations.map(\.location.line))
      #expect(packed.report.isPacked && !plain.report.isPacked && packed.report.ending == .whole)
      #expect(packed.report.bytes == text.utf8.count && packed.report.format == plain.report.format)
    }
  }

  @Test func membersBehindOneAnotherAndZeroBytesAreOneFile() throws {
    let half = records.count / 2
    let parts = [records[..<half], records[half...]].map { Array(($0.joined(separator: "\n") + "\n").utf8) }
    let path = try folder.file("x.gz", gzipped(parts[0]) + gzipped(parts[1]) + [0, 0, 0])
    let (conversations, report) = try readAll(path)
    #expect(conversations.map(\.id) == (0..<records.count).map { "c\($0)" } && report.ending == .whole)
  }

  @Test func aPackedFileCutOffAnywhereGivesItsWholeRecords() throws {
    let packed = gzipped(Array(records.joined(separator: "\n").utf8))
    for length in [11, 12, 60, 1000, 65_548, 65_600, packed.count - 8, packed.count - 1] {
      let path = try folder.file("cut", packed[..<length])
      guard length > 60 else {
        _ = try? readAll(path)
        continue
      }
      let (conversations, report) = try readAll(path)
      #expect(conversations.map(\.id) == (0..<conversations.count).map { "c\($0)" })
      #expect(report.ending != .whole && conversations.count > length / 100, "\(length): \(report.ending)")
    }
  }

  @Test func damagedPackedDataKeepWhatCameBeforeAndSayWhy() throws {
    var packed = gzipped(Array(records.joined(separator: "\n").utf8))
    packed[packed.count - 5] ^= 1  // the checksum
    let (conversations, report) = try readAll(folder.file("x", packed))
    #expect(conversations.count == records.count)
    #expect(report.warning?.contains("gzip") == true, "\(report.ending)")
    let trailing = try readAll(folder.file("y", gzipped(Array(records[0].utf8)) + Array("junk".utf8)))
    #expect(trailing.conversations.count == 1 && trailing.report.warning?.contains("behind the packed data") == true)
  }

  @Test func recordsOfAPackedFileCanBeReadAgain() throws {
    let path = try folder.file("x", gzipped(Array(records.joined(separator: "\n").utf8)))
    var report = CorpusReport()
    let index = try RecordIndex(
      files: [path], text: .whole, joinsParts: true, scratch: folder.path + "/scratch", &report, progress: { _ in })
    #expect(try index.conversation(3000).turns == [Turn(.user, "q3000")])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/scratch").isEmpty)
  }
}
