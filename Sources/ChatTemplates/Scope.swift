/// The variables of one block; inner blocks see outer ones, not the reverse.
final class Scope {
  let parent: Scope?
  private var symbols: [Symbol] = []
  private var values: [Value] = []

  init(in parent: Scope?) { self.parent = parent }

  subscript(symbol: Symbol) -> Value? {
    var scope: Scope? = self
    while let here = scope {
      if let index = here.symbols.firstIndex(of: symbol) { return here.values[index] }
      scope = here.parent
    }
    return nil
  }

  func set(_ symbol: Symbol, to value: Value) {
    if let index = symbols.firstIndex(of: symbol) {
      values[index] = value
    } else {
      symbols.append(symbol)
      values.append(value)
    }
  }

  /// Forgets everything; breaks the cycles that macros make.
  func clear() {
    symbols = []
    values = []
  }
}
