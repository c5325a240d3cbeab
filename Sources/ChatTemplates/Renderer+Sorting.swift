/// Filters that order, group or cut up a sequence.
extension Renderer {
  private func sortKey(_ value: Value, _ attribute: Value?, isCaseSensitive: Bool, at offset: Int)
    throws(TemplateError) -> Value
  {
    let key = if let attribute { try path(attribute, of: value, at: offset) } else { value }
    guard !isCaseSensitive, case .text(let text) = key else { return key }
    try charge(text, at: offset)
    return .text(text.lowercased)
  }

  /// The values in order; equal ones keep theirs, also in reverse.
  func sorted(_ values: [Value], by attribute: Value?, isReversed: Bool, isCaseSensitive: Bool, at offset: Int)
    throws(TemplateError) -> [Value]
  {
    var keys: [Value] = []
    var cost = 0
    var names: [Text] = []
    if case .text(let text)? = attribute { names = text.split(by: Text(",")) }
    for value in values {
      // Several attributes, `a,b`, make a tuple.
      if names.count > 1 {
        var parts: [Value] = []
        for name in names {
          parts.append(try sortKey(value, .text(name), isCaseSensitive: isCaseSensitive, at: offset))
        }
        keys.append(.tuple(parts))
      } else {
        keys.append(try sortKey(value, attribute, isCaseSensitive: isCaseSensitive, at: offset))
      }
      cost = cost.addingSaturated(keys[keys.count - 1].cost)
    }
    try charge(cost.multipliedSaturated(by: 2 * (Int.bitWidth - values.count.leadingZeroBitCount)), at: offset)
    var disorder: (Value, Value)?
    let order = keys.indices.sorted { first, second in
      let (left, right) = isReversed ? (keys[second], keys[first]) : (keys[first], keys[second])
      guard let isLess = left.isLess(than: right) else {
        disorder = (left, right)
        return first < second
      }
      return isLess || first < second && right.isLess(than: left) == false
    }
    if let (left, right) = disorder {
      throw error("cannot order \(left.typeName) and \(right.typeName); all must be numbers or strings", at: offset)
    }
    return order.map { values[$0] }
  }

  func unique(_ value: Value, by attribute: Value?, isCaseSensitive: Bool, at offset: Int) throws(TemplateError)
    -> Value
  {
    var keys: [Value] = []
    var result: [Value] = []
    for item in try items(of: value, at: offset) {
      let key = try sortKey(item, attribute, isCaseSensitive: isCaseSensitive, at: offset)
      var isNew = true
      for other in keys where try areEqual(other, key, at: offset) {
        isNew = false
        break
      }
      if isNew {
        keys.append(key)
        result.append(item)
      }
    }
    return try makeList(result, .iterator, at: offset)
  }

  func dictsort(_ value: Value, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    guard case .dict(let box) = value else {
      throw error("dictsort found \(value.typeName); allowed: a mapping", at: offset)
    }
    let by = try printed(values[1] ?? .string("key"), at: offset).string
    if by != "key", by != "value" { throw error("dictsort found by='\(by)'; allowed: key, value", at: offset) }
    try charge(box.keys.count, at: offset)
    return try makeList(
      try sorted(
        zip(box.keys, box.values).map { .tuple([$0, $1]) }, by: .int(by == "key" ? 0 : 1),
        isReversed: values[2]?.isTrue ?? false, isCaseSensitive: values[0]?.isTrue ?? false, at: offset), at: offset)
  }

  func group(_ value: Value, _ values: [Value?], at offset: Int) throws(TemplateError) -> Value {
    guard let attribute = values[0] else { throw error("groupby needs an attribute", at: offset) }
    let isCaseSensitive = values[2]?.isTrue ?? false
    var pairs: [Value] = []
    for item in try items(of: value, at: offset) {
      let key = try path(attribute, of: item, default: values[1], at: offset)
      pairs.append(.tuple([key, item]))
    }
    var groups: [(key: Value, shown: Value, members: [Value])] = []
    for pair in try sorted(pairs, by: .int(0), isReversed: false, isCaseSensitive: isCaseSensitive, at: offset) {
      guard case .list(let box) = pair else { continue }
      let key = try sortKey(box.items[0], nil, isCaseSensitive: isCaseSensitive, at: offset)
      if let last = groups.last, try areEqual(last.key, key, at: offset) {
        groups[groups.count - 1].members.append(box.items[1])
      } else {
        groups.append((key, box.items[0], [box.items[1]]))
      }
    }
    return try makeList(groups.map { .tuple([$0.shown, .list($0.members)]) }, at: offset)
  }

  /// `batch(n)`: portions of n; `slice(n)`: n portions.
  func portions(_ name: String, _ value: Value, _ values: [Value?], at offset: Int) throws(TemplateError)
    -> Value
  {
    let items = try self.items(of: value, at: offset)
    guard let count = values[0]?.integer, count > 0 else { throw error("\(name) needs a count above 0", at: offset) }
    var result: [Value] = []
    if name == "batch" {
      for start in stride(from: 0, to: items.count, by: count) {
        var portion = Array(items[start..<min(items.count, start.addingSaturated(count))])
        if let fill = values[1], portion.count < count {
          try charge(count, at: offset)
          portion += Array(repeating: fill, count: count - portion.count)
        }
        result.append(try makeList(portion, at: offset))
      }
    } else {
      try charge(count, at: offset)
      var start = 0
      for index in 0..<count {
        let isLonger = index < items.count % count
        let end = start + items.count / count + (isLonger ? 1 : 0)
        var portion = Array(items[start..<end])
        if let fill = values[1], !isLonger { portion.append(fill) }
        result.append(try makeList(portion, at: offset))
        start = end
      }
    }
    return try makeList(result, .iterator, at: offset)
  }
}
