extension String {
  /// The text with spaces behind it, or in front of it, up to a width.
  func padded(to width: Int, onTheLeft: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return onTheLeft ? space + self : self + space
  }
}
