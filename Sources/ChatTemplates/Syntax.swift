/// Index of a variable's name in the program.
typealias Symbol = Int

/// A parsed template.
struct Program: Sendable {
  /// The source as tokens point into it.
  var source: [UInt8]
  var body: [Statement]
  /// The variables' names, by symbol.
  var names: [String]
  var constants: [Constant]
  /// Number of expressions and statements: what one pass over the template costs.
  var nodeCount: Int
}

/// A value written in the template.
enum Constant: Sendable, Equatable {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text([UInt8])
}

/// An expression, and the byte to blame for it.
struct Expression: Sendable {
  indirect enum Form: Sendable {
    /// Index of a constant of the program.
    case constant(Int)
    case name(Symbol)
    case list([Expression])
    case tuple([Expression])
    case dict([(key: Expression, value: Expression)])
    case negated(Expression)
    case positive(Expression)
    case not(Expression)
    case arithmetic(Arithmetic, Expression, Expression)
    case concatenation([Expression])
    case and(Expression, Expression)
    case or(Expression, Expression)
    case comparison(Expression, [(operation: Comparison, operand: Expression)])
    case conditional(test: Expression, then: Expression, otherwise: Expression?)
    /// `base.name`; the constant holds the name as a text.
    case attribute(Expression, name: String, constant: Int)
    case item(Expression, Expression)
    case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, CallArguments)
    /// A filter without a base is applied to a block's text.
    case filter(Expression?, name: String, CallArguments)
    case test(Expression, name: String, CallArguments)
  }

  var form: Form
  var offset: Int
  /// Longest way down to a leaf; bounds the renderer's recursion.
  var depth: Int
}

enum Arithmetic: Sendable { case add, subtract, multiply, divide, floorDivide, modulo, power }

enum Comparison: Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contained, notContained }

/// What stands in the parentheses of a call.
struct CallArguments: Sendable {
  var positional: [Expression] = []
  var named: [(name: String, value: Expression)] = []
  /// `*list`
  var spread: Expression?
  /// `**dict`
  var namedSpread: Expression?
}

/// What `set` and `for` write to.
indirect enum Target: Sendable {
  case name(Symbol)
  case tuple([Target])
  /// `namespace.name`
  case attribute(Symbol, name: String)
}

/// A statement, and the byte to blame for it.
struct Statement: Sendable {
  indirect enum Form: Sendable {
    case data([UInt8])
    case output(Expression)
    case branch([(test: Expression, body: [Statement])], otherwise: [Statement])
    case loop(ForLoop)
    case set(Target, Expression)
    /// `{% set x %}…{% endset %}`, through filters.
    case setBlock(Target, filter: Expression?, body: [Statement])
    case macro(Macro)
    /// `{% call(…) f(…) %}…{% endcall %}`
    case callBlock(call: Expression, caller: Macro)
    case filterBlock(filter: Expression, body: [Statement])
    case with([(target: Target, value: Expression)], body: [Statement])
    case generation([Statement])
    case breakLoop
    case continueLoop
  }

  var form: Form
  var offset: Int
}

/// `{% for target in items if condition recursive %}…{% else %}…{% endfor %}`
final class ForLoop: Sendable {
  let target: Target
  let items: Expression
  let condition: Expression?
  let isRecursive: Bool
  let body: [Statement]
  let otherwise: [Statement]

  init(
    target: Target, items: Expression, condition: Expression?, isRecursive: Bool, body: [Statement],
    otherwise: [Statement]
  ) {
    self.target = target
    self.items = items
    self.condition = condition
    self.isRecursive = isRecursive
    self.body = body
    self.otherwise = otherwise
  }
}

/// A macro, or the body of a call block.
final class Macro: Sendable {
  let name: String
  /// The variable that holds the macro.
  let symbol: Symbol
  let parameters: [(symbol: Symbol, name: String, standard: Expression?)]
  let body: [Statement]
  /// The symbols of `varargs`, `kwargs` and `caller`, where the body reads them.
  let varargs: Symbol?
  let kwargs: Symbol?
  let caller: Symbol?

  init(
    name: String, symbol: Symbol, parameters: [(symbol: Symbol, name: String, standard: Expression?)],
    body: [Statement], varargs: Symbol?, kwargs: Symbol?, caller: Symbol?
  ) {
    self.name = name
    self.symbol = symbol
    self.parameters = parameters
    self.body = body
    self.varargs = varargs
    self.kwargs = kwargs
    self.caller = caller
  }
}
