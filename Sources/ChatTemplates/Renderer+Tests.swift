/// Tests: `value is name(…)`.
extension Renderer {
  static let testNames = [
    "boolean", "callable", "defined", "divisibleby", "eq", "equalto", "escaped", "even", "false", "filter", "float",
    "ge",
    "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none",
    "number",
    "odd", "sameas", "sequence", "string", "test", "true", "undefined", "upper",
  ]

  private static let comparisons: [String: Comparison] = [
    "eq": .equal, "equalto": .equal, "==": .equal, "ne": .notEqual, "!=": .notEqual, "lt": .less, "lessthan": .less,
    "<": .less, "le": .lessOrEqual, "<=": .lessOrEqual, "gt": .greater, "greaterthan": .greater, ">": .greater,
    "ge": .greaterOrEqual, ">=": .greaterOrEqual, "in": .contained,
  ]

  func test(_ name: String, _ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Bool {
    let takesNone = Self.comparisons[name] == nil && !["divisibleby", "sameas"].contains(name)
    if takesNone, Self.testNames.contains(name), !arguments.positional.isEmpty || !arguments.named.isEmpty {
      throw error("the test '\(name)' takes no arguments", at: offset)
    }
    switch name {
    case "defined": if case .undefined = value { return false } else { return true }
    case "undefined": if case .undefined = value { return true } else { return false }
    case "none": if case .none = value { return true } else { return false }
    case "string": if case .text = value { return true } else { return false }
    case "mapping": if case .dict = value { return true } else { return false }
    case "boolean": if case .bool = value { return true } else { return false }
    case "integer": if case .int = value { return true } else { return false }
    case "float": if case .float = value { return true } else { return false }
    case "number": return value.number != nil
    case "true": if case .bool(true) = value { return true } else { return false }
    case "false": if case .bool(false) = value { return true } else { return false }
    case "callable":
      switch value {
      case .function, .loop: return true
      default: return false
      }
    case "iterable":
      switch value {
      case .text, .list, .dict, .undefined, .loop: return true
      default: return false
      }
    case "sequence":
      switch value {
      case .text, .dict, .undefined: return true
      case .list(let box): return box.kind != .iterator
      default: return false
      }
    case "escaped": return false
    case "upper", "lower": return try printed(value, at: offset).isCased(upper: name == "upper")
    case "filter": return Self.filterNames.contains(try printed(value, at: offset).string)
    case "test": return Self.testNames.contains(try printed(value, at: offset).string)
    case "odd", "even": return try remainder(value, .int(2), name, at: offset) == (name == "odd" ? 1 : 0)
    case "divisibleby":
      let divisor = try bind(arguments, to: ["num"], of: "test '\(name)'", at: offset)[0]
      return try remainder(value, divisor ?? .none, name, at: offset) == 0
    case "sameas":
      let other = try bind(arguments, to: ["other"], of: "test '\(name)'", at: offset)[0] ?? .none
      // Values do not change, so only their kind and their equality can tell them apart.
      return value.typeName == other.typeName ? try areEqual(value, other, at: offset) : false
    default:
      guard let comparison = Self.comparisons[name] else {
        throw error("there is no test '\(name)'; allowed: \(Self.testNames.joined(separator: ", "))", at: offset)
      }
      guard let other = try bind(arguments, to: ["other"], of: "test '\(name)'", at: offset)[0] else {
        throw error("the test '\(name)' needs a value to compare with", at: offset)
      }
      return try compare(value, comparison, other, at: offset)
    }
  }

  private func remainder(_ value: Value, _ divisor: Value, _ name: String, at offset: Int) throws(TemplateError)
    -> Double
  {
    guard value.number != nil, divisor.number != nil else {
      throw error("the test '\(name)' found \(value.typeName); allowed: numbers", at: offset)
    }
    return try arithmetic(.modulo, value, divisor, at: offset).number ?? 0
  }
}
