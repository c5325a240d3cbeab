/// Draws the examples of one task, of any size, in the order in which RULER's script draws them.
protocol RULERGenerator {
  /// The examples that follow are tries for this sample; before the first one they are for the search of the size.
  mutating func begin(sample: Int)
  /// An example of about this size: noise sentences, words or documents. Draws from the generator of the task.
  mutating func example(size: Int) -> RULERExample
  /// The size that is tried first, and by which an example that came out too long is made smaller.
  var step: Int { get }
  /// Sizes up to which the greatest that fits is searched.
  mutating func searchLimit(length: Int, counter: TokenCounter) throws -> Int
  /// Tokens that `finished` will add to an example.
  func extraTokens(_ counter: TokenCounter) throws -> Int
  /// The example as it is asked; may draw.
  mutating func finished(_ example: RULERExample) -> RULERExample
}

extension RULERGenerator {
  mutating func begin(sample: Int) {}
  func extraTokens(_ counter: TokenCounter) throws -> Int { 0 }
  mutating func finished(_ example: RULERExample) -> RULERExample { example }

  /// Three times the size that one example of the first size makes likely.
  mutating func searchLimit(length: Int, counter: TokenCounter) throws -> Int {
    let perUnit = Double(try counter.prompt(example(size: step).prompt)) / Double(step)
    return max(Int(Double(length) / max(perUnit, 1e-6) * 3), step * 2)
  }

  /// The greatest size whose example, with the answer's tokens, has at most `length` tokens; `step` if none has.
  mutating func size(fitting length: Int, answerTokens: Int, counter: TokenCounter) throws -> Int {
    var low = step, high = try searchLimit(length: length, counter: counter), best: Int?
    let extra = try extraTokens(counter)
    while low <= high {
      let middle = (low + high) / 2
      let tokens = try counter.prompt(example(size: middle).prompt) + extra + answerTokens
      if tokens <= length { (best, low) = (middle, middle + 1) } else { high = middle - 1 }
    }
    return best ?? step
  }

  /// An example of at most `length` tokens with the answer's; nil where the smallest is still too long.
  ///
  /// RULER draws for ever there.
  mutating func example(
    size: Int, fitting length: Int, answerTokens: Int, counter: TokenCounter
  ) throws -> (example: RULERExample, tokens: Int)? {
    var size = size
    while true {
      let drawn = finished(example(size: size))
      let tokens = try counter.prompt(drawn.prompt) + answerTokens
      if tokens <= length { return (drawn, tokens) }
      if size <= step { return nil }
      size -= step
    }
  }
}
