extension LongEvalTopics.Conversation {
  private static let aspects = [
    "history", "future", "economics", "psychology", "design", "teaching", "science", "philosophy", "geography", "cost",
    "art", "safety", "origins", "regulation", "beauty", "politics",
  ]
  private static let subjects = [
    "bridges", "gardens", "bicycles", "lighthouses", "bread", "clocks", "rivers", "maps", "theatre", "wool", "glass",
    "railways", "markets", "volcanoes", "chess", "postal services", "beekeeping", "swimming", "libraries", "pottery",
    "sailing", "mountains", "typography", "forests", "weather forecasts", "museums", "printing", "kites", "salt",
    "puppets", "photography", "islands", "orchards", "telescopes", "cheese", "tunnels", "paper", "festivals", "shoes",
    "radio",
  ]
  /// What the user asks and the assistant answers; 1 stands for the topic, 2 for an adjective, 3 for a noun.
  private static let exchanges = [
    (
      "What should somebody know who has never heard of it?",
      "A good start is the 3: it is 2, and almost everything else in 1 follows from it. Many people also point to the "
        + "2 3, although opinions differ on how much it matters."
    ),
    (
      "What do people usually get wrong?",
      "The most frequent mistake is to look at the 3 alone. Those who work on 1 every day say that the 2 parts are "
        + "the ones that decide, and that a 3 by itself explains little."
    ),
    (
      "Can you give me an example?",
      "Yes. Think of a 2 3 in a small town. At first nobody noticed it, then a 3 was brought in, and within a few "
        + "years the place was known for 1."
    ),
    (
      "How has that changed in recent years?",
      "Slowly at first and then quickly. The 3 of earlier times has become 2, and new people with a 2 view have joined. "
        + "What has stayed is the care for the 3."
    ),
    (
      "Where could I learn more?",
      "There are good books on the 3, courses for beginners, and in many cities a 2 club. Whoever prefers to watch may "
        + "find films in which 1 is shown from close up."
    ),
    (
      "What would you do first in my place?",
      "I would talk to somebody who has spent years with it, ask about the 2 days as well as the 2 ones, and only "
        + "then buy a 3."
    ),
  ]
  /// How many topics there are.
  static let topicCount = aspects.count * subjects.count

  /// A conversation without content on the topic of a number, in the form of LongChat's.
  init(topicNumber number: Int, random: inout PythonRandom) {
    let topic =
      "The \(Self.aspects[number % Self.aspects.count]) of \(Self.subjects[number / Self.aspects.count])"
    let inner = "the" + topic.dropFirst(3)
    func filled(_ text: String, _ random: inout PythonRandom) -> String {
      var result = ""
      for character in text {
        switch character {
        case "1": result += inner
        case "2": result += random.choice(WordLists.adjectives)
        case "3": result += random.choice(WordLists.nouns)
        default: result.append(character)
        }
      }
      return result
    }
    var turns = [
      "USER: I would like to discuss the topic of \(inner).",
      "ASSISTANT: Sure, I'd be happy to talk about that with you! What specifically would you like to know?",
    ]
    var order = Array(Self.exchanges.indices)
    random.shuffle(&order)
    for exchange in order.map({ Self.exchanges[$0] }) {
      turns.append("USER: " + exchange.0)
      turns.append("ASSISTANT: " + filled(exchange.1, &random))
    }
    turns.append(
      "USER: Great, this is the end of our discussion on the topic \(topic), let's talk about the next topic.")
    self.init(topic: topic, conversation: turns.joined(separator: " \n "))
  }
}
