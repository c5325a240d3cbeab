/// RULER's qa: a question, the paragraphs that answer it, and others around them.
struct RULERQuestionGenerator: RULERGenerator {
  let set: QuestionSet
  let step = 10
  private let seed: Int
  private var random: PythonRandom
  private var asked = 0

  private static let task =
    "Answer the question based on the given documents. Only give me the answer and do not output any other words.\n\n"

  init(_ set: QuestionSet, seed: Int) {
    (self.set, self.seed) = (set, seed)
    random = PythonRandom(seed: seed)
  }

  mutating func example(size: Int) -> RULERExample {
    let question = set.questions[asked]
    var numbers = Array(set.documents.indices)
    if size < set.documents.count {
      let known = question.documents + question.related, wanted = size - question.documents.count
      if wanted > question.related.count {
        let taken = Set(known), others = set.documents.indices.filter { !taken.contains($0) }
        let count = min(others.count, max(0, size - known.count))
        numbers = known + random.sample(count, below: others.count).map { others[$0] }
      } else {
        numbers =
          question.documents
          + random.sample(max(0, wanted), below: question.related.count).map { question.related[$0] }
      }
    }
    var documents = numbers.map { set.documents[$0] }, order = PythonRandom(seed: seed)
    order.shuffle(&documents)
    let context = documents.enumerated().map { "Document \($0 + 1):\n\($1)" }.joined(separator: "\n\n")
    return RULERExample(
      prompt: Prompt(
        user: Self.task + "The following are given documents.\n\n" + context + "\n\n" + Self.task
          + "Question: \(question.text)",
        answerStart: " Answer:"),
      answers: question.answers)
  }

  mutating func begin(sample: Int) { asked = sample }
}
