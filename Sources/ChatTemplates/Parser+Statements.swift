/// Statements: what stands in `{% … %}`, and the text between.
extension Parser {
  /// Statements up to a tag that begins with one of the words; that tag's `{%` is consumed, its word is not.
  mutating func statements(until ends: [String], of block: String, from start: Int) throws(TemplateError)
    -> [Statement]
  {
    try enter()
    defer { leave() }
    var result: [Statement] = []
    while true {
      let offset = self.offset
      nodeCount += 1
      switch current {
      case .data(let bytes):
        advance()
        result.append(Statement(form: .data(bytes), offset: offset))
      case .outputBegin:
        advance()
        let value = try tuple()
        if current != .outputEnd { throw unexpected("'}}' or an operator") }
        advance()
        result.append(Statement(form: .output(value), offset: offset))
      case .blockBegin:
        advance()
        if case .name(let word) = current, ends.contains(word) { return result }
        result.append(Statement(form: try statement(ending: ends, of: block), offset: offset))
      case .end where ends.isEmpty: return result
      case .end:
        throw error("the block '\(block)' has no end; close it with '{% \(ends[ends.count - 1]) %}'", at: start)
      default: throw unexpected("text or a tag")
      }
    }
  }

  /// The body of a block whose head is read, and the word that ends it.
  private mutating func body(until ends: String..., of block: String, from start: Int) throws(TemplateError)
    -> (body: [Statement], end: String)
  {
    _ = skip(.colon)
    try expectBlockEnd()
    let body = try statements(until: ends, of: block, from: start)
    return (body, try expectName())
  }

  /// The body of a block that one word ends.
  private mutating func wholeBody(until end: String, of block: String, from start: Int) throws(TemplateError)
    -> [Statement]
  {
    let result = try body(until: end, of: block, from: start).body
    try expectBlockEnd()
    return result
  }

  private mutating func statement(ending ends: [String], of block: String) throws(TemplateError) -> Statement.Form {
    let start = offset
    guard case .name(let word) = current else { throw unexpected("a statement's name") }
    advance()
    switch word {
    case "for": return try forLoop(from: start)
    case "if": return try branch(from: start)
    case "set": return try set(from: start)
    case "macro": return try macro(from: start)
    case "call": return try callBlock(from: start)
    case "with": return try with(from: start)
    case "filter":
      var filter = try filter(nil)
      while current == .punctuation(.pipe) { filter = try filtered(filter) }
      return .filterBlock(filter: filter, body: try wholeBody(until: "endfilter", of: word, from: start))
    case "generation": return .generation(try wholeBody(until: "endgeneration", of: word, from: start))
    case "break", "continue":
      if loops == 0 { throw error("'\(word)' outside of a loop; allowed inside '{% for %}'", at: start) }
      try expectBlockEnd()
      return word == "break" ? .breakLoop : .continueLoop
    default:
      let closing = ends.isEmpty ? "" : ", or '\(ends.joined(separator: "', '"))' of '\(block)'"
      throw error(
        "found the statement '\(word)'; allowed: for, if, set, macro, call, filter, with, generation, raw, break, "
          + "continue\(closing)", at: start)
    }
  }

  private mutating func branch(from start: Int) throws(TemplateError) -> Statement.Form {
    var branches: [(test: Expression, body: [Statement])] = []
    while true {
      let test = try tuple(conditional: false)
      let (body, end) = try body(until: "elif", "else", "endif", of: "if", from: start)
      branches.append((test, body))
      if end == "elif" { continue }
      let otherwise = end == "else" ? try self.body(until: "endif", of: "if", from: start).body : []
      try expectBlockEnd()
      return .branch(branches, otherwise: otherwise)
    }
  }

  private mutating func forLoop(from start: Int) throws(TemplateError) -> Statement.Form {
    let target = try target(endingAt: "in", allowsAttributes: false)
    if !skip(word: "in") { throw unexpected("'in'") }
    let items = try tuple(conditional: false, endingAt: ["recursive"])
    let condition = skip(word: "if") ? try expression() : nil
    let isRecursive = skip(word: "recursive")
    loops += 1
    let (body, end) = try body(until: "else", "endfor", of: "for", from: start)
    loops -= 1
    let otherwise = end == "else" ? try self.body(until: "endfor", of: "for", from: start).body : []
    try expectBlockEnd()
    return .loop(
      ForLoop(
        target: target, items: items, condition: condition, isRecursive: isRecursive, body: body, otherwise: otherwise))
  }

  private mutating func target(endingAt word: String? = nil, allowsAttributes: Bool) throws(TemplateError) -> Target {
    var parts: [Target] = []
    var isTuple = false
    while parts.isEmpty || isTuple {
      if isTuple, current == .punctuation(.assign) || word.map({ current == .name($0) }) ?? false { break }
      if current == .punctuation(.openParenthesis) {
        advance()
        try enter()
        parts.append(try target(allowsAttributes: allowsAttributes))
        leave()
        try expect(.closeParenthesis)
      } else {
        let start = offset
        let name = try expectName()
        if ["true", "false", "none", "True", "False", "None"].contains(name) {
          throw error("cannot assign to '\(name)'; allowed: a variable's name", at: start)
        }
        if allowsAttributes, skip(.dot) {
          namesRead.insert(name)
          parts.append(.attribute(symbol(name), name: try expectName()))
        } else {
          parts.append(.name(symbol(name)))
        }
      }
      guard skip(.comma) else { break }
      isTuple = true
      if current == .blockEnd || current == .punctuation(.closeParenthesis) { break }
    }
    return isTuple ? .tuple(parts) : parts[0]
  }

  private mutating func set(from start: Int) throws(TemplateError) -> Statement.Form {
    let target = try target(allowsAttributes: true)
    if skip(.assign) {
      let value = try tuple()
      try expectBlockEnd()
      return .set(target, value)
    }
    var filter: Expression?
    while current == .punctuation(.pipe) { filter = try filtered(filter) }
    return .setBlock(target, filter: filter, body: try wholeBody(until: "endset", of: "set", from: start))
  }

  private mutating func with(from start: Int) throws(TemplateError) -> Statement.Form {
    var assignments: [(target: Target, value: Expression)] = []
    while current != .blockEnd {
      if !assignments.isEmpty { try expect(.comma) }
      let name = try expectName()
      try expect(.assign)
      assignments.append((.name(symbol(name)), try expression()))
    }
    return .with(assignments, body: try wholeBody(until: "endwith", of: "with", from: start))
  }

  private mutating func macro(from start: Int) throws(TemplateError) -> Statement.Form {
    let name = try expectName()
    return .macro(try macro(name, parameters: try parameters(), ending: "endmacro", of: "macro", from: start))
  }

  private mutating func callBlock(from start: Int) throws(TemplateError) -> Statement.Form {
    let parameters = current == .punctuation(.openParenthesis) ? try self.parameters() : []
    let call = try expression()
    guard case .call = call.form else { throw error("found no call; allowed: {% call name(…) %}", at: start) }
    return .callBlock(
      call: call, caller: try macro("caller", parameters: parameters, ending: "endcall", of: "call", from: start))
  }

  private mutating func macro(
    _ name: String, parameters: [(symbol: Symbol, name: String, standard: Expression?)], ending: String,
    of block: String, from start: Int
  ) throws(TemplateError) -> Macro {
    var allNames = namesRead
    let outerLoops = loops
    (namesRead, loops) = ([], 0)
    let body = try wholeBody(until: ending, of: block, from: start)
    let used = namesRead
    allNames.formUnion(used)
    (namesRead, loops) = (allNames, outerLoops)
    func special(_ word: String) -> Symbol? { used.contains(word) ? symbol(word) : nil }
    return Macro(
      name: name, symbol: symbol(name), parameters: parameters, body: body, varargs: special("varargs"),
      kwargs: special("kwargs"),
      caller: special("caller"))
  }

  private mutating func parameters() throws(TemplateError) -> [(symbol: Symbol, name: String, standard: Expression?)] {
    var result: [(symbol: Symbol, name: String, standard: Expression?)] = []
    try expect(.openParenthesis)
    while current != .punctuation(.closeParenthesis) {
      if !result.isEmpty { try expect(.comma) }
      let name = try expectName()
      if result.contains(where: { $0.name == name }) { throw error("the parameter '\(name)' stands twice") }
      let standard = skip(.assign) ? try expression() : nil
      if standard == nil, result.last?.standard != nil {
        throw error("a parameter without a default follows one with a default")
      }
      result.append((symbol(name), name, standard))
      try checkCount(result.count, "parameters")
    }
    advance()
    return result
  }
}
