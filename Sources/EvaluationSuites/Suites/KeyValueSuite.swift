/// Lost in the middle (Liu et al. 2023, arXiv 2307.03172): the value of one key in a JSON object of UUIDs.
public struct KeyValueSuite: Sendable {
  public static let name = "kv"
  let grid: DepthGrid

  /// - Parameter grid: depths are those of the pair asked for, 0 the first, 100 the last.
  public init(_ grid: DepthGrid) { self.grid = grid }

  /// One cell for each length and sample: the same object is asked at every depth.
  public var cells: [TestCell] {
    grid.lengths.flatMap { length in
      (0..<grid.samples).map { sample in
        let places = grid.depths.map {
          TestCoordinates(suite: Self.name, task: "kv", length: length, depth: $0, sample: sample)
        }
        return TestCell(places) { [seed = grid.seed] counter, isWanted, visit in
          let answerTokens = 64, room = length - answerTokens
          func record(_ count: Int) -> KeyValueRecord {
            var random = PythonRandom(seed: seed, for: "kv/\(length)/\(sample)")
            return KeyValueRecord(count: count, random: &random)
          }
          // The question for any pair has about as many tokens; a few are left for those that have more.
          guard
            let count = try greatestSize(
              in: 2...max(2, room), fitting: room - 16, tokens: { try counter.prompt(record($0).prompt(asking: 0)) })
          else { return }
          let object = record(count)
          for place in places where isWanted(place) {
            let index = Int(((place.depth ?? 0) / 100 * Double(count - 1)).rounded())
            try visit(
              TestItem(
                place, object.prompt(asking: index), expected: [object.pairs[index].value], scoring: .allContained,
                answerTokens: answerTokens))
          }
        }
      }
    }
  }
}

/// A JSON object of random keys and values.
struct KeyValueRecord {
  let pairs: [(key: String, value: String)]

  init(count: Int, random: inout PythonRandom) {
    pairs = (0..<count).map { _ in
      let key = random.uuid()
      return (key, random.uuid())
    }
  }

  func prompt(asking index: Int) -> Prompt {
    let object = pairs.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ",\n ")
    return Prompt(
      user: "Extract the value corresponding to the specified key in the JSON object below.\n\nJSON data:\n{\(object)}"
        + "\n\nKey: \"\(pairs[index].key)\"",
      answerStart: "Corresponding value:", plainEnd: "\nCorresponding value:")
  }
}
