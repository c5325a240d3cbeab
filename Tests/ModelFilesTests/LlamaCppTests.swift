import Foundation
import LlamaModel
import ModelFiles
import TestSupport
import Testing

/// Exported files in llama.cpp itself. `EXTEND_ORACLE_PYTHON` names a Python that has xllamacpp; without it, skipped.
@Suite(.serialized) struct LlamaCppTests {
  static let python = ProcessInfo.processInfo.environment["EXTEND_ORACLE_PYTHON"]
  static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Scripts/llamacpp-logprobs.py").path

  /// The best tokens after each prompt with their ln p, as llama.cpp has them.
  static func answers(_ python: String, model: String, context: Int, prompts: [[Int32]]) throws -> [[[Double]]] {
    let process = Process(), input = Pipe(), result = model + ".json"
    process.executableURL = URL(filePath: python)
    process.arguments = [script, model, "\(context)", "10", result]
    (process.standardInput, process.standardOutput) = (input, FileHandle.nullDevice)
    // Its errors go to the log of the tests.
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(prompts))
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    return try JSONDecoder().decode([[[Double]]].self, from: Data(contentsOf: URL(filePath: result)))
  }

  @Test(.enabled(if: python != nil), arguments: RoPECase.all)
  func `llama.cpp gives the ten best tokens our log-probabilities`(rope: RoPECase) throws {
    let context = 256
    let model = randomModel(rope.rope, scale: 0.2)
    var numbers = SplitMix64(seed: 11)
    func ours(_ prompt: [Int32]) -> [Double] {
      var cache = KeyValueCache(model.configuration, capacity: context)
      let logits = model.frozen().nextLogits(after: prompt, cache: &cache).map(Double.init)
      let greatest = logits.max() ?? 0
      let logSum = greatest + log(logits.reduce(0) { $0 + exp($1 - greatest) })
      return logits.map { $0 - logSum }
    }
    // Within the original context of 32 tokens, just over it, and far beyond, as far as the model was trained. The
    // best next token must be printable: llama.cpp's server says nothing of an end of text or half a character.
    let lengths = [12, 40, 200].filter { $0 <= rope.rope.trainedContext }
    let prompts = try lengths.map { length in
      let beginning = numbers.tokens(length - 1, below: vocabularySize - 3).map { $0 + 3 }
      return try #require(
        (3..<259).lazy.map { beginning + [$0] }.first { prompt in
          let values = ours(prompt)
          return values.indices.max { values[$0] < values[$1] }.map { (40..<120).contains($0) } ?? false
        })
    }
    let answers = try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(model, source: sourceMetadata(), storage: .f32, to: path)
      return try Self.answers(try #require(Self.python), model: path, context: context, prompts: prompts)
    }
    #expect(answers.count == prompts.count)
    var worst = 0.0
    for (prompt, answer) in zip(prompts, answers) {
      let ours = ours(prompt)
      #expect(answer.count == 10)
      let tenth = ours.sorted(by: >)[9]
      for pair in answer {
        let mine = ours[Int(pair[0])]
        worst = max(worst, abs(mine - pair[1]))
        #expect(mine > tenth - 2e-3)
      }
    }
    #expect(worst < 1e-3)
    print("llama.cpp, \(rope): largest difference of ln p \(worst)")
  }

  /// llama.cpp rounds activations to 8 bits where weights are quantised, and to halves where weights are, which this
  /// program does not: the difference is that rounding, so it is bounded loosely here; `Scripts/compare-llamacpp` measures it on a real model.
  @Test(.enabled(if: python != nil), arguments: ExportStorage.allCases)
  func `llama.cpp loads every quantisation and agrees with the file's own weights`(storage: ExportStorage) throws {
    var numbers = SplitMix64(seed: 12)
    let beginning = numbers.tokens(20, below: 90).map { $0 + 35 }
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(wideModel(), source: sourceMetadata(), storage: storage, to: path)
      let model = try ModelFile(path: path).load()
      func ours(_ prompt: [Int32]) -> [Double] {
        var cache = KeyValueCache(model.configuration, capacity: 64)
        let logits = model.frozen().nextLogits(after: prompt, cache: &cache).map(Double.init)
        let greatest = logits.max() ?? 0
        let logSum = greatest + log(logits.reduce(0) { $0 + exp($1 - greatest) })
        return logits.map { $0 - logSum }
      }
      let prompt = try #require(
        (35..<125).lazy.map { beginning + [$0] }.first { prompt in
          let values = ours(prompt)
          return values.indices.max { values[$0] < values[$1] }.map { (40..<120).contains($0) } ?? false
        })
      let expected = ours(prompt)
      let answer = try Self.answers(try #require(Self.python), model: path, context: 64, prompts: [prompt])
      let worst = answer[0].map { abs(expected[Int($0[0])] - $0[1]) }.max() ?? .infinity
      print("llama.cpp, \(storage): largest difference of ln p \(worst)")
      #expect(answer[0].count == 10)
      #expect(worst < (storage.baseType.isQuantized ? 0.1 : storage == .f32 ? 1e-3 : 2e-2))
    }
  }
}
