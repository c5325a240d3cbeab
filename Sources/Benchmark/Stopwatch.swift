/// Takes the time of work that can be repeated.
enum Stopwatch {
  /// Seconds of one run.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// Seconds of the fastest run: other programs and a cold start only ever add time.
  ///
  /// - Parameters:
  ///   - budget: seconds after which no further run begins.
  ///   - runs: how many there are at least.
  static func best(within budget: Double, atLeast runs: Int = 2, _ body: () -> Void) -> Double {
    var best = Double.infinity, spent = 0.0, count = 0
    while count < runs || spent < budget {
      let time = seconds(body)
      best = min(best, time)
      spent += time
      count += 1
    }
    return max(best, 1e-9)
  }
}
