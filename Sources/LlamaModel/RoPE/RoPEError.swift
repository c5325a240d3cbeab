/// Why a RoPE description or a change of it is refused.
public enum RoPEError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A value out of its range.
  case invalid(name: String, found: String, allowed: String)
  /// A change that has no agreed meaning for a model whose positions are already scaled in another way.
  case combination(existing: String, requested: String, reason: String, repair: String)
  /// A factor that does not reach the context it is meant for.
  case outOfReach(method: String, factor: Double, originalContext: Int, context: Int)

  public var description: String {
    switch self {
    case .invalid(let name, let found, let allowed):
      return "RoPE \(name) is \(found); allowed is \(allowed)"
    case .combination(let existing, let requested, let reason, let repair):
      return "RoPE change \"\(requested)\" cannot be applied to a model with \(existing): \(reason); \(repair)"
    case .outOfReach(let method, let factor, let originalContext, let context):
      let needed = (Double(context) / Double(originalContext)).rounded(.up)
      return """
        RoPE \(method) factor \(factor) reaches \(Int(factor * Double(originalContext))) tokens, the context is \
        \(context); factors count from the original context of \(originalContext), not from the stage before: \
        use \(Int(needed)) or more
        """
    }
  }
}
