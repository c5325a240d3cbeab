public import ChatTemplates
public import Inference
import LlamaModel
import ServerAPI
public import Tokenization

/// A model and the name under which it is served.
public struct ServedModel: Sendable {
  public var name: String
  public var engine: InferenceEngine
  /// Seconds since 1970.
  public var created: Int
  /// The prompt after which the model answers a conversation; nil for a model without a chat template.
  public var chatPrompt: (@Sendable ([ChatMessage]) throws -> [TokenID])?

  public init(
    name: String, engine: InferenceEngine, created: Int,
    chatPrompt: (@Sendable ([ChatMessage]) throws -> [TokenID])? = nil
  ) {
    (self.name, self.engine, self.created, self.chatPrompt) = (name, engine, created, chatPrompt)
  }

  var tokenizer: Tokenizer { engine.tokenizer }
  var description: ModelDescription {
    ModelDescription(id: name, created: created, maximumLength: engine.context)
  }

  /// Refuses a request for another model; one that names none means this one.
  func check(isNamed requested: String?) throws(APIError) {
    guard let requested, requested != name else { return }
    throw APIError(
      status: 404, "There is no model \"\(requested)\"; this server has \"\(name)\".", parameter: "model",
      code: "model_not_found")
  }

  /// Refuses a prompt that is empty, has unknown tokens, or does not fit.
  ///
  /// - Parameter maximum: tokens that are to follow; nil for as many as there is room for, but one at least.
  /// - Returns: how many may follow.
  func room(after prompt: [TokenID], for maximum: Int?, _ parameter: String) throws(APIError) -> Int {
    if prompt.isEmpty {
      throw APIError("\(parameter) has no tokens; give at least one character.", parameter: parameter)
    }
    let room = engine.context - prompt.count, wanted = maximum ?? 1
    if wanted > room {
      throw APIError(
        "This model's maximum context length is \(engine.context) tokens. However, you requested "
          + "\(prompt.count + wanted) tokens (\(prompt.count) in the \(parameter), \(wanted) in the completion). "
          + "Shorten the \(parameter) or the completion, or start the server with a larger --context.",
        parameter: parameter, code: "context_length_exceeded")
    }
    return maximum ?? room
  }

  /// A list of numbers as tokens of this model.
  func tokens(_ numbers: [Int]) throws(APIError) -> [TokenID] {
    let count = min(tokenizer.tokenCount, engine.model.configuration.vocabularySize)
    if let wrong = numbers.first(where: { !(0..<count).contains($0) }) {
      throw APIError("prompt holds the token \(wrong); allowed are 0 to \(count - 1).", parameter: "prompt")
    }
    return numbers.map { TokenID($0) }
  }
}
