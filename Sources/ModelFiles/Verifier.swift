import GGUFFormat
import LlamaModel
import TensorCore
import Tokenization

/// Goes through a file from its structure to the last weight, and notes what it finds.
struct Verifier {
  let path: String
  let expectation: VerificationExpectation?
  private(set) var findings: [VerificationFinding] = []
  private(set) var tensorCount = 0, valueCount = 0

  init(path: String, expectation: VerificationExpectation?) {
    (self.path, self.expectation) = (path, expectation)
  }

  mutating func note(
    _ severity: VerificationFinding.Severity, _ subject: String, found: String, expected: String, repair: String
  ) {
    findings.append(
      VerificationFinding(severity: severity, subject: subject, found: found, expected: expected, repair: repair))
  }

  /// Notes what an attempt throws; nil then.
  mutating func attempt<Result>(_ subject: String, _ body: () throws -> Result) -> Result? {
    do { return try body() } catch let error as GGUFError {
      let subject =
        switch error.subject {
        case .key(let name): "key \(name)"
        case .tensor(let name): "tensor \(name)"
        case let other?: "\(other)"
        case nil: subject
        }
      note(
        .error, subject, found: error.found + (error.position.map { " at byte \($0)" } ?? ""),
        expected: error.allowed, repair: error.repair)
    } catch let error as ModelFileError {
      note(.error, error.subject, found: error.found, expected: error.allowed, repair: error.repair)
    } catch {
      note(.error, subject, found: "\(error)", expected: "what llama.cpp can use", repair: "Convert the model again.")
    }
    return nil
  }

  mutating func verify(_ progress: (_ done: Int, _ total: Int) -> Void) {
    let path = path
    guard let file = attempt("file", { try GGUFFile(path: path) }) else { return }
    tensorCount = file.tensors.count
    checkKeys(file.metadata)
    checkTokenizer(file.metadata)
    let configuration = attempt("model", { try LlamaConfiguration(gguf: file) })
    if let configuration {
      checkTensors(file, configuration)
      checkPositions(file, configuration)
    }
    checkValues(file, progress)
    // Whatever else this program would refuse.
    if findings.allSatisfy({ $0.severity != .error }) { _ = attempt("model", { try ModelFile(path: path) }) }
  }

  /// NaN and infinity, through all parts and tensors, a piece at a time.
  private mutating func checkValues(_ file: GGUFFile, _ progress: (_ done: Int, _ total: Int) -> Void) {
    for (index, info) in file.tensors.enumerated() {
      let step = max(1, (1 << 20) / info.columnCount)
      var isFinite = true
      for start in stride(from: 0, to: info.rowCount, by: step) where isFinite {
        let rows = start..<min(start + step, info.rowCount), count = rows.count * info.columnCount
        let buffer = Buffer(count) { file.decode(info, rows: rows, into: &$0) }
        isFinite = Tensor(Shape(count), buffer).isFinite
        valueCount += count
      }
      if !isFinite {
        note(
          .error, "tensor \(info.name)", found: "NaN or infinite values", expected: "finite weights",
          repair: "The file is damaged or the model was ruined in training; use an earlier checkpoint.")
      }
      progress(index + 1, file.tensors.count)
    }
  }
}
