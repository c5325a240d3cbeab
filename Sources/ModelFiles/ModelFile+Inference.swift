import GGUFFormat
import Kernels
public import LlamaModel
import SafetensorsFormat
import TensorCore

extension ModelFile {
  /// Reads the weights for inference only: matrices stay in the blocks of the file, and nothing can be trained.
  ///
  /// What is computed is what `load()` gives, since blocks become the same floats; memory is that of the file.
  ///
  /// - Throws: `ModelFileError` if a weight is NaN or infinite.
  public func loadStored() throws -> Llama {
    let floats = weights
    var places: [String: (StoredTensor, Range<Int>)] = [:]
    for stored in configuration.storedTensors {
      for (index, parameter) in stored.parameters.enumerated() {
        places[parameter.name] = (stored, stored.rows(ofParameter: index))
      }
    }
    return try Llama(stored: configuration) { parameter in
      guard parameter.shape.extents.count == 2, let (stored, rows) = places[parameter.name],
        let matrix = try storedMatrix(parameter, in: stored, rows)
      else {
        return .values(try floats.read(parameter))
      }
      guard matrix.isFinite else {
        throw ModelFileError(
          path: path, subject: "tensor \(parameter.name)", found: "NaN or infinite values", allowed: "finite weights",
          repair: "The file is damaged or the model was ruined in training; fetch it again.")
      }
      return .blocks(matrix)
    }
  }

  /// Some rows of a tensor as the file has them; nil where they are floats.
  private func storedMatrix(
    _ parameter: ParameterDescription, in stored: StoredTensor, _ rows: Range<Int>
  ) throws -> BlockMatrix? {
    let width = parameter.shape.width
    switch store {
    case .gguf(let file):
      let info = try file.tensor(TensorNaming.ggufName(stored.name)), format = info.type
      if format == .f32 { return nil }
      let each = format.rowBytes(width)
      var bytes = file.withBytes(of: info) {
        Kernel.bytes($0.extracting(rows.lowerBound * each..<rows.upperBound * each))
      }
      if configuration.family.pairsRowsInGGUF, TensorNaming.isPaired(parameter.name) {
        bytes = Self.reordered(bytes, each, headSize: configuration.headSize)
      }
      return BlockMatrix(parameter.shape, format, bytes: bytes)
    case .safetensors(let folder):
      guard let (file, entry) = folder.find(stored.name), let format = entry.type.format, format != .f32 else {
        return nil
      }
      let each = format.rowBytes(width)
      let bytes = file.withBytes(of: entry) {
        Kernel.bytes($0.extracting(rows.lowerBound * each..<rows.upperBound * each))
      }
      return BlockMatrix(parameter.shape, format, bytes: bytes)
    }
  }

  /// Rows of adjacent pairs become rows of half-split heads.
  private static func reordered(_ bytes: [UInt8], _ each: Int, headSize: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for row in 0..<bytes.count / max(1, each) {
      let source = TensorNaming.pairedRow(of: row, headSize: headSize) * each
      result += bytes[source..<source + each]
    }
    return result
  }
}
