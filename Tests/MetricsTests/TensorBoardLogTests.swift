import Foundation
import TestSupport
import Testing

@testable import Metrics

struct TensorBoardLogTests {
  private let time = Date(timeIntervalSince1970: 1_234_567_890.5)

  /// The vectors of RFC 3720, appendix B.4, and the check value that CRC catalogues give.
  @Test func checksumsAreThoseOfTheStandard() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(0..<32) == 0x46DD_794E)
    #expect(CRC32C.checksum((0..<32).reversed()) == 0x113F_DB5C)
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// `Scripts/tensorboard-oracle.py golden` gave these bytes.
  @Test func aRecordIsByteForByteWhatTensorBoardWrites() throws {
    let expected =
      "2100000000000000017becf6090000a0b48065d24110ac022a130a110a0a747261696e2f6c6f737315000020401e6d195a"
    try withTemporaryDirectory { folder in
      let log = try TensorBoardLog(folder: folder, resumingAfter: 0, at: time)
      let head = try Data(contentsOf: URL(fileURLWithPath: log.path))
      try log.append([.init("train/loss", 2.5)], step: 300, at: time)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: log.path))
      #expect(bytes.starts(with: head))
      #expect(bytes.dropFirst(head.count).map { String(format: "%02x", $0) }.joined() == expected)
    }
  }

  @Test func fileNamesSortInTheOrderOfWriting() throws {
    try withTemporaryDirectory { folder in
      for step in 0..<4 {  // in the same second, and once with a clock that went back
        _ = try TensorBoardLog(folder: folder, resumingAfter: step, at: step == 2 ? time - 3_600 : time)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
          "events.out.tfevents.1234567890.extend", "events.out.tfevents.1234567891.extend",
          "events.out.tfevents.1234567892.extend", "events.out.tfevents.1234567893.extend",
        ])
    }
    #expect(
      TensorBoardLog.fileName(at: .init(timeIntervalSince1970: 5), after: []) == "events.out.tfevents.0000000005.extend"
    )
    #expect(
      TensorBoardLog.fileName(at: time, after: ["notes.txt", "events.out.tfevents.x"]).contains(".1234567890."))
  }

  @Test func aFolderThatIsAFileIsAnError() throws {
    try withTemporaryDirectory { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let error = #expect(throws: MetricsError.self) {
        _ = try TensorBoardLog(folder: folder + "/file", resumingAfter: 0, at: time)
      }
      #expect(error?.path == folder + "/file")
    }
  }

  /// A run killed in the middle of the record of step 9, resumed from its checkpoint at step 5, as TensorBoard shows it.
  @Test(.enabled(if: oraclePython != nil, "EXTEND_ORACLE_PYTHON names no Python with tensorboard"))
  func tensorBoardShowsAResumedRunWithoutGapOrRepeat() throws {
    try withTemporaryDirectory { folder in
      let first = try TensorBoardLog(folder: folder, resumingAfter: 0, at: time)
      for step in 1...9 { try first.append(record(step, loss: 100)) }
      let torn = try Data(contentsOf: URL(fileURLWithPath: first.path)).dropLast(20)
      try torn.write(to: URL(fileURLWithPath: first.path))
      let second = try TensorBoardLog(folder: folder, resumingAfter: 5, at: time)
      for step in 6...7 { try second.append(record(step, loss: 0.5)) }

      let process = Process()
      let output = Pipe()
      let script = URL(fileURLWithPath: #filePath + "/../../../Scripts/tensorboard-oracle.py").standardizedFileURL
      process.executableURL = URL(fileURLWithPath: try #require(oraclePython))
      process.arguments = [script.path, "read", folder]
      process.standardOutput = output
      try process.run()
      let shown = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let lines = shown.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      #expect(Set(lines.map { $0[0] }).count == 4)
      let losses = lines.filter { $0[0] == "train/loss" }
      #expect(losses.map { Int($0[1]) } == [1, 2, 3, 4, 5, 6, 7])
      #expect(losses.map { Double($0[2]) } == [100, 100, 100, 100, 100, 0.5, 0.5])
      let norms = lines.filter { $0[0] == "train/gradient_norm" }.map { Double($0[2]) }
      #expect(norms == (1...7).map { Double(Float(0.1 + Double($0))) })
    }
  }
}

private let oraclePython = ProcessInfo.processInfo.environment["EXTEND_ORACLE_PYTHON"]
