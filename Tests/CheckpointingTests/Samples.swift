import Foundation
import TensorCore

@testable import Checkpointing

/// A small checkpoint; every number depends on `step`.
func sample(stage: Int = 0, step: Int) -> Checkpoint {
  Checkpoint(
    position: CheckpointPosition(
      stageIndex: stage, stageName: "to 65,536 – größer", stepInStage: step, globalStep: 100 * stage + step,
      tokensSeen: 1_048_576 * step, labelledTokensSeen: 1000 * step),
    state: [
      CheckpointKey.optimizerStep: .integer(Int64(step)), CheckpointKey.seed: .integer(-7),
      CheckpointKey.dataFingerprint: .string("ab12"), "keys": .integers([1, .max]), "learning_rate": .real(2e-5),
    ],
    documents: [
      CheckpointKey.recipe: Array("stages: []\n".utf8), CheckpointKey.tokenizer: [0, 255, 1], "empty": [],
    ])
}

func sampleTensors(step: Int, width: Int = 5) -> [CheckpointTensor] {
  let odd: [Float] = [-0.0, .nan, .infinity, .leastNonzeroMagnitude]
  return [TensorRole.weight, .firstMoment, .secondMoment].enumerated().flatMap { index, role in
    [
      CheckpointTensor(
        role, "embedding", axes: ["token", "feature"],
        Tensor(Shape(4, width), (0..<4 * width).map { Float(index * 1000 + step * 10 + $0) })),
      CheckpointTensor(role, "layers/0/norm", axes: ["feature"], Tensor(Shape(4), odd)),
    ]
  }
}

/// Whether every tensor of an open checkpoint has the bits that `sampleTensors` gave it.
func holdsSample(_ reader: borrowing CheckpointReader, step: Int, width: Int = 5) throws -> Bool {
  for expected in sampleTensors(step: step, width: width) {
    let tensor = try reader.tensor(expected.role, expected.name)
    guard tensor.shape == expected.tensor.shape,
      tensor.values.map(\.bitPattern) == expected.tensor.values.map(\.bitPattern)
    else { return false }
  }
  return true
}

/// Changes one byte of a file in place, so that its bits differ.
func flip(_ path: String, _ place: Int) throws {
  let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  try handle.seek(toOffset: UInt64(place))
  let byte = try handle.read(upToCount: 1)?.first ?? 0
  try handle.seek(toOffset: UInt64(place))
  try handle.write(contentsOf: [byte ^ UInt8(1 << (place % 8))])
  try handle.close()
}

/// Cuts a file to a length.
func cut(_ path: String, _ length: Int) throws {
  let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  try handle.truncate(atOffset: UInt64(length))
  try handle.close()
}

func listing(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// Runs a program to its end and returns its exit status; nil when it cannot be started.
func run(_ program: String, _ arguments: [String]) -> Int32? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  guard (try? process.run()) != nil else { return nil }
  process.waitUntilExit()
  return process.terminationStatus
}
