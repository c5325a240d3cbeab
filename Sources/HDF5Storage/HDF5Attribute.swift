/// A small value attached to a group or dataset.
public enum HDF5Attribute: Sendable, Equatable, CustomStringConvertible {
  case string(String)
  case integer(Int64)
  case real(Double)
  case integers([Int64])
  /// Something another program wrote, by its type and shape; it cannot be written.
  case unread(String)

  public var description: String {
    switch self {
    case .string(let text): text
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .integers(let values): "\(values)"
    case .unread(let what): "(\(what))"
    }
  }
}
