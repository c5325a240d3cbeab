/// Finding, cutting and replacing, as Python's strings do it; linear in the text, also for hostile ones.
extension Text {
  /// Positions in the storage where `needle` starts, without overlap, at most `limit`.
  ///
  /// Knuth–Morris–Pratt: linear also for hostile texts. An empty needle is found nowhere.
  func occurrences(of needle: Text, limit: Int = .max) -> [Int] {
    guard !needle.isEmpty, needle.count <= count, limit > 0 else { return [] }
    let pattern = Array(needle.bytes)
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
    for position in lower..<upper {
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
