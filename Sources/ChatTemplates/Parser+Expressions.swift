/// Expressions, from loose to tight: conditional, or, and, not, comparison, + -, ~, * / // %, **, sign, postfix.
extension Parser {
  mutating func expression(conditional: Bool = true) throws(TemplateError) -> Expression {
    try enter()
    defer { leave() }
    var result = try disjunction()
    while conditional, current == .name("if") {
      let offset = self.offset
      advance()
      let test = try disjunction()
      let otherwise = skip(word: "else") ? try expression() : nil
      result = try node(
        .conditional(test: test, then: result, otherwise: otherwise), at: offset,
        over: [test, result] + (otherwise.map { [$0] } ?? []))
    }
    return result
  }

  /// One expression, or several between commas as a tuple.
  mutating func tuple(conditional: Bool = true, inParentheses: Bool = false, endingAt words: [String] = [])
    throws(TemplateError) -> Expression
  {
    let start = offset
    var parts: [Expression] = []
    var isTuple = inParentheses
    while !isTupleEnd(words) {
      parts.append(try expression(conditional: conditional))
      if !skip(.comma) {
        if parts.count == 1 { isTuple = false }
        break
      }
      isTuple = true
    }
    if isTuple { return try node(.tuple(parts), at: start, over: parts) }
    guard let only = parts.first else { throw unexpected("an expression") }
    return only
  }

  private func isTupleEnd(_ words: [String]) -> Bool {
    switch current {
    case .outputEnd, .blockEnd, .punctuation(.closeParenthesis): true
    case .name(let name): words.contains(name)
    default: false
    }
  }

  private mutating func disjunction() throws(TemplateError) -> Expression {
    var left = try conjunction()
    while current == .name("or") {
      let offset = self.offset
      advance()
      let right = try conjunction()
      left = try node(.or(left, right), at: offset, over: [left, right])
    }
    return left
  }

  private mutating func conjunction() throws(TemplateError) -> Expression {
    var left = try negation()
    while current == .name("and") {
      let offset = self.offset
      advance()
      let right = try negation()
      left = try node(.and(left, right), at: offset, over: [left, right])
    }
    return left
  }

  private mutating func negation() throws(TemplateError) -> Expression {
    guard current == .name("not") else { return try comparison() }
    let offset = self.offset
    advance()
    try enter()
    defer { leave() }
    let operand = try negation()
    return try node(.not(operand), at: offset, over: [operand])
  }

  private mutating func comparison() throws(TemplateError) -> Expression {
    let left = try arithmetic(0)
    var operations: [(operation: Comparison, operand: Expression)] = []
    let start = offset
    while let operation = comparisonOperator() {
      operations.append((operation, try arithmetic(0)))
    }
    if operations.isEmpty { return left }
    return try node(.comparison(left, operations), at: start, over: [left] + operations.map(\.operand))
  }

  private mutating func comparisonOperator() -> Comparison? {
    let found: Comparison? =
      switch current {
      case .punctuation(.equal): .equal
      case .punctuation(.notEqual): .notEqual
      case .punctuation(.less): .less
      case .punctuation(.lessOrEqual): .lessOrEqual
      case .punctuation(.greater): .greater
      case .punctuation(.greaterOrEqual): .greaterOrEqual
      case .name("in"): .contained
      case .name("not") where next == .name("in"): .notContained
      default: nil
      }
    if found != nil { advance() }
    if found == .notContained { advance() }
    return found
  }

  /// Levels: 0 is + -, 1 is ~, 2 is * / // %, 3 is **.
  private mutating func arithmetic(_ level: Int) throws(TemplateError) -> Expression {
    if level == 4 { return try unary() }
    var left = try arithmetic(level + 1)
    if level == 1 {
      guard current == .punctuation(.tilde) else { return left }
      let start = offset
      var parts = [left]
      while skip(.tilde) { parts.append(try arithmetic(2)) }
      return try node(.concatenation(parts), at: start, over: parts)
    }
    while let operation = arithmeticOperator(level) {
      let offset = self.offset
      advance()
      let right = try arithmetic(level + 1)
      left = try node(.arithmetic(operation, left, right), at: offset, over: [left, right])
    }
    return left
  }

  private func arithmeticOperator(_ level: Int) -> Arithmetic? {
    switch (level, current) {
    case (0, .punctuation(.add)): .add
    case (0, .punctuation(.subtract)): .subtract
    case (2, .punctuation(.multiply)): .multiply
    case (2, .punctuation(.divide)): .divide
    case (2, .punctuation(.floorDivide)): .floorDivide
    case (2, .punctuation(.modulo)): .modulo
    case (3, .punctuation(.power)): .power
    default: nil
    }
  }

  /// A sign binds tighter than a filter: `-1|abs` is `(-1)|abs`.
  private mutating func unary(withFilters: Bool = true) throws(TemplateError) -> Expression {
    var result: Expression
    if current == .punctuation(.subtract) || current == .punctuation(.add) {
      let isNegated = current == .punctuation(.subtract)
      let offset = self.offset
      advance()
      try enter()
      defer { leave() }
      let operand = try unary(withFilters: false)
      result = try node(isNegated ? .negated(operand) : .positive(operand), at: offset, over: [operand])
    } else {
      result = try primary()
    }
    result = try postfixes(result)
    return withFilters ? try filtersAndTests(result) : result
  }

  mutating func primary() throws(TemplateError) -> Expression {
    let start = offset
    switch current {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return try node(.constant(constant(.bool(true))), at: start)
      case "false", "False": return try node(.constant(constant(.bool(false))), at: start)
      case "none", "None": return try node(.constant(constant(.none)), at: start)
      default:
        namesRead.insert(name)
        return try node(.name(symbol(name)), at: start)
      }
    case .text(var bytes):
      advance()
      while case .text(let more) = current {
        bytes += more
        advance()
      }
      return try node(.constant(constant(.text(bytes))), at: start)
    case .integer(let value):
      advance()
      return try node(.constant(constant(.integer(value))), at: start)
    case .float(let value):
      advance()
      return try node(.constant(constant(.float(value))), at: start)
    case .punctuation(.openParenthesis):
      advance()
      let inner = try tuple(inParentheses: true)
      try expect(.closeParenthesis)
      return inner
    case .punctuation(.openBracket): return try list()
    case .punctuation(.openBrace): return try dict()
    default: throw unexpected("an expression")
    }
  }

  private mutating func list() throws(TemplateError) -> Expression {
    let start = offset
    advance()
    var parts: [Expression] = []
    while current != .punctuation(.closeBracket) {
      if !parts.isEmpty { try expect(.comma) }
      if current == .punctuation(.closeBracket) { break }
      parts.append(try expression())
    }
    advance()
    return try node(.list(parts), at: start, over: parts)
  }

  private mutating func dict() throws(TemplateError) -> Expression {
    let start = offset
    advance()
    var entries: [(key: Expression, value: Expression)] = []
    while current != .punctuation(.closeBrace) {
      if !entries.isEmpty { try expect(.comma) }
      if current == .punctuation(.closeBrace) { break }
      let key = try expression()
      try expect(.colon)
      entries.append((key, try expression()))
    }
    advance()
    return try node(.dict(entries), at: start, over: entries.map(\.key) + entries.map(\.value))
  }
}
