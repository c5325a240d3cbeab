public import LlamaModel
public import GGUFFormat

/// One thing that is wrong, or may be, with a model file.
public struct VerificationFinding: Sendable, Equatable, Codable, CustomStringConvertible {
  public enum Severity: String, Sendable, Codable, CaseIterable {
    /// llama.cpp would refuse the file, or the model would talk nonsense or never stop.
    case error
    /// The model runs, perhaps worse than it could.
    case warning
    /// Worth knowing.
    case note
  }
  public var severity: Severity
  /// The key, tensor or part at fault.
  public var subject: String
  public var found: String
  public var expected: String
  public var repair: String

  public var description: String { "\(severity): \(subject): found \(found); expected \(expected). \(repair)" }
}

/// What a file must agree with: the run it was exported from.
public struct VerificationExpectation: Sendable {
  public var configuration: LlamaConfiguration
  /// Metadata whose tokenizer the file must have.
  public var source: Metadata
  /// Whether it was trained on chats, so that a file without a template is useless.
  public var isChat: Bool
  public init(configuration: LlamaConfiguration, source: Metadata, isChat: Bool) {
    (self.configuration, self.source, self.isChat) = (configuration, source, isChat)
  }
}

/// What the verification of a file found.
public struct VerificationReport: Sendable, Codable {
  public var path: String
  /// Errors first.
  public var findings: [VerificationFinding]
  /// What was looked at, when nothing kept it from being looked at.
  public var tensorCount: Int
  public var valueCount: Int
  /// No error; warnings there may be.
  public var isSound: Bool { !findings.contains { $0.severity == .error } }
}

/// A file that was to be written would not run; nothing stands under its name.
public struct VerificationError: Error, Sendable, CustomStringConvertible {
  public var report: VerificationReport
  public var description: String {
    let errors = report.findings.filter { $0.severity == .error }
    return "\(report.path): the file would not run, so it was not kept: "
      + errors.map { "\($0.subject): found \($0.found); expected \($0.expected). \($0.repair)" }.joined(separator: "; ")
  }
}

/// Looks for everything that llama.cpp would reject, and everything that makes a model ramble.
///
/// - Parameters:
///   - expectation: the run the file must agree with, if one is known.
///   - progress: sees how many of the tensors have been read through.
public func verify(
  _ path: String, against expectation: VerificationExpectation? = nil,
  progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) -> VerificationReport {
  var verifier = Verifier(path: path, expectation: expectation)
  verifier.verify(progress)
  let order = VerificationFinding.Severity.allCases
  let findings = order.flatMap { severity in verifier.findings.filter { $0.severity == severity } }
  return VerificationReport(
    path: path, findings: findings, tensorCount: verifier.tensorCount, valueCount: verifier.valueCount)
}

/// Throws unless a file that still has a temporary name may take its own.
func verifyBeforeNaming(_ temporary: String, final path: String) throws(VerificationError) {
  var report = verify(temporary)
  report.path = path
  if !report.isSound { throw VerificationError(report: report) }
}
