import Foundation
import TestSupport
import Testing

@testable import Metrics

struct MetricsLogTests {
  /// Writes steps `first...last` to a log that goes on after `first - 1`.
  private func write(_ steps: ClosedRange<Int>, to path: String) throws {
    var log = try MetricsLog(path: path, resumingAfter: steps.lowerBound - 1)
    for step in steps { try log.append(record(step)) }
  }

  @Test func everyLineCanBeReadAtOnceByOthers() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/metrics.jsonl"
      var log = try MetricsLog(path: path, resumingAfter: 0)
      #expect(try MetricsLog.records(at: path).isEmpty)
      #expect(try MetricsLog.lastRecord(at: path) == nil)
      for step in 1...5 {
        try log.append(record(step))
        #expect(try MetricsLog.records(at: path).map(\.step) == Array(1...step))
        #expect(try MetricsLog.lastRecord(at: path) == record(step))
      }
      try log.synchronize()
      #expect(log.lastStep == 5)
    }
  }

  @Test func aResumedFileIsByteForByteTheUninterruptedOne() throws {
    try withTemporaryDirectory { folder in
      let whole = folder + "/whole.jsonl"
      let resumed = folder + "/resumed.jsonl"
      try write(1...20, to: whole)
      try write(1...13, to: resumed)
      let killed = try FileHandle(forWritingTo: URL(fileURLWithPath: resumed))
      try killed.seekToEnd()
      try killed.write(contentsOf: Data(#"{"etaRunSec"#.utf8))  // the line that a kill cut off
      var log = try MetricsLog(path: resumed, resumingAfter: 8)
      #expect(log.resumption == .init(kept: 8, removed: 5, tornBytes: 11, missing: 0))
      for step in 9...20 { try log.append(record(step)) }
      #expect(try text(resumed) == text(whole))
    }
  }

  @Test func aFileCutOffAtAnyByteResumes() throws {
    try withTemporaryDirectory { folder in
      let whole = folder + "/whole.jsonl"
      let cut = folder + "/cut.jsonl"
      try write(1...3, to: whole)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
      for length in stride(from: 0, through: bytes.count, by: 7) {
        try bytes.prefix(length).write(to: URL(fileURLWithPath: cut))
        let lines = bytes.prefix(length).filter { $0 == UInt8(ascii: "\n") }.count
        #expect(try MetricsLog.lastRecord(at: cut)?.step == (lines == 0 ? nil : lines))
        #expect(try MetricsLog(path: cut, resumingAfter: lines).resumption.kept == lines)
        try write(lines + 1...4, to: cut)
        #expect(try MetricsLog.records(at: cut).map(\.step) == [1, 2, 3, 4])
      }
    }
  }

  @Test func theSameResumeTwiceChangesNothing() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/metrics.jsonl"
      try write(1...6, to: path)
      #expect(try MetricsLog(path: path, resumingAfter: 4).resumption.removed == 2)
      let once = try text(path)
      #expect(try MetricsLog(path: path, resumingAfter: 4).resumption == .init(kept: 4))
      #expect(try text(path) == once)
    }
  }

  @Test func aLostFileIsReportedAsMissingSteps() throws {
    try withTemporaryDirectory { folder in
      let log = try MetricsLog(path: folder + "/metrics.jsonl", resumingAfter: 12)
      #expect(log.resumption == .init(missing: 12))
      #expect(log.lastStep == 12)
    }
  }

  @Test func aDamagedLineIsNamedAndTheFileLeftAlone() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/metrics.jsonl"
      try write(1...3, to: path)
      let damaged = try text(path).replacingOccurrences(of: #""step":2"#, with: #""step":}"#)
      try damaged.write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: MetricsError.self) { _ = try MetricsLog(path: path, resumingAfter: 3) }
      #expect(error?.line == 2)
      #expect(error?.description.hasPrefix(path + ":2: not the record of a step") == true)
      #expect(try text(path) == damaged)
    }
  }

  @Test func stepsThatDoNotRiseAreRefused() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/metrics.jsonl"
      try write(1...3, to: path)
      let once = try text(path)
      try (once + once).write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: MetricsError.self) { try MetricsLog.records(at: path) }
      #expect(error?.line == 4)
      #expect(error?.message.hasPrefix("step 1 follows step 3") == true)
    }
  }

  @Test func theLastRecordIsFoundInALongFile() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/metrics.jsonl"
      try write(1...500, to: path)  // longer than the part that is read
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > 2 * 65_536)
      #expect(try MetricsLog.lastRecord(at: path)?.step == 500)
    }
  }

  @Test func theLastRecordIsFoundWhenItIsLongerThanThePartThatIsRead() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/metrics.jsonl"
      try write(1...2, to: path)
      var long = record(3)
      long.stageName = String(repeating: "n", count: 100_000)
      var log = try MetricsLog(path: path, resumingAfter: 2)
      try log.append(long)
      #expect(try MetricsLog.lastRecord(at: path) == long)
    }
  }

  @Test func aFileThatIsNotThereYetHasNoLastRecord() throws {
    let last = try withTemporaryDirectory { folder in try MetricsLog.lastRecord(at: folder + "/metrics.jsonl") }
    #expect(last == nil)
  }

  @Test func aFolderThatIsNotThereIsAnErrorWithThePath() {
    let error = #expect(throws: MetricsError.self) {
      _ = try MetricsLog(path: "/nonexistent/metrics.jsonl", resumingAfter: 0)
    }
    #expect(error?.description.hasPrefix("/nonexistent/metrics.jsonl: cannot be created") == true)
  }

  @Test func aGapTraps() async {
    await #expect(processExitsWith: .failure) {
      try withTemporaryDirectory { folder in
        var log = try MetricsLog(path: folder + "/metrics.jsonl", resumingAfter: 4)
        try log.append(record(6))
      }
    }
  }
}
