import Kernels
import AtomicFiles

/// A safetensors file being written.
typealias OutputFile = AtomicOutput<SafetensorsError>

/// Where the contents of one tensor go while a file is being written: floats, converted to the tensor's type, in as
/// many pieces as convenient, rows one after another.
public struct SafetensorsSink: ~Copyable {
  var file: OutputFile
  private var plan = SafetensorsPlan(name: "", shape: [], type: .f32)
  private var written = 0

  init(_ file: consuming OutputFile) { self.file = file }

  /// Converts and appends `values`.
  ///
  /// - Throws: `notEncodable` if a value has no place in the type (beyond the largest half), `wrongAmount` if the
  ///   tensor would become too long, `cannotWrite` if the disk refuses.
  public mutating func append(_ values: Span<Float>) throws(SafetensorsError) {
    let size = plan.type.byteCount, format = plan.type.convertibleFormat
    if written + values.count * size > plan.byteCount { throw wrongAmount(written + values.count * size) }
    if let index = format.firstUnencodable(in: values) {
      throw SafetensorsError(
        .notEncodable, path: file.path, tensor: plan.name,
        found: "\(values[index]) as element \(written / size + index)", allowed: "what \(plan.type) can hold",
        repair: "Write BF16 or F32, and check the weights.")
    }
    // Pieces of 64 Ki values, so that the converted bytes stay in the cache.
    let piece = 1 << 16
    for start in stride(from: 0, to: values.count, by: piece) {
      let part = values.extracting(start..<min(start + piece, values.count))
      var converted = [UInt8](repeating: 0, count: part.count * size)
      var bytes = converted.mutableSpan
      format.encode(part, into: &bytes)
      try file.append(converted.span)
      written += converted.count
    }
  }

  mutating func begin(_ tensor: SafetensorsPlan) { (plan, written) = (tensor, 0) }

  /// Checks that the tensor is complete.
  func end() throws(SafetensorsError) {
    if written != plan.byteCount { throw wrongAmount(written) }
  }

  private func wrongAmount(_ found: Int) -> SafetensorsError {
    SafetensorsError(
      .wrongAmount, path: file.path, tensor: plan.name, found: "\(found) bytes in \(plan.type)",
      allowed: "\(plan.byteCount), for shape \(plan.shape)", repair: "Supply as many values as were planned.")
  }
}
