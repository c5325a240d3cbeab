/// What follows an operand: attributes, subscripts, calls, filters and tests.
extension Parser {
  mutating func postfixes(_ base: Expression) throws(TemplateError) -> Expression {
    var result = base
    while true {
      switch current {
      case .punctuation(.dot), .punctuation(.openBracket): result = try subscripted(result)
      case .punctuation(.openParenthesis): result = try called(result)
      default: return result
      }
    }
  }

  mutating func filtersAndTests(_ base: Expression) throws(TemplateError) -> Expression {
    var result = base
    while true {
      switch current {
      case .punctuation(.pipe): result = try filtered(result)
      case .name("is"): result = try tested(result)
      case .punctuation(.openParenthesis): result = try called(result)
      default: return result
      }
    }
  }

  private mutating func called(_ function: Expression) throws(TemplateError) -> Expression {
    let start = offset
    let (arguments, parts) = try callArguments()
    return try node(.call(function, arguments), at: start, over: parts + [function])
  }

  private mutating func subscripted(_ base: Expression) throws(TemplateError) -> Expression {
    let start = offset
    if skip(.dot) {
      switch current {
      case .name(let name):
        advance()
        let key = constant(.text(Array(name.utf8)))
        return try node(.attribute(base, name: name, constant: key), at: start, over: [base])
      case .integer(let value):
        let key = try node(.constant(constant(.integer(value))), at: offset)
        advance()
        return try node(.item(base, key), at: start, over: [base])
      default: throw unexpected("a name or a number")
      }
    }
    try expect(.openBracket)
    if current == .punctuation(.closeBracket) { throw unexpected("an index or a slice") }
    let first = current == .punctuation(.colon) ? nil : try expression()
    if skip(.colon) {
      let stop = isSlicePart ? try expression() : nil
      let step = skip(.colon) && isSlicePart ? try expression() : nil
      try expect(.closeBracket)
      return try node(
        .slice(base, start: first, stop: stop, step: step), at: start,
        over: [base] + [first, stop, step].compactMap { $0 })
    }
    guard var key = first else { throw unexpected("an index or a slice") }
    if current == .punctuation(.comma) {
      var parts = [key]
      while skip(.comma), current != .punctuation(.closeBracket) { parts.append(try expression()) }
      key = try node(.tuple(parts), at: key.offset, over: parts)
    }
    try expect(.closeBracket)
    return try node(.item(base, key), at: start, over: [base, key])
  }

  private var isSlicePart: Bool {
    current != .punctuation(.colon) && current != .punctuation(.closeBracket)
  }

  /// The arguments, and all expressions in them.
  mutating func callArguments() throws(TemplateError) -> (CallArguments, [Expression]) {
    var arguments = CallArguments()
    var parts: [Expression] = []
    try expect(.openParenthesis)
    while current != .punctuation(.closeParenthesis) {
      if !parts.isEmpty {
        try expect(.comma)
        if current == .punctuation(.closeParenthesis) { break }
      }
      if arguments.namedSpread != nil { throw unexpected("')' after '**'") }
      let value: Expression
      if skip(.multiply) {
        if arguments.spread != nil { throw unexpected("one '*' at most") }
        value = try expression()
        arguments.spread = value
      } else if skip(.power) {
        value = try expression()
        arguments.namedSpread = value
      } else if case .name(let name) = current, next == .punctuation(.assign) {
        if arguments.named.contains(where: { $0.name == name }) { throw unexpected("each argument name once") }
        advance()
        advance()
        value = try expression()
        arguments.named.append((name, value))
        try checkCount(arguments.named.count, "named arguments")
      } else {
        if !arguments.named.isEmpty || arguments.spread != nil { throw unexpected("name=value, '**' or ')'") }
        value = try expression()
        arguments.positional.append(value)
      }
      parts.append(value)
    }
    advance()
    return (arguments, parts)
  }

  /// `|name(…)`; without a base, the filter of a block.
  mutating func filtered(_ base: Expression?) throws(TemplateError) -> Expression {
    try expect(.pipe)
    return try filter(base)
  }

  mutating func filter(_ base: Expression?) throws(TemplateError) -> Expression {
    let start = offset
    let name = try dottedName()
    var arguments = CallArguments()
    var parts: [Expression] = []
    if current == .punctuation(.openParenthesis) { (arguments, parts) = try callArguments() }
    return try node(
      .filter(base, name: name, arguments), at: start, over: parts + (base.map { [$0] } ?? []))
  }

  private mutating func dottedName() throws(TemplateError) -> String {
    var name = try expectName()
    while skip(.dot) { name += "." + (try expectName()) }
    return name
  }

  private mutating func tested(_ base: Expression) throws(TemplateError) -> Expression {
    let start = offset
    advance()
    let isNegated = skip(word: "not")
    let name = try dottedName()
    var arguments = CallArguments()
    var parts: [Expression] = []
    if current == .punctuation(.openParenthesis) {
      (arguments, parts) = try callArguments()
    } else if startsTestArgument {
      if current == .name("is") { throw unexpected("'and' between two tests") }
      let argument = try postfixes(try primary())
      arguments.positional = [argument]
      parts = [argument]
    }
    let test = try node(.test(base, name: name, arguments), at: start, over: parts + [base])
    return isNegated ? try node(.not(test), at: start, over: [test]) : test
  }

  private var startsTestArgument: Bool {
    switch current {
    case .name(let name): !["else", "or", "and"].contains(name)
    case .text, .integer, .float: true
    case .punctuation(.openBracket), .punctuation(.openBrace): true
    default: false
    }
  }
}
