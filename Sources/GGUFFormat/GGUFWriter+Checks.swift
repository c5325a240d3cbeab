extension GGUFWriter {
  static func check(_ metadata: Metadata) throws(GGUFError) {
    for entry in metadata.entries {
      if !(1...65535).contains(entry.key.utf8.count) {
        throw GGUFError(
          .invalidKey, subject: .key(entry.key), found: "a key of \(entry.key.utf8.count) bytes",
          allowed: "1 to 65535 bytes", repair: "Choose another key.")
      }
      if case .array(let array) = entry.value, array.count > ByteCursor.largestCount {
        throw GGUFError(
          .countTooLarge, subject: .key(entry.key), found: "\(array.count) elements",
          allowed: "at most \(ByteCursor.largestCount)", repair: "Split the array.")
      }
    }
  }

  /// The bytes of each tensor, after checking names and shapes.
  static func sizes(of tensors: [TensorPlan]) throws(GGUFError) -> [Int] {
    var names = Set<String>()
    var sizes = [Int]()
    for tensor in tensors {
      let subject = GGUFError.Subject.tensor(tensor.name)
      if !(1...TensorRules.longestName).contains(tensor.name.utf8.count) {
        throw GGUFError(
          .invalidTensorName, subject: subject, found: "a name of \(tensor.name.utf8.count) bytes",
          allowed: "1 to \(TensorRules.longestName) bytes", repair: "Choose another name.")
      }
      if !names.insert(tensor.name).inserted {
        throw GGUFError(
          .duplicateTensor, subject: subject, found: "the name a second time", allowed: "every name once",
          repair: "Plan each tensor once.")
      }
      if tensor.extents.isEmpty {
        throw GGUFError(
          .invalidShape, subject: subject, found: "no extents", allowed: "1 to \(TensorRules.mostExtents)",
          repair: "Write a scalar as one extent of 1.")
      }
      sizes.append(try TensorRules.byteCount(tensor.extents, tensor.type, subject, path: nil, position: nil))
    }
    return sizes
  }

  static func end(
    of tensor: TensorPlan, _ size: Int, from offset: Int, _ alignment: Int
  ) throws(GGUFError) -> Int {
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, let padded = TensorRules.padded(end, to: alignment) else { throw tooLarge(tensor) }
    return padded
  }

  static func tooLarge(_ tensor: TensorPlan) -> GGUFError {
    GGUFError(
      .invalidShape, subject: .tensor(tensor.name), found: "tensors of more than \(Int.max) bytes in all",
      allowed: "what a file can hold", repair: "Check the shapes.")
  }
}
