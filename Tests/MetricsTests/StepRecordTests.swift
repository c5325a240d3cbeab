import Foundation
import Testing

@testable import Metrics

struct StepRecordTests {
  @Test func aRecordIsOneLineOfJSONWithEveryKey() throws {
    let line = try record(3).jsonLine()
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "step", "stage", "stageName", "stepInStage", "tokens", "labelledTokens", "loss", "learningRate", "gradientNorm",
        "tokensPerSecond", "seconds", "peakRSSBytes", "etaStageSeconds", "etaRunSeconds", "time",
      ])
    #expect(object["time"] as? String == "2026-11-18T11:06:43Z")
  }

  @Test(arguments: [1.0 / 3, 0.1 + 0.2, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 123_456_789.123])
  func aLossComesBackBitForBit(loss: Double) throws {
    let written = record(1, loss: loss)
    #expect(try StepRecord(jsonLine: written.jsonLine()) == written)
  }

  @Test func whatIsNotFiniteIsWrittenAsAString() throws {
    let line = String(decoding: try record(1, loss: .nan).jsonLine(), as: UTF8.self)
    #expect(line.contains(#""loss":"NaN""#))
    #expect(try StepRecord(jsonLine: Data(line.utf8)).loss.isNaN)
    #expect(try StepRecord(jsonLine: record(1, loss: -.infinity).jsonLine()).loss == -.infinity)
  }

  @Test func timeIsRoundedDownToASecond() {
    var record = record(1)
    record = StepRecord(
      step: 1, stage: 1, stageName: "", stepInStage: 1, tokens: 1, labelledTokens: 1, loss: 1, learningRate: 1,
      gradientNorm: 1, tokensPerSecond: 1, seconds: 1, peakRSSBytes: 1, etaStageSeconds: 1, etaRunSeconds: 1,
      time: Date(timeIntervalSince1970: 7.9))
    #expect(record.time == Date(timeIntervalSince1970: 7))
  }
}
