import Foundation
import Metrics

/// A record whose every value follows from its step; ten steps a stage.
func record(_ step: Int, loss: Double? = nil) -> StepRecord {
  StepRecord(
    step: step, stage: (step - 1) / 10 + 1, stageName: "1k \"chat\"\nsecond line", stepInStage: (step - 1) % 10 + 1,
    tokens: 4_096, labelledTokens: 1_000 + step, loss: loss ?? 3 / Double(step), learningRate: 2e-5,
    gradientNorm: 0.1 + Double(step), tokensPerSecond: 1_234.5, seconds: 3.25, peakRSSBytes: 1 << 30,
    etaStageSeconds: 12.5, etaRunSeconds: 100, time: Date(timeIntervalSince1970: 1_795_000_000 + Double(step)))
}

/// The text of a file.
func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
