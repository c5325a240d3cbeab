/// The words of LLMTest_NeedleInAHaystack (Kamradt, 2023 and 2024).
private enum Kamradt {
  static let system =
    "You are a helpful AI bot that answers questions for a user. Keep your response short and direct"

  static func prompt(_ context: String, _ question: String) -> Prompt {
    Prompt(
      system: system,
      user: context + "\n\n" + question + " Don't give information outside the document or repeat your findings",
      plainEnd: "\n\nHere is the most relevant sentence in the context:")
  }
}

/// One sentence. Scored without a judge, as needlehaystack 2.0.0 does: the answer holds its characteristic words.
struct SandwichNeedle: Needle {
  let expected = ["eat a sandwich and sit in Dolores Park"]
  let scoring = ScoringRule.allContained
  let answerTokens = 64

  func prompt(hidingIn text: HaystackText, depth: Double) -> Prompt {
    var text = text
    text.insert(
      "\nThe best thing to do in San Francisco is eat a sandwich and sit in Dolores Park on a sunny day.\n",
      at: text.place(before: depth))
    return Kamradt.prompt(text.text, "What is the best thing to do in San Francisco?")
  }
}

/// Three sentences, the first at the depth, the others evenly from there to the end; the score is the part found.
struct IngredientNeedles: Needle {
  let expected = ["figs", "prosciutto", "goat cheese"]
  let scoring = ScoringRule.allContained
  let answerTokens = 64

  func prompt(hidingIn text: HaystackText, depth: Double) -> Prompt {
    var text = text
    let ingredients = ["Figs are", "Prosciutto is", "Goat cheese is"]
    for (index, ingredient) in ingredients.enumerated() {
      let own = depth + Double(index) * (100 - depth) / Double(ingredients.count)
      text.insert(
        " \(ingredient) one of the secret ingredients needed to build the perfect pizza. ", at: text.place(before: own))
    }
    return Kamradt.prompt(
      text.text, "What are the secret ingredients needed to build the perfect pizza?")
  }
}
