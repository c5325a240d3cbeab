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

  /// Positions in the storage where `needle` starts, from `start` on, without overlap, at most `limit`.
  ///
  /// Knuth–Morris–Pratt: linear also for hostile texts. An empty needle is found nowhere.
  func occurrences(of needle: Text, from start: Int? = nil, limit: Int = .max) -> [Int] {
    let pattern = Array(needle.bytes)
    guard !pattern.isEmpty, pattern.count <= count, limit > 0 else { return [] }
    var failure = [0]
    failure.reserveCapacity(pattern.count)
    for index in pattern.indices.dropFirst() {
      var length = failure[index - 1]
      while length > 0, pattern[length] != pattern[index] { length = failure[length - 1] }
      failure.append(pattern[length] == pattern[index] ? length + 1 : 0)
    }
    var found: [Int] = []
    var matched = 0
    let bytes = self.bytes
    for position in (start ?? lower)..<upper {
      while matched > 0, pattern[matched] != bytes[position] { matched = failure[matched - 1] }
      if pattern[matched] == bytes[position] { matched += 1 }
      if matched == pattern.count {
        found.append(position + 1 - matched)
        if found.count == limit { break }
        matched = 0
      }
    }
    return found
  }

  func contains(_ needle: Text) -> Bool { needle.isEmpty || !occurrences(of: needle, limit: 1).isEmpty }

  func hasPrefix(_ other: Text) -> Bool { bytes.starts(with: other.bytes) }

  func hasSuffix(_ other: Text) -> Bool {
    count >= other.count && bytes.suffix(other.count) == other.bytes
  }

  /// The pieces between the places where `separator` stands, at most `limit` cuts from the left.
  func split(by separator: Text, limit: Int = .max) -> [Text] {
    var pieces: [Text] = []
    var start = lower
    for position in occurrences(of: separator, limit: limit) {
      pieces.append(slice(start, position))
      start = position + separator.count
    }
    pieces.append(slice(start, upper))
    return pieces
  }

  /// As `split(by:limit:)`, but the cuts nearest the end are kept.
  func splitFromEnd(by separator: Text, limit: Int = .max) -> [Text] {
    // Overlapping occurrences must be taken from the right, so search the reversed bytes.
    let reversed = Text(MarkedBytes(Array(bytes.reversed())))
    let needle = Text(MarkedBytes(Array(separator.bytes.reversed())))
    let starts = reversed.occurrences(of: needle, limit: limit).map { upper - $0 - separator.count }
    var pieces: [Text] = []
    var end = upper
    for position in starts {
      pieces.append(slice(position + separator.count, end))
      end = position
    }
    pieces.append(slice(lower, end))
    return pieces.reversed()
  }

  /// The words between runs of white space, at most `limit` cuts; the rest keeps its inner white space.
  func words(limit: Int = .max) -> [Text] {
    var pieces: [Text] = []
    let bytes = self.bytes
    var rest = trimmed(end: false)
    while !rest.isEmpty {
      if pieces.count == limit {
        pieces.append(rest.trimmed(start: false))
        break
      }
      var end = rest.lower
      while end < upper {
        let (scalar, width) = bytes.scalar(at: end)
        if scalar.isPythonWhitespace { break }
        end += width
      }
      pieces.append(slice(rest.lower, end))
      rest = slice(end, upper).trimmed(end: false)
    }
    return pieces
  }

  /// As `words(limit:)`, but the cuts nearest the end are kept.
  func wordsFromEnd(limit: Int) -> [Text] {
    let all = words()
    guard all.count > limit + 1 else { return all }
    let kept = all.count - limit
    return [slice(all[0].lower, all[kept - 1].upper)] + all[kept...]
  }

  /// The lines of Python's `splitlines`, with or without their ends.
  func lines(keepingEnds: Bool) -> [Text] {
    var pieces: [Text] = []
    let bytes = self.bytes
    var start = lower
    var position = lower
    while position < upper {
      let (scalar, width) = bytes.scalar(at: position)
      var next = position + width
      switch scalar.value {
      case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
        if scalar == "\r", next < upper, bytes[next] == 0x0A { next += 1 }
        pieces.append(slice(start, keepingEnds ? next : position))
        start = next
      default: break
      }
      position = next
    }
    if start < upper { pieces.append(slice(start, upper)) }
    return pieces
  }

  /// The text with `old` replaced by `new`, at most `limit` times; an empty `old` stands between all scalars.
  func replacing(_ old: Text, with new: Text, limit: Int = .max) -> Text {
    let replacement = new.bytes
    var result: [UInt8] = []
    if old.isEmpty {
      let positions = scalarPositions.prefix(limit)
      if positions.isEmpty { return self }
      var start = lower
      for position in positions {
        result += bytes[start..<position]
        result += replacement
        start = position
      }
      result += bytes[start..<upper]
    } else {
      let positions = occurrences(of: old, limit: limit)
      if positions.isEmpty { return self }
      var start = lower
      for position in positions {
        result += bytes[start..<position]
        result += replacement
        start = position + old.count
      }
      result += bytes[start..<upper]
    }
    return replaced(by: result)
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

/// The `start:stop:step` of a subscript.
struct SliceBounds {
  var start: Int?
  var stop: Int?
  /// Never 0.
  var step = 1

  /// The indices picked, for a step of 1.
  func range(count: Int) -> Range<Int> {
    let (first, end) = ends(count: count)
    return first..<max(first, end)
  }

  /// The indices picked, in order.
  func indices(count: Int) -> [Int] {
    var result: [Int] = []
    var (index, end) = ends(count: count)
    while step > 0 ? index < end : index > end {
      result.append(index)
      let (next, overflow) = index.addingReportingOverflow(step)
      if overflow { break }
      index = next
    }
    return result
  }

  private func ends(count: Int) -> (Int, Int) {
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? count : count - 1
    func clamped(_ index: Int) -> Int { min(max(index < 0 ? index + count : index, lowest), highest) }
    return (start.map(clamped) ?? (step > 0 ? lowest : highest), stop.map(clamped) ?? (step > 0 ? highest : lowest))
  }
}
