/// Builds the program from the tokens.
///
/// Nesting is bounded, so no template can exhaust the stack, here or while rendering; so are the lengths of what is
/// searched name by name.
struct Parser {
  /// Bytes of a template; the longest published ones have some tens of thousands.
  static let maximumLength = 1 << 18
  /// Parameters of a macro, and named arguments of a call.
  static let maximumNames = 255
  static let maximumNesting = 64
  static let maximumDepth = 128

  let source: [UInt8]
  let tokens: [LocatedToken]
  var index = 0
  var nesting = 0
  /// Loops around the current place, inside the innermost macro.
  var loops = 0
  var nodeCount = 0
  var names: [String] = []
  private var symbols: [String: Symbol] = [:]
  private var constants: [Constant] = []
  private var constantIndices: [[UInt8]: Int] = [:]
  /// Names read since a macro began; says whether it uses `varargs` and the like.
  var namesRead: Set<String> = []

  static func program(_ text: String) throws(TemplateError) -> Program {
    guard text.utf8.count <= maximumLength else {
      throw TemplateError(
        .limit, "the template has \(text.utf8.count) bytes; allowed: \(maximumLength) at most", at: 0, of: [])
    }
    let source = Lexer.normalized(text)
    var lexer = Lexer(source)
    var parser = Parser(source: source, tokens: try lexer.tokenized())
    let body = try parser.statements(until: [], of: "template", from: 0)
    return Program(
      source: source, body: body, names: parser.names, constants: parser.constants, nodeCount: parser.nodeCount)
  }

  private init(source: [UInt8], tokens: [LocatedToken]) {
    self.source = source
    self.tokens = tokens
  }

  // MARK: Tokens

  var current: Token { tokens[index].token }
  var offset: Int { tokens[index].offset }
  var next: Token { index + 1 < tokens.count ? tokens[index + 1].token : .end }

  mutating func advance() { if index + 1 < tokens.count { index += 1 } }

  func error(_ message: String, at offset: Int? = nil, kind: TemplateError.Kind = .syntax) -> TemplateError {
    TemplateError(kind, message, at: offset ?? self.offset, of: source)
  }

  func unexpected(_ allowed: String) -> TemplateError { error("found \(current.description); allowed: \(allowed)") }

  mutating func skip(_ sign: Punctuation) -> Bool {
    if current != .punctuation(sign) { return false }
    advance()
    return true
  }

  mutating func skip(word: String) -> Bool {
    if current != .name(word) { return false }
    advance()
    return true
  }

  mutating func expect(_ sign: Punctuation) throws(TemplateError) {
    if !skip(sign) { throw unexpected("'\(sign.rawValue)'") }
  }

  mutating func expectName() throws(TemplateError) -> String {
    guard case .name(let name) = current else { throw unexpected("a name") }
    advance()
    return name
  }

  mutating func expectBlockEnd() throws(TemplateError) {
    if current != .blockEnd { throw unexpected("'%}'") }
    advance()
  }

  // MARK: Tables and bounds

  mutating func symbol(_ name: String) -> Symbol {
    if let symbol = symbols[name] { return symbol }
    symbols[name] = names.count
    names.append(name)
    return names.count - 1
  }

  mutating func constant(_ value: Constant) -> Int {
    if case .text(let bytes) = value {
      if let index = constantIndices[bytes] { return index }
      constantIndices[bytes] = constants.count
    }
    constants.append(value)
    return constants.count - 1
  }

  /// Makes an expression over others, if these are not too deep.
  mutating func node(_ form: Expression.Form, at offset: Int, over parts: [Expression] = []) throws(TemplateError)
    -> Expression
  {
    nodeCount += 1
    let depth = 1 + (parts.map(\.depth).max() ?? 0)
    if depth > Self.maximumDepth {
      throw error(
        "the expression is more than \(Self.maximumDepth) operations deep; set parts of it first", at: offset,
        kind: .limit)
    }
    return Expression(form: form, offset: offset, depth: depth)
  }

  mutating func enter() throws(TemplateError) {
    nesting += 1
    if nesting > Self.maximumNesting {
      throw error("more than \(Self.maximumNesting) levels of nesting", kind: .limit)
    }
  }

  mutating func leave() { nesting -= 1 }

  func checkCount(_ count: Int, _ what: String) throws(TemplateError) {
    if count > Self.maximumNames { throw error("more than \(Self.maximumNames) \(what)", kind: .limit) }
  }
}
