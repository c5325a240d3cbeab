/// Sentences without meaning, of a handful of forms, for haystacks when no text is given.
enum GeneratedSentence {
  /// 1 stands for a noun, 2 for an adjective, 3 for a verb.
  private static let forms = [
    "The 2 1 may 3 beside a 2 1.", "Nobody could 3 the 1 without a 2 1.", "Every 1 that looks 2 will 3 by the 1.",
    "A 2 1 began to 3, and the 1 was 2.", "When the 1 is 2, we 3 the 2 1.", "They would rather 3 a 1 than a 2 1.",
    "Was the 1 too 2 to 3?", "In the 2 1 there stood a 1, 2 and 2.",
  ]

  static func draw(from random: inout PythonRandom) -> String {
    var sentence = ""
    for character in random.choice(forms) {
      switch character {
      case "1": sentence += random.choice(WordLists.nouns)
      case "2": sentence += random.choice(WordLists.adjectives)
      case "3": sentence += random.choice(WordLists.verbs)
      default: sentence.append(character)
      }
    }
    return sentence
  }
}
