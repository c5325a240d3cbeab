import ArgumentParser
import Checkpointing
import Foundation
import LlamaModel
import Logging
import Metrics
import ModelFiles

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Would llama.cpp run this GGUF, and would the model stop talking?",
    discussion: """
      For llama (and Mistral), qwen2, qwen3 and phi3. Looks for everything that llama.cpp would reject (keys, types, shapes,
      tensors missing or foreign to the architecture, NaN) and for what makes a model ramble: merges, pre-tokenizer, end-of-text and end-of-turn tokens, a doubled begin-of-text, the
      chat template, a context or rotary positions that are not those of the training.

      Exit code 0: it would run (there may be warnings); 3: it would not.
      """)

  @Argument(help: "A GGUF file; of a split model the first part.") var file: String
  @Option(name: .customLong("run"), help: "The run (a folder or a checkpoint) that the file must agree with.")
  var runPath: String?
  @Flag(help: "One JSON object: path, findings (severity, subject, found, expected, repair), tensorCount, valueCount.")
  var json = false
  @OptionGroup var machine: MachineOptions

  func run() throws {
    try reportingFailures {
      machine.apply()
      let report = verify(file, against: try runPath.map(expectation)) { done, total in
        if !json { Console.progress("reading \(file): tensor \(done)/\(total)") }
      }
      if json {
        Console.print(try encoded(report))
      } else {
        show(report)
      }
      return report.isSound ? .done : .badInput
    }
  }

  private func show(_ report: VerificationReport) {
    if !report.findings.isEmpty {
      Console.print(
        leftAligned(
          [["severity", "where", "found", "expected"]]
            + report.findings.map { [$0.severity.rawValue, $0.subject, $0.found, $0.expected] }))
      Console.print()
      for finding in report.findings { Console.print("\(finding.subject): \(finding.repair)") }
      Console.print()
    }
    let counts = VerificationFinding.Severity.allCases.map { severity in
      "\(report.findings.count { $0.severity == severity }) \(severity.rawValue)s"
    }
    Console.print(
      "\(file): \(report.isSound ? "would run" : "would not run") (\(counts.joined(separator: ", "))); "
        + "\(report.tensorCount) tensors, \(ProgressFormat.count(report.valueCount)) values read")
  }

  /// What a run says its exports must be.
  private func expectation(_ path: String) throws -> VerificationExpectation {
    let source = try ExportSource(path)
    guard let identity = source.identity else {
      throw UsageError("--run \(path): name a run's folder or a checkpoint; this is a model file")
    }
    return VerificationExpectation(
      configuration: source.weights.configuration, source: identity.source, isChat: !identity.template.isEmpty)
  }
}

/// Rows as columns of text.
private func leftAligned(_ rows: [[String]]) -> String {
  guard let heading = rows.first else { return "" }
  let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).enumerated().map { column, cell in
      column == row.count - 1 ? cell.0 : cell.0.padding(toLength: cell.1, withPad: " ", startingAt: 0)
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}
