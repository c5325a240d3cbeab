import JSONText
import Kernels

/// A tensor that is going to be written.
public struct SafetensorsPlan: Equatable, Sendable {
  public let name: String
  /// Row-major, as torch says it.
  public let shape: [Int]
  public let type: SafetensorsType

  /// Traps unless the type is F32, F16 or BF16.
  public init(name: String, shape: [Int], type: SafetensorsType) {
    require(type.isFloat, "SafetensorsPlan: \(SafetensorsType.floatNames) can be written, not \(type)")
    (self.name, self.shape, self.type) = (name, shape, type)
  }

  /// Traps for shapes beyond every file; shapes of models in memory are far below.
  public var byteCount: Int {
    guard let size = SafetensorsFile.size(of: shape, type) else {
      stop("SafetensorsPlan: '\(name)' of shape \(shape) is too large")
    }
    return size
  }
}

extension SafetensorsPlan {
  /// The file up to its tensors' data: the header's length, the header, spaces up to a multiple of 8.
  static func header(_ plans: [SafetensorsPlan], metadata: [String: String]) -> [UInt8] {
    var header = JSONObject()
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue.string($0.value)) }
      header.append(SafetensorsHeader.metadataKey, .object(JSONObject(pairs)))
    }
    var offset = 0
    for plan in plans {
      let end = offset + plan.byteCount
      header.append(
        plan.name,
        [
          "dtype": .string("\(plan.type)"), "shape": .array(plan.shape.map(JSONValue.integer)),
          "data_offsets": [.integer(offset), .integer(end)],
        ])
      offset = end
    }
    var json = JSONValue.object(header).bytes(.compact)
    json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
  }
}
