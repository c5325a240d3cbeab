import Foundation
import TestSupport

/// A folder with the tiny model, conversations and a recipe, and the program to run there.
struct Workspace {
  let program: Program
  var folder: String { program.folder }

  /// Two stages, a checkpoint after every step.
  static func recipe(steps: Int = 3, keep: Int = 2) -> String {
    """
    name: tiny
    model: model.gguf
    data: { paths: [conversations.jsonl], labels: all, held_out: 0.1 }
    seed: 5
    stages:
      - { name: first, context: 64, rope: { theta: critical }, steps: \(steps), batch_size: 2, learning_rate: 1e-3 }
      - { name: second, context: 128, rope: { theta: critical }, steps: \(steps), learning_rate: 1e-3 }
    checkpoints: { every_steps: 1, keep_last: \(keep) }
    evaluation: { held_out_sequences: 1 }

    """
  }

  static var conversations: String {
    (0..<60).map { number in
      let question = String(repeating: "what is the name of number \(number)? ", count: 1 + number % 3)
      let answer = String(repeating: "the number \(number) has the name n\(number * 7). ", count: 1 + number % 5)
      return #"{"id": "chat\#(number)", "conversations": [{"from": "human", "value": "\#(question)"}, "#
        + #"{"from": "gpt", "value": "\#(answer)"}]}"#
    }.joined(separator: "\n") + "\n"
  }

  static func with(steps: Int = 3, keep: Int = 2, _ body: (Workspace) throws -> Void) throws {
    let calibration = try calibration.get()
    try withTemporaryDirectory { folder in
      let workspace = try Workspace(in: folder, steps: steps, keep: keep)
      for cache in ["cache", "cache/extend"] {
        try FileManager.default.createDirectory(atPath: workspace.path(cache), withIntermediateDirectories: true)
        try calibration.write(to: URL(filePath: workspace.path(cache + "/calibration.json")))
      }
      try body(workspace)
    }
  }

  private init(in folder: String, steps: Int = 3, keep: Int = 2) throws {
    program = Program(folder: folder)
    try TinyModel.write(to: folder + "/model.gguf")
    try write(Self.conversations, to: "conversations.jsonl")
    try write(Self.recipe(steps: steps, keep: keep), to: "tiny.yaml")
  }

  /// What training costs here with one thread and with two, which the program would take seconds to measure in each test.
  private static let calibration = Result {
    try withTemporaryDirectory { folder in
      let workspace = try Workspace(in: folder)
      for threads in ["1", "2"] {
        try workspace.program.run("plan", "--recipe", "tiny.yaml", "--cache", "cache", "--threads", threads)
      }
      return try workspace.data("cache/calibration.json")
    }
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }
  func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
  func data(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }
  func names(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
  }

  /// The arguments of a training run into the folder `run`.
  func training(_ run: String, threads: Int = 2) -> [String] {
    ["train", "--recipe", "tiny.yaml", "--output", run, "--cache", "cache", "--threads", "\(threads)"]
  }
  func train(_ run: String, threads: Int = 2) throws -> Finished {
    try program.start(training(run, threads: threads)).wait()
  }
  func resume(_ run: String, _ more: String..., threads: Int = 2) throws -> Finished {
    try program.start(resuming(run, threads: threads) + more).wait()
  }
  func resuming(_ run: String, threads: Int = 2) -> [String] {
    ["resume", run, "--cache", "cache", "--threads", "\(threads)"]
  }

  /// The steps of a run's metrics.jsonl.
  func metrics(_ run: String) throws -> [[String: Any]] {
    try read(run + "/metrics.jsonl").split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }
  /// Held-out losses of a run's evaluation.jsonl.
  func measurements(_ run: String) throws -> [Double] {
    try read(run + "/evaluation.jsonl").split(separator: "\n").map {
      let record = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return record?["heldOutLoss"] as? Double ?? .nan
    }
  }
  /// How many whole lines metrics.jsonl has now.
  func stepCount(_ run: String) -> Int { ((try? data(run + "/metrics.jsonl")) ?? Data()).count { $0 == 10 } }

  /// What must not depend on how a run went: losses, gradient norms and every bit of the weights.
  func result(_ run: String) throws -> RunResult {
    let exported = try program.run("export", run, "--quantization", "f32", "--output", run + ".gguf")
    let lines = try metrics(run)
    return RunResult(
      exitCode: exported.code, steps: lines.map { $0["step"] as? Int ?? -1 },
      losses: lines.map { $0["loss"] as? Double ?? .nan },
      gradientNorms: lines.map { $0["gradientNorm"] as? Double ?? .nan },
      weights: try data(run + ".gguf"))
  }
}

struct RunResult: Equatable {
  var exitCode: Int32
  var steps: [Int]
  var losses: [Double]
  var gradientNorms: [Double]
  var weights: Data
}
