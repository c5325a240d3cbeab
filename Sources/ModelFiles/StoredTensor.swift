import LlamaModel
import TensorCore

/// A tensor as files hold it: a parameter, or several with their rows one below the other.
struct StoredTensor: Equatable {
  /// The name Hugging Face gives it, such as `model.layers.0.self_attn.qkv_proj.weight`.
  var name: String
  /// What it consists of, in order.
  var parameters: [ParameterDescription]

  /// Row-major extents.
  var shape: [Int] {
    let rows = parameters.reduce(0) { $0 + $1.shape.extents[0] }
    return [rows] + (parameters.first?.shape.extents.dropFirst() ?? [])
  }

  /// The rows of this tensor that are those of its parameter number `index`.
  func rows(ofParameter index: Int) -> Range<Int> {
    let start = parameters[..<index].reduce(0) { $0 + $1.shape.extents[0] }
    return start..<start + parameters[index].shape.extents[0]
  }
}

extension LlamaConfiguration {
  /// The tensors of a file, in the order of `parameters`: Phi-3 keeps query, key and value in one, gate and up in another.
  var storedTensors: [StoredTensor] {
    var tensors: [StoredTensor] = []
    for parameter in parameters {
      let name = storedName(parameter.name)
      if name == tensors.last?.name {
        tensors[tensors.count - 1].parameters.append(parameter)
      } else {
        tensors.append(StoredTensor(name: name, parameters: [parameter]))
      }
    }
    return tensors
  }

  /// The name of the tensor that holds a parameter.
  func storedName(_ parameter: String) -> String {
    guard family == .phi3 else { return parameter }
    let fused = [".q_proj.": ".qkv_proj.", ".k_proj.": ".qkv_proj.", ".v_proj.": ".qkv_proj."]
      .merging([".gate_proj.": ".gate_up_proj.", ".up_proj.": ".gate_up_proj."]) { first, _ in first }
    for (part, whole) in fused where parameter.contains(part) {
      return parameter.replacing(part, with: whole, maxReplacements: 1)
    }
    return parameter
  }
}
