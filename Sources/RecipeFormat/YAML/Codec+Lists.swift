import Yams

extension Codec {
  /// A list; one value alone stands for a list of one where `allowsOne`.
  ///
  /// - Parameter check: sees every element that could be read, with its index.
  func list(
    _ counts: ClosedRange<Int>, allowsOne: Bool = false, flow: Bool = false,
    check: @escaping ([(index: Int, value: Value)], String, inout Problems) -> Void = { _, _, _ in }
  ) -> Codec<[Value]> {
    let rule =
      counts.lowerBound == counts.upperBound
      ? "a list of \(counts.lowerBound)" : "a list of \(counts.lowerBound) or more"
    return Codec<[Value]>(
      read: { node, path, problems in
        problems.visit(path, node)
        if allowsOne, case .scalar = node, !node.isNull { return read(node, path, &problems).map { [$0] } }
        guard case .sequence(let sequence) = node, counts.contains(sequence.count) else {
          problems.add(
            path, found: node.isNull ? "nothing" : node.shown, rule: "needed is \(rule)",
            repair: "write [a, b, …] or one line with a dash for each")
          return nil
        }
        var elements: [(index: Int, value: Value)] = []
        for (index, element) in sequence.enumerated() {
          if let value = read(element, "\(path)[\(index)]", &problems) { elements.append((index, value)) }
        }
        check(elements, path, &problems)
        return elements.count == sequence.count ? elements.map(\.value) : nil
      },
      write: { values in Node(values.compactMap(write), .implicit, flow || values.isEmpty ? .flow : .block) },
      keys: keys.map { "[]." + $0 }, exclusive: exclusive)
  }

  /// This kind of value, or else a shorter way to write it.
  func or<Short>(_ short: Codec<Short>, _ expand: @escaping (Short) -> Value) -> Codec {
    Codec(
      read: { node, path, problems in
        if case .scalar = node, !node.isNull { return short.read(node, path, &problems).map(expand) }
        return read(node, path, &problems)
      },
      write: write, keys: keys, exclusive: exclusive)
  }
}
