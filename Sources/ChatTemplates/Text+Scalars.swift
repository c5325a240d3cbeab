/// Python's view of a text: Unicode scalars, and what counts as white space among them.
extension Text {
  /// Number of Unicode scalars.
  var scalarCount: Int { bytes.count { $0 & 0xC0 != 0x80 } }

  /// The storage's position of each scalar, and the end.
  var scalarPositions: [Int] {
    var positions: [Int] = []
    let bytes = self.bytes
    for position in bytes.indices where bytes[position] & 0xC0 != 0x80 { positions.append(position) }
    positions.append(upper)
    return positions
  }

  /// Each scalar as a text of its own.
  var characters: [Text] {
    let positions = scalarPositions
    return zip(positions, positions.dropFirst()).map { slice($0, $1) }
  }

  /// The text without the white space, or the given scalars, at its ends.
  func trimmed(of set: Text? = nil, start: Bool = true, end: Bool = true) -> Text {
    let bytes = self.bytes
    let scalars = set.map { Set($0.string.unicodeScalars) }
    func isDropped(_ scalar: Unicode.Scalar) -> Bool { scalars?.contains(scalar) ?? scalar.isPythonWhitespace }
    var first = lower
    var last = upper
    while start, first < last {
      let (scalar, width) = bytes.scalar(at: first)
      if !isDropped(scalar) { break }
      first += width
    }
    while end, last > first {
      var before = last - 1
      while before > first, bytes[before] & 0xC0 == 0x80 { before -= 1 }
      if !isDropped(bytes.scalar(at: before).scalar) { break }
      last = before
    }
    return slice(first, last)
  }

  /// `self[start:stop:step]` of Python.
  func sliced(_ bounds: SliceBounds) -> Text {
    if bounds.step == 1 {
      let range = bounds.range(count: scalarCount)
      let bytes = self.bytes
      var position = lower
      func advance(_ steps: Int) {
        var left = steps
        while left > 0, position < upper {
          position += bytes.scalar(at: position).width
          left -= 1
        }
      }
      advance(range.lowerBound)
      let first = position
      advance(range.count)
      return slice(first, position)
    }
    let positions = scalarPositions
    var content = MarkedBytes()
    for index in bounds.indices(count: positions.count - 1) {
      content.append(slice(positions[index], positions[index + 1]))
    }
    return Text(content)
  }
}

extension ArraySlice<UInt8> {
  /// The Unicode scalar that starts at a position of valid UTF-8.
  func scalar(at position: Int) -> (scalar: Unicode.Scalar, width: Int) {
    let first = self[position]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let width = Swift.min(first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4, endIndex - position)
    var value = UInt32(first) & (0x7F >> UInt32(width))
    for offset in 1..<Swift.max(width, 1) { value = value << 6 | UInt32(self[position + offset] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", width)
  }
}

extension Unicode.Scalar {
  /// Whether Python's `str.isspace` holds.
  var isPythonWhitespace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
