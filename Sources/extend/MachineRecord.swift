import AtomicFiles
import Foundation
import Kernels
import Metrics

/// The machine on which something was measured, kept beside the results.
struct MachineRecord: Codable {
  var processor: String
  var instructionSet: String
  var features: [String]
  var threads: Int
  var memoryBytes: Int
  var program: String

  /// This machine, as it is used now.
  static var current: MachineRecord {
    MachineRecord(
      processor: Machine.processorName, instructionSet: "\(InstructionSet.best)", features: Machine.processorFeatures,
      threads: Parallel.threadCount, memoryBytes: Machine.memory, program: Extend.version)
  }

  private static func path(in folder: String) -> String { folder + "/machine.json" }

  /// Leaves the record in a folder, in the place of an earlier one.
  func write(in folder: String) throws {
    try AtomicFile.write(try encoded(self) + "\n", to: Self.path(in: folder))
  }

  /// That of a folder; nil where there is none that can be read.
  init?(in folder: String) {
    guard let bytes = try? Data(contentsOf: URL(filePath: Self.path(in: folder))),
      let record = try? JSONDecoder().decode(MachineRecord.self, from: bytes)
    else { return nil }
    self = record
  }

  private init(
    processor: String, instructionSet: String, features: [String], threads: Int, memoryBytes: Int, program: String
  ) {
    (self.processor, self.instructionSet, self.features) = (processor, instructionSet, features)
    (self.threads, self.memoryBytes, self.program) = (threads, memoryBytes, program)
  }

  /// What it is, and each value of it.
  var rows: [(String, String)] {
    [
      ("processor", processor), ("kernels for", instructionSet), ("features", features.joined(separator: " ")),
      ("threads", "\(threads)"), ("memory", ProgressFormat.bytes(memoryBytes)), ("extend", program),
    ]
  }
}
