import GGUFFormat
import LlamaModel
import TensorCore
import Kernels

extension Verifier {
  /// Missing and extra tensors, wrong shapes, norms that are not F32.
  mutating func checkTensors(_ file: GGUFFile, _ configuration: LlamaConfiguration) {
    for stored in configuration.storedTensors {
      let name = TensorNaming.ggufName(stored.name), shape = stored.shape
      guard let info = file.find(name) else {
        note(
          .error, "tensor \(name)", found: "no such tensor", expected: "shape \(shape)",
          repair: "llama.cpp stops with \"missing tensor\"; convert the model again.")
        continue
      }
      if info.shape != shape {
        note(
          .error, "tensor \(name)", found: "shape \(info.shape)", expected: "\(shape)",
          repair: "llama.cpp stops with \"wrong shape\"; convert the model again.")
      }
      if shape.count == 1, info.type != .f32 {
        note(
          .error, "tensor \(name)", found: "\(info.type)", expected: "F32",
          repair: "llama.cpp multiplies by vectors in single precision only; convert the model again.")
      }
    }
    let architecture = configuration.family.ggufArchitecture
    for name in configuration.foreignTensors(in: file) {
      note(
        .error, "tensor \(name)", found: "a tensor that \(architecture) does not have, or not with these positions",
        expected: "none of that name",
        repair: "llama.cpp stops with \"wrong number of tensors\"; remove it.")
    }
    let isQuantized = file.tensors.contains { $0.type.isQuantized }
    if isQuantized, file.metadata["general.quantization_version"] == nil {
      note(
        .warning, "key general.quantization_version", found: "no such key", expected: "u32 2 in a quantised file",
        repair: "Quantise the model again.")
    }
  }
}
