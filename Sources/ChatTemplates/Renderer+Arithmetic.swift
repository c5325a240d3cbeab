import Foundation

/// Sums, products and the like, as Python computes them; integers that leave 64 bits are errors.
extension Renderer {
  func signed(_ value: Value, isNegated: Bool, at offset: Int) throws(TemplateError) -> Value {
    if case .float(let number) = value { return .float(isNegated ? -number : number) }
    guard let integer = value.integer else {
      throw error("a sign stands before \(value.typeName); allowed: numbers", at: offset)
    }
    return .int(isNegated ? try exact(Int(0).subtractingReportingOverflow(integer), at: offset) : integer)
  }

  func exact(_ result: (partialValue: Int, overflow: Bool), at offset: Int) throws(TemplateError) -> Int {
    if result.overflow { throw error("the integer result leaves \(Int.min)…\(Int.max)", at: offset) }
    return result.partialValue
  }

  func arithmetic(_ operation: Arithmetic, _ left: Value, _ right: Value, at offset: Int) throws(TemplateError)
    -> Value
  {
    switch (operation, left, right) {
    case (.add, .text(let a), .text(let b)): return .text(try joined(a, b, at: offset))
    case (.add, .list(let a), .list(let b)) where a.kind == b.kind && a.kind != .iterator:
      return try makeList(a.items + b.items, a.kind, at: offset)
    case (.multiply, .text(let text), _) where right.integer != nil:
      return .text(try repeated(text, right.integer ?? 0, at: offset))
    case (.multiply, _, .text(let text)) where left.integer != nil:
      return .text(try repeated(text, left.integer ?? 0, at: offset))
    case (.multiply, .list(let box), _) where right.integer != nil && box.kind != .iterator:
      return try repeated(box, right.integer ?? 0, at: offset)
    case (.multiply, _, .list(let box)) where left.integer != nil && box.kind != .iterator:
      return try repeated(box, left.integer ?? 0, at: offset)
    case (.modulo, .text(let format), _): return .text(try formatted(format, right, at: offset))
    default: break
    }
    if operation != .divide, let a = left.integer, let b = right.integer {
      return try integer(operation, a, b, at: offset)
    }
    guard let a = left.number, let b = right.number else {
      throw error("cannot \(operation) \(left.typeName) and \(right.typeName); join texts with '~'", at: offset)
    }
    return .float(try float(operation, a, b, at: offset))
  }

  private func integer(_ operation: Arithmetic, _ a: Int, _ b: Int, at offset: Int) throws(TemplateError) -> Value {
    switch operation {
    case .add: return .int(try exact(a.addingReportingOverflow(b), at: offset))
    case .subtract: return .int(try exact(a.subtractingReportingOverflow(b), at: offset))
    case .multiply: return .int(try exact(a.multipliedReportingOverflow(by: b), at: offset))
    case .floorDivide, .modulo:
      if b == 0 { throw error("division by zero", at: offset) }
      // The remainder takes the divisor's sign; -1 would overflow on the least integer.
      let remainder = b == -1 ? 0 : a % b
      let isShifted = remainder != 0 && (remainder < 0) != (b < 0)
      if operation == .modulo { return .int(isShifted ? remainder + b : remainder) }
      let quotient = try exact(a.dividedReportingOverflow(by: b), at: offset)
      return .int(isShifted ? quotient - 1 : quotient)
    case .power:
      if b < 0 { return .float(try float(.power, Double(a), Double(b), at: offset)) }
      var (result, base, exponent) = (1, a, b)
      while exponent > 0 {
        if exponent & 1 == 1 { result = try exact(result.multipliedReportingOverflow(by: base), at: offset) }
        exponent >>= 1
        if exponent > 0 { base = try exact(base.multipliedReportingOverflow(by: base), at: offset) }
      }
      return .int(result)
    case .divide: return .float(try float(.divide, Double(a), Double(b), at: offset))
    }
  }

  private func float(_ operation: Arithmetic, _ a: Double, _ b: Double, at offset: Int) throws(TemplateError) -> Double
  {
    switch operation {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide, .floorDivide, .modulo:
      if b == 0 { throw error("division by zero", at: offset) }
      if operation == .divide { return a / b }
      var remainder = fmod(a, b)
      if remainder != 0, (remainder < 0) != (b < 0) { remainder += b }
      if operation == .modulo { return remainder == 0 ? copysign(0, b) : remainder }
      let quotient = (a - remainder) / b
      let floored = quotient.rounded(.down)
      return quotient - floored > 0.5 ? floored + 1 : floored
    case .power:
      if a == 0, b < 0 { throw error("division by zero: 0 to a negative power", at: offset) }
      let result = pow(a, b)
      if result.isNaN, !a.isNaN, !b.isNaN { throw error("a negative number to a fractional power", at: offset) }
      if result.isInfinite, a.isFinite, b.isFinite { throw error("the float result is too large", at: offset) }
      return result
    }
  }

  private func repeated(_ text: Text, _ times: Int, at offset: Int) throws(TemplateError) -> Text {
    if times <= 0 || text.isEmpty { return Text("") }
    try charge(text, times: times, at: offset)
    var content = MarkedBytes()
    content.reserve(text.count * times)
    for _ in 0..<times { content.append(text) }
    return Text(content)
  }

  private func repeated(_ box: ListBox, _ times: Int, at offset: Int) throws(TemplateError) -> Value {
    if times <= 0 { return try makeList([], box.kind, at: offset) }
    try charge(box.items.count.multipliedSaturated(by: times), at: offset)
    return try makeList(Array(repeatElement(box.items, count: times).joined()), box.kind, at: offset)
  }
}
