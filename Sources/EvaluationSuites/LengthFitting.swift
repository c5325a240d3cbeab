/// The greatest size in `range` that fits, where a greater size never fits better; nil if none does.
///
/// Each try costs a tokenization, so the next size is guessed from the tokens of the last ones; a size within a
/// ten-thousandth of the greatest is near enough.
///
/// - Parameters:
///   - limit: tokens there is room for.
///   - tokens: how many a size takes.
public func greatestSize(
  in range: ClosedRange<Int>, fitting limit: Int, tokens: (Int) throws -> Int
) rethrows -> Int? {
  var fits = range.lowerBound, used = try tokens(fits)
  guard used <= limit else { return nil }
  // `tooMuch` is the smallest size known not to fit, with its tokens once they are known.
  var tooMuch = range.upperBound + 1, excess: Int?, step = max(1, range.lowerBound), halves = false
  while tooMuch - fits > max(1, fits / 10_000) {
    var next: Int
    if let excess, excess > used {
      // Interpolation is fast where sizes cost alike; every other time a bisection bounds the number of tries.
      next =
        halves
        ? (fits + tooMuch) / 2 : fits + Int(Double(tooMuch - fits) * Double(limit - used) / Double(excess - used))
      halves.toggle()
    } else {
      // Nothing is known of what does not fit: on by the tokens per unit so far.
      let perUnit = fits > 0 ? Double(used) / Double(fits) : 1
      next = fits + max(step, Int(Double(limit - used) / max(perUnit, 1e-3)))
      step *= 2
    }
    next = min(max(next, fits + 1), tooMuch - 1)
    let count = try tokens(next)
    if count <= limit { (fits, used) = (next, count) } else { (tooMuch, excess) = (next, count) }
  }
  return fits
}
