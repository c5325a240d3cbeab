import Corpus
import EvaluationSuites
import Kernels
import LlamaModel

/// The tests of an evaluation.
struct EvaluationPlan {
  var suites: [SuiteOptions.Suite]
  var lengths: [Int]
  var samples: Int
  var seed: Int
  var depths: [Double]
  /// Texts, for haystacks and perplexities.
  var documents: [String]
  /// Conversations, for perplexities.
  var chats: ConversationFiles?
  /// Of sliding windows.
  var stride = 256
  /// Of long products and of attention.
  var precision = Precision.fp32
  /// How keys and values are kept while questions are read.
  var cache = CachePrecision.fp32
  var needleTasks = NeedleSuite.Task.allCases
  var longevalTasks = LongEvalSuite.Task.allCases
  /// Exact numbers of lines and topics, instead of `lengths`.
  var longevalUnits: [LongEvalSuite.Task: [Int]] = [:]
  var rulerTasks = RULERTask.generated
  var questions: [RULERTask: QuestionSet] = [:]
  var conversations: [LongEvalTopics.Conversation] = []
  /// Names the texts and question files, so that a folder of results is not continued with others.
  var dataFingerprint = ""

  private static let computed = " computed in ", kept = " with keys and values in "

  /// What stands behind the data's fingerprint where the model is not computed as usual.
  var computation: String {
    (precision == .fp32 ? "" : Self.computed + precision.rawValue) + (cache == .fp32 ? "" : Self.kept + cache.rawValue)
  }

  /// Whether a text is such a fingerprint and at most a computation behind it.
  static func isComputation(_ text: String, of fingerprint: String) -> Bool {
    guard text.hasPrefix(fingerprint) else { return false }
    let rest = text.dropFirst(fingerprint.count)
    return rest.isEmpty || rest.hasPrefix(computed) || rest.hasPrefix(kept)
  }

  /// Tests that are answered, suite by suite.
  var cells: [TestCell] {
    let haystack = haystack, grid = DepthGrid(lengths: lengths, depths: depths, samples: samples, seed: seed)
    return suites.flatMap { suite -> [TestCell] in
      switch suite {
      case .passkey: PasskeySuite(grid).cells
      case .needle: NeedleSuite(tasks: needleTasks, grid, haystack: haystack).cells
      case .longeval:
        LongEvalSuite(
          tasks: longevalTasks, lengths: lengths, units: longevalUnits, samples: samples, seed: seed,
          conversations: conversations
        ).cells
      case .ruler:
        RULERSuite(
          tasks: rulerTasks, lengths: lengths, samples: samples, seed: seed, haystack: haystack, questions: questions
        ).cells
      case .kv: KeyValueSuite(grid).cells
      case .perplexity, .short: []
      }
    }
  }

  /// The user's text, or generated text of a length that repeats in the longest tests only.
  private var haystack: Haystack {
    Haystack(text: documents.joined(separator: "\n\n"))
      ?? Haystack(generatedWords: min(200_000, lengths.max() ?? 0), seed: seed)
  }
}

extension Precision {
  /// The model, to be run in this precision.
  func applied(to model: Llama) -> Llama {
    var model = model
    model.precision = self
    return model
  }
}
