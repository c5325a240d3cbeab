/// The word nearest to a mistyped one, if one is near: at most a third of its letters wrong, and at most three.
func nearest(to word: String, among words: [String]) -> String? {
  // A recipe's own words are short; what is far longer is no slip of the finger, and comparing it would only cost time.
  guard word.count <= 64 else { return nil }
  let candidates = words.map { (word: $0, distance: editDistance(Array(word), Array($0))) }
  guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
  let isPart = word.count >= 3 && (best.word.hasPrefix(word) || best.word.hasSuffix(word))
  return best.distance <= min(3, max(1, word.count / 3)) || isPart ? best.word : nil
}

/// Insertions, deletions, substitutions and swaps of neighbours that lead from `a` to `b`.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
