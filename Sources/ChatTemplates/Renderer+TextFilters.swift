import Foundation

/// Filters over strings and numbers.
extension Renderer {
  func textFilter(_ name: String, _ text: Text, at offset: Int) throws(TemplateError) -> Value {
    try charge(text, at: offset)
    switch name {
    case "upper": return .text(text.uppercased)
    case "lower": return .text(text.lowercased)
    case "capitalize": return .text(text.capitalized)
    case "title":
      return .text(
        text.titled(where: { $0.isPythonWhitespace || "-({[<".unicodeScalars.contains($0) }, uppercases: true))
    case "e", "escape":
      var result: [UInt8] = []
      for byte in text.bytes {
        switch byte {
        case UInt8(ascii: "&"): result += Array("&amp;".utf8)
        case UInt8(ascii: "<"): result += Array("&lt;".utf8)
        case UInt8(ascii: ">"): result += Array("&gt;".utf8)
        case UInt8(ascii: "\""): result += Array("&#34;".utf8)
        case UInt8(ascii: "'"): result += Array("&#39;".utf8)
        default: result.append(byte)
        }
      }
      return .text(text.replaced(by: result))
    case "wordcount":
      var (count, isInside) = (0, false)
      for scalar in text.string.unicodeScalars {
        let isWord = scalar == "_" || scalar.isPythonLetter || scalar.properties.numericType != nil
        if isWord, !isInside { count += 1 }
        isInside = isWord
      }
      return .int(count)
    default: return .text(text)
    }
  }

  func indent(_ text: Text, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    var indentation = Text("    ")
    if case .text(let given)? = values[0] {
      indentation = given
    } else if let width = values[0]?.integer {
      try charge(max(0, width), at: offset)
      indentation = Text(String(repeating: " ", count: max(0, width)))
    }
    try charge(text, at: offset)
    let lines = (text + Text("\n")).lines(keepingEnds: false)
    try charge(lines.count.multipliedSaturated(by: 1 + indentation.weight), at: offset)
    var content = MarkedBytes()
    if values[1]?.isTrue ?? false { content.append(indentation) }
    for (index, line) in lines.enumerated() {
      if index > 0 {
        content.append("\n")
        if !line.isEmpty || values[2]?.isTrue ?? false { content.append(indentation) }
      }
      content.append(line)
    }
    return .text(Text(content))
  }

  func truncate(_ text: Text, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    try charge(text, at: offset)
    let length = values[0]?.integer ?? 255
    let end = try self.text(values[2], in: "truncate", at: offset) ?? Text("...")
    let leeway = values[3]?.integer ?? 5
    let kept = length.addingReportingOverflow(-end.scalarCount).partialValue
    if length < end.scalarCount || leeway < 0 {
      throw error(
        "truncate: length is \(length), leeway \(leeway); allowed: length ≥ \(end.scalarCount), leeway ≥ 0", at: offset)
    }
    if text.scalarCount <= length.addingSaturated(leeway) { return .text(text) }
    var short = text.sliced(SliceBounds(stop: kept))
    if !(values[1]?.isTrue ?? false) { short = short.splitFromEnd(by: Text(" "), limit: 1)[0] }
    return .text(short + end)
  }

  func numberFilter(_ name: String, _ value: Value, _ arguments: Arguments, at offset: Int) throws(TemplateError)
    -> Value
  {
    if case .undefined(let what) = value { throw error("'\(what)' is undefined; \(name) needs a value", at: offset) }
    switch name {
    case "int":
      let values = try bind(arguments, to: ["default", "base"], of: "filter 'int'", at: offset)
      return try integer(value, base: values[1]?.integer ?? 10, at: offset).map(Value.int) ?? values[0] ?? .int(0)
    case "float":
      let values = try bind(arguments, to: ["default"], of: "filter 'float'", at: offset)
      return float(value).map(Value.float) ?? values[0] ?? .float(0)
    case "abs":
      _ = try bind(arguments, to: [], of: "filter 'abs'", at: offset)
      if case .float(let number) = value { return .float(abs(number)) }
      guard let number = value.integer else { throw error("abs found \(value.typeName); allowed: numbers", at: offset) }
      return .int(number < 0 ? try exact(Int(0).subtractingReportingOverflow(number), at: offset) : number)
    default:
      let values = try bind(arguments, to: ["precision", "method"], of: "filter 'round'", at: offset)
      let method = try printed(values[1] ?? .string("common"), at: offset).string
      return try round(value, values[0]?.integer ?? 0, method, at: offset)
    }
  }

  private func integer(_ value: Value, base: Int, at offset: Int) throws(TemplateError) -> Int? {
    if let integer = value.integer { return integer }
    if case .text(let text) = value, (2...36).contains(base) {
      var digits = text.trimmed().string.replacing("_", with: "")
      let prefix = [16: "0x", 8: "0o", 2: "0b"][base]
      if let prefix, digits.lowercased().hasPrefix(prefix) { digits.removeFirst(2) }
      if let value = Int(digits, radix: base) { return value }
    }
    guard let number = float(value) else { return nil }
    guard number.isFinite else { return nil }
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      throw error("int found \(number); integers go to \(Int.max)", at: offset)
    }
    return whole
  }

  private func float(_ value: Value) -> Double? {
    if let number = value.number { return number }
    guard case .text(let text) = value else { return nil }
    let digits = text.trimmed().string.lowercased()
    // Python reads decimal numbers and the words for infinity and no number, nothing hexadecimal.
    if digits.contains("x") || digits.hasPrefix("nan(") || digits.hasPrefix("snan") { return nil }
    return Double(digits)
  }

  private func round(_ value: Value, _ precision: Int, _ method: String, at offset: Int) throws(TemplateError) -> Value
  {
    guard let number = value.number, ["common", "ceil", "floor"].contains(method), (-15...15).contains(precision) else {
      throw error(
        "round found \(value.typeName), precision \(precision), method '\(method)'; allowed: a number, -15…15, "
          + "common, ceil or floor", at: offset)
    }
    if method == "common" {
      if let integer = value.integer, precision >= 0 { return .int(integer) }
      // printf rounds the exact binary value, as Python does.
      if precision >= 0 { return .float(Double(String(format: "%.\(precision)f", number)) ?? number) }
    }
    let scale = pow(10, Double(precision))
    let scaled = number * scale
    switch method {
    case "ceil": return .float(scaled.rounded(.up) / scale)
    case "floor": return .float(scaled.rounded(.down) / scale)
    default:
      let rounded = scaled.rounded(.toNearestOrEven) / scale
      return value.integer == nil ? .float(rounded) : Int(exactly: rounded.rounded()).map(Value.int) ?? .float(rounded)
    }
  }
}
