/// A mark of punctuation inside a tag.
enum Punctuation: String, Sendable {
  case floorDivide = "//"
  case power = "**"
  case equal = "=="
  case notEqual = "!="
  case greaterOrEqual = ">="
  case lessOrEqual = "<="
  case add = "+"
  case subtract = "-"
  case divide = "/"
  case multiply = "*"
  case modulo = "%"
  case tilde = "~"
  case openBracket = "["
  case closeBracket = "]"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBrace = "{"
  case closeBrace = "}"
  case greater = ">"
  case less = "<"
  case assign = "="
  case dot = "."
  case colon = ":"
  case pipe = "|"
  case comma = ","
  case semicolon = ";"
}

/// A word of a template.
enum Token: Equatable, Sendable {
  case data([UInt8])
  case outputBegin
  case outputEnd
  case blockBegin
  case blockEnd
  case name(String)
  case text([UInt8])
  case integer(Int)
  case float(Double)
  case punctuation(Punctuation)
  case end

  /// The token as an error message shows it.
  var description: String {
    switch self {
    case .data: "text"
    case .outputBegin: "'{{'"
    case .outputEnd: "'}}'"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .name(let name): "'\(name)'"
    case .text: "a string"
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .punctuation(let sign): "'\(sign.rawValue)'"
    case .end: "the end of the template"
    }
  }
}

/// A token and the byte it starts at.
struct LocatedToken: Sendable {
  var token: Token
  var offset: Int
}
