/// The variable `loop` of a for loop.
final class LoopState {
  let items: [Value]
  var index = 0
  let level: Int
  /// What `loop(items)` repeats, if the loop is recursive.
  let recursion: (loop: ForLoop, scope: Scope)?
  /// What `loop.changed(…)` saw last.
  var lastChanged: Value?

  init(items: [Value], level: Int, recursion: (loop: ForLoop, scope: Scope)?) {
    self.items = items
    self.level = level
    self.recursion = recursion
  }
}

/// Something to call.
enum Function {
  /// A function that every template knows.
  case global(GlobalFunction)
  case macro(MacroClosure)
  /// `value.name` of a method.
  case method(receiver: ValueBox, name: String)
  case cycler(Cycler)
  case joiner(Cycler)
}

/// A value behind a reference, so that values can hold values.
final class ValueBox {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// The functions of chat templates' environment.
enum GlobalFunction: String, CaseIterable {
  case range, dict, namespace, cycler, joiner
  case raiseException = "raise_exception"
  case strftimeNow = "strftime_now"
}

/// A macro and the variables it was written among.
final class MacroClosure {
  let macro: Macro
  let scope: Scope
  init(_ macro: Macro, in scope: Scope) {
    self.macro = macro
    self.scope = scope
  }
}

/// `cycler(…)` gives its items in turn; `joiner(…)` gives nothing the first time.
final class Cycler {
  let items: [Value]
  var position = 0
  init(_ items: [Value]) { self.items = items }
}
