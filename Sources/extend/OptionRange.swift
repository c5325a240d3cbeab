import ArgumentParser

/// Refuses a number that an option does not allow; nil is that of an option that was not given.
func require<Number: Comparable>(_ option: String, _ number: Number?, in allowed: ClosedRange<Number>) throws {
  guard let number, !allowed.contains(number) else { return }
  throw ValidationError("\(option) must be \(allowed.lowerBound) to \(allowed.upperBound), got \(number)")
}

/// Refuses a number that is less than an option allows; nil is that of an option that was not given.
func require<Number: Comparable>(_ option: String, _ number: Number?, in allowed: PartialRangeFrom<Number>) throws {
  guard let number, !allowed.contains(number) else { return }
  throw ValidationError("\(option) must be at least \(allowed.lowerBound), got \(number)")
}
