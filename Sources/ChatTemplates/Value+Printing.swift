/// Values as Python prints them.
extension Value {
  /// `str(self)`.
  var printed: Text {
    switch self {
    case .undefined: Text("")
    case .text(let text): text
    default: Text(representation)
    }
  }

  /// `repr(self)`. A namespace inside another value prints as dots, since it may contain itself.
  var representation: String { representation(isInner: false) }

  private func representation(isInner: Bool) -> String {
    func inner(_ value: Value) -> String { value.representation(isInner: true) }
    switch self {
    case .undefined: return "Undefined"
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .float(let value): return value.pythonDescription
    case .text(let text): return text.representation
    case .list(let box):
      switch box.kind {
      case .list: return "[" + box.items.map(inner).joined(separator: ", ") + "]"
      case .tuple where box.items.count == 1: return "(\(inner(box.items[0])),)"
      case .tuple: return "(" + box.items.map(inner).joined(separator: ", ") + ")"
      case .iterator: return "<generator object>"
      }
    case .dict(let box):
      return "{" + zip(box.keys, box.values).map { inner($0) + ": " + inner($1) }.joined(separator: ", ") + "}"
    case .namespace(let namespace):
      if isInner { return "<Namespace …>" }
      let fields = zip(namespace.names, namespace.values).map {
        Text($0).representation + ": " + inner($1)
      }
      return "<Namespace {" + fields.joined(separator: ", ") + "}>"
    case .loop(let state): return "<LoopContext \(state.index + 1)/\(state.items.count)>"
    case .function(.global(let function)): return "<function \(function.rawValue)>"
    case .function(.macro(let closure)): return "<Macro '\(closure.macro.name)'>"
    case .function(.method(_, let name)): return "<method \(name)>"
    case .function(.cycler): return "<Cycler>"
    case .function(.joiner): return "<Joiner>"
    }
  }
}

extension Double {
  /// `repr` of Python.
  var pythonDescription: String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    // Swift and Python both write the shortest digits; Python turns to exponents at 1e16, Swift at 2⁵⁴.
    let text = description
    if magnitude >= 1e16, !text.contains("e") { return exponentForm(text) }
    return text
  }

  /// A text such as `18014398509481984.0` as `1.8014398509481984e+16`.
  private func exponentForm(_ text: String) -> String {
    let sign = self < 0 ? "-" : ""
    let whole = text.drop { $0 == "-" }.prefix { $0 != "." }
    var digits = Substring(whole)
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    let fraction = digits.dropFirst()
    return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e+\(whole.count - 1)"
  }
}

extension Text {
  /// `repr` of Python: in quotes, with escapes.
  var representation: String {
    let text = string
    let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case quote, "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case " ": result += " "
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
          .spaceSeparator:
          let code = String(scalar.value, radix: 16)
          let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
          result += "\\" + letter + String(repeating: "0", count: width - code.count) + code
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + String(quote)
  }
}
