import Foundation

/// `'…' % values` and `'…'.format(…)`, with the directives that templates use.
extension Renderer {
  /// Python's `%`: flags `-`, `0`, `+`, a width, a precision, and s r d i f x o c %.
  func formatted(_ format: Text, _ value: Value, at offset: Int) throws(TemplateError) -> Text {
    var values = [value]
    if case .list(let box) = value, box.kind == .tuple { values = box.items }
    try charge(format, at: offset)
    var content = MarkedBytes()
    var scalars = Substring(format.string).unicodeScalars
    var used = 0
    while let scalar = scalars.popFirst() {
      guard scalar == "%" else {
        content.append(String(scalar))
        continue
      }
      var argument: Value?
      if scalars.first == "(" {
        let name = String(scalars.dropFirst().prefix { $0 != ")" })
        scalars = scalars.dropFirst(name.unicodeScalars.count + 2)
        guard case .dict(let box) = value, let found = box.value(for: Text(name)) else {
          throw error("the format names '\(name)', which no mapping gives", at: offset)
        }
        argument = found
        used = values.count
      }
      let flags = scalars.prefix { "-0+ #".unicodeScalars.contains($0) }
      scalars = scalars.dropFirst(flags.count)
      let width = try number(&scalars, at: offset) ?? 0
      var precision: Int?
      if scalars.first == "." {
        scalars.removeFirst()
        precision = try number(&scalars, at: offset) ?? 0
      }
      guard let directive = scalars.popFirst() else { throw error("the format ends inside a directive", at: offset) }
      if directive == "%" {
        content.append("%")
        continue
      }
      if argument == nil {
        if used >= values.count {
          throw error("the format needs more than the \(values.count) values given", at: offset)
        }
        argument = values[used]
        used += 1
      }
      var text = try directed(directive, argument ?? .none, precision, at: offset)
      if flags.contains("+"), !"src".unicodeScalars.contains(directive), text.bytes.first != UInt8(ascii: "-") {
        text = Text("+") + text
      }
      let isZero = flags.contains("0") && !"src".unicodeScalars.contains(directive)
      let name = flags.contains("-") ? "ljust" : isZero ? "zfill" : "rjust"
      text = try padded(text, to: width, with: Text(name == "zfill" ? "0" : " "), name, at: offset)
      try charge(text, at: offset)
      content.append(text)
    }
    if used < values.count, !isSubscripted(value) {
      throw error("the format uses \(used) of the \(values.count) values given", at: offset)
    }
    return Text(content)
  }

  /// Whether Python takes the value for a mapping, of which a format need not use everything.
  private func isSubscripted(_ value: Value) -> Bool {
    switch value {
    case .dict, .undefined: true
    case .list(let box): box.kind == .list
    default: false
    }
  }

  private func number(_ scalars: inout Substring.UnicodeScalarView, at offset: Int) throws(TemplateError) -> Int? {
    let digits = String(scalars.prefix { ("0"..."9").contains($0) })
    scalars = scalars.dropFirst(digits.unicodeScalars.count)
    if digits.isEmpty { return nil }
    guard let value = Int(digits), value <= 1_000_000 else {
      throw error("the format has the width \(digits.prefix(20)); allowed: to 1000000", at: offset)
    }
    return value
  }

  private func directed(_ directive: Unicode.Scalar, _ value: Value, _ precision: Int?, at offset: Int)
    throws(TemplateError) -> Text
  {
    switch directive {
    case "s", "r":
      if directive == "r" { try charge(value.cost, at: offset) }
      let text = directive == "s" ? try printed(value, at: offset) : Text(value.representation)
      return precision.map { text.sliced(SliceBounds(stop: $0)) } ?? text
    case "d", "i", "u", "x", "X", "o":
      var whole = value.integer
      if case .float(let number) = value, directive == "d" || directive == "i" || directive == "u" {
        whole = Int(exactly: number.rounded(.towardZero))
      }
      guard let whole else { throw error("%\(directive) found \(value.typeName); allowed: integers", at: offset) }
      let radix = directive == "o" ? 8 : directive.properties.lowercaseMapping == "x" ? 16 : 10
      return Text(String(whole, radix: radix, uppercase: directive == "X"))
    case "f", "F", "e", "g":
      guard let number = value.number else {
        throw error("%\(directive) found \(value.typeName); allowed: numbers", at: offset)
      }
      if !number.isFinite { return Text(number.pythonDescription) }
      return Text(String(format: "%.\(min(precision ?? 6, 1000))\(directive)", number))
    case "c":
      if case .text(let text) = value, text.scalarCount == 1 { return text }
      guard let code = value.integer, let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
        throw error("%c found \(value.typeName); allowed: one character or its code", at: offset)
      }
      return Text(String(scalar))
    default: throw error("the format has '%\(directive)'; allowed: s r d i u x o f e g c %", at: offset)
    }
  }

  /// Python's `format` with `{}`, `{0}` and `{name}`; what follows a `:` is not known.
  func formatted(_ format: Text, _ arguments: Arguments, at offset: Int) throws(TemplateError) -> Text {
    var content = MarkedBytes()
    var scalars = Substring(format.string).unicodeScalars
    var used = 0
    while let scalar = scalars.popFirst() {
      if scalar == "{" || scalar == "}", scalars.first == scalar {
        scalars.removeFirst()
        content.append(String(scalar))
      } else if scalar == "{" {
        let field = String(scalars.prefix { $0 != "}" })
        if field.unicodeScalars.count == scalars.count { throw error("format() found '{' without '}'", at: offset) }
        scalars = scalars.dropFirst(field.unicodeScalars.count + 1)
        let index = field.isEmpty ? used : Int(field)
        if field.isEmpty { used += 1 }
        let positional = index.flatMap { arguments.positional.indices.contains($0) ? arguments.positional[$0] : nil }
        guard let value = positional ?? arguments[field] else {
          throw error("format() found '{\(field.prefix(40))}'; allowed: {}, {0}, {name} of a given value", at: offset)
        }
        let text = try printed(value, at: offset)
        try charge(text, at: offset)
        content.append(text)
      } else if scalar == "}" {
        throw error("format() found '}' without '{'", at: offset)
      } else {
        content.append(String(scalar))
      }
    }
    return Text(content)
  }
}
