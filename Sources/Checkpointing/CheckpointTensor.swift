public import TensorCore

/// What a tensor is to a run; each role is a group of the file.
public enum TensorRole: String, Sendable, CaseIterable {
  case weight
  case firstMoment
  case secondMoment
  /// Moments in eight bits: scales of blocks here, codes in `CheckpointCodes`.
  case firstMomentScales
  case secondMomentScales

  /// The group in the file.
  public var group: String {
    switch self {
    case .weight: "weights"
    case .firstMoment: "optimizer/first_moment"
    case .secondMoment: "optimizer/second_moment"
    case .firstMomentScales: "optimizer/first_moment_scales"
    case .secondMomentScales: "optimizer/second_moment_scales"
    }
  }

  /// What the file says a dataset of this group is.
  var meaning: String {
    switch self {
    case .weight: "weight of the model"
    case .firstMoment: "AdamW: running mean of the gradient, before bias correction"
    case .secondMoment: "AdamW: running mean of the squared gradient, before bias correction"
    case .firstMomentScales: "AdamW: largest first moment of each 256 values, what their codes are multiplied by"
    case .secondMomentScales: "AdamW: largest second moment of each 256 values, what their codes are multiplied by"
    }
  }

  /// The unit of its numbers.
  var unit: String {
    switch self {
    case .weight: "1"
    case .firstMoment, .firstMomentScales: "nat per unit of weight"
    case .secondMoment, .secondMomentScales: "(nat per unit of weight)^2"
    }
  }
}

/// One tensor of a checkpoint.
public struct CheckpointTensor: Sendable {
  public var role: TensorRole
  /// The parameter's name; slashes make groups.
  public var name: String
  /// Names of the axes, slowest first, as many as the tensor has.
  public var axes: [String]
  public var tensor: Tensor

  public init(_ role: TensorRole, _ name: String, axes: [String], _ tensor: Tensor) {
    precondition(
      axes.count == tensor.shape.extents.count,
      "CheckpointTensor \(name): shape \(tensor.shape) needs as many axis names, got \(axes)")
    self.role = role
    self.name = name
    self.axes = axes
    self.tensor = tensor
  }

  /// Its path in the file.
  var path: String { "\(role.group)/\(name)" }
}

/// Codes of moments that a checkpoint holds in eight bits.
public enum CodeRole: String, Sendable, CaseIterable {
  case firstMoment
  case secondMoment

  /// The group in the file.
  public var group: String {
    switch self {
    case .firstMoment: "optimizer/first_moment_codes"
    case .secondMoment: "optimizer/second_moment_codes"
    }
  }

  var meaning: String {
    switch self {
    case .firstMoment: "AdamW: first moments in eight bits, indices of the signed table"
    case .secondMoment: "AdamW: second moments in eight bits, indices of the unsigned table"
    }
  }
}

/// One byte for each value of a parameter.
public struct CheckpointCodes: Sendable {
  public var role: CodeRole
  /// The parameter's name; slashes make groups.
  public var name: String
  public var codes: [UInt8]

  public init(_ role: CodeRole, _ name: String, _ codes: [UInt8]) {
    (self.role, self.name, self.codes) = (role, name, codes)
  }

  /// Its path in the file.
  var path: String { "\(role.group)/\(name)" }
}
