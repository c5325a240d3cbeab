import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// Damaged models as commands open them, from the format to the chat template; `Fuzzing` says how to run it for longer.
@Suite(.serialized) struct FuzzTests {
  private static let names = ["llama-3.2", "qwen2", "qwen3", "phi3-longrope", "mistral"]

  @Test func `damaged GGUF models are verified and opened, or refused`() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { folder in
        let path = folder + "/model.gguf"
        let sources = try FuzzTests.names.map { name in
          let file = try ModelFile(path: FamilyFixture.folder + "/" + name)
          try export(WeightSource(file.load()), source: file.metadata, options: ExportOptions(.q8_0), to: path)
          return GGUFMutation(Array(try Data(contentsOf: URL(filePath: path))))
        }
        try Fuzzing.run("GGUF model") { number, random in
          sources[number % sources.count].mutated(using: &random)
        } read: { bytes in
          try Data(bytes).write(to: URL(filePath: path))
          let report = verify(path)
          for finding in report.findings { #expect(!finding.found.isEmpty && !finding.repair.isEmpty) }
          let file = try ModelFile(path: path)
          _ = try file.load()
        }
      }
    }
  }

  @Test func `damaged config.json is read or refused`() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { folder in
        let path = folder + "/model"
        let names = FuzzTests.names
        let configs = try names.map { name in
          try FileManager.default.copyItem(atPath: FamilyFixture.folder + "/" + name, toPath: path + name)
          return Array(try Data(contentsOf: URL(filePath: path + name + "/config.json")))
        }
        var name = ""
        try Fuzzing.run("config.json") { number, random in
          name = names[number % names.count]
          return Fuzzing.damaged(configs[number % names.count], fragments: Fuzzing.jsonFragments, using: &random)
        } read: { bytes in
          try Data(bytes).write(to: URL(filePath: path + name + "/config.json"))
          _ = try ModelFile(path: path + name)
        }
      }
    }
  }
}
