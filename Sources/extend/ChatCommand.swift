import ArgumentParser
import AtomicFiles
import ChatTemplates
import Foundation
import Inference
import LlamaModel
import Metrics
import ModelFiles
import Tokenization

struct ChatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat", abstract: "A conversation with a model, by its own chat template.",
    discussion: """
      One line is one turn, from the terminal or from a pipe. Answers appear as they are written; after each, standard
      error says how fast, and how much of the window is in use. Lines that begin with / are commands:

        /reset         forget the conversation, keep the system's turn
        /system TEXT   give another system's turn and begin anew
        /save FILE     keep what was read, for `chat --load-cache` and `generate --load-cache`
        /quit          leave (so does the end of input)

      Ctrl-C ends an answer; what was written of it stays in the conversation. At the prompt, or pressed twice, it ends
      the program.
      """)

  @Argument(help: "A model file (GGUF) or a Hugging Face folder.") var model: String
  @Option(help: "The system's turn; @FILE reads it from a file.") var system: String?
  @Option(name: .customLong("max-tokens"), help: "Tokens of an answer at most.") var maximumTokens = 1024
  @Option(help: "The window in tokens. (default: what the model was trained with)") var context: Int?
  @Option(help: ArgumentHelp("Begin with what a file of /save or --save-cache holds.", valueName: "file"))
  var loadCache: String?
  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var inference: InferenceOptions
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    try require("--max-tokens", maximumTokens, in: InferenceOptions.counts)
    try require("--context", context, in: InferenceOptions.counts)
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      Interruption.listenForParts()
      let file = try ModelFile(path: model), tokenizer = try Tokenizer(of: file)
      let prompt = try ChatPrompt(tokenizer, of: model)
      if !prompt.hasTemplate {
        throw UsageError("\(model) has no chat template, so it knows no turns; use generate")
      }
      let window = context ?? file.configuration.rope.trainedContext
      try inference.check(context: window, of: file, otherwise: "lower --context, or choose --cache bf16 or int8")
      let llama = try inference.load(file)
      let session = try inference.session(llama, context: window, loading: loadCache)
      var chat = Chat(
        name: model, session: session, tokenizer: tokenizer, prompt: prompt,
        options: GenerationOptions(
          maximumTokens: maximumTokens, sampling: sampling.sampling, stopTokens: tokenizer.stopTokens))
      try chat.begin(system: try system.map(promptText))
      if Console.isTerminal { Console.error("\(window) tokens of window; /quit leaves, extend chat --help explains") }
      while true {
        if Console.isTerminal { Console.stream("> ") }
        guard let line = readLine() else {
          if Console.isTerminal { Console.print() }
          break
        }
        guard try chat.take(line) else { break }
      }
      return chat.hasFailed ? .badInput : .done
    }
  }
}

/// A conversation: its turns, and what the model has read of them.
struct Chat {
  /// The model's file, for messages.
  let name: String
  private(set) var session: Session
  let tokenizer: Tokenizer
  let prompt: ChatPrompt
  var options: GenerationOptions
  private var messages: [ChatMessage] = []
  /// Whether something that was asked for could not be done; the conversation went on without it.
  private(set) var hasFailed = false

  init(name: String, session: Session, tokenizer: Tokenizer, prompt: ChatPrompt, options: GenerationOptions) {
    (self.name, self.session, self.tokenizer) = (name, session, tokenizer)
    (self.prompt, self.options) = (prompt, options)
  }

  mutating func begin(system: String?) throws {
    let turns = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
    // A template that refuses a system's turn says so now.
    if !turns.isEmpty {
      _ = try prompt.tokens(turns + [ChatMessage(role: "user", content: "")], answerStart: "", plain: "")
    }
    messages = turns
  }

  /// Says why something cannot be done; the conversation stays as it is.
  private mutating func attempt(_ body: (inout Chat) throws -> Void) {
    do { try body(&self) } catch {
      Console.error(FileError.reason(of: error))
      hasFailed = true
    }
  }

  /// A line of input. Returns whether the conversation goes on.
  ///
  /// - Throws: that the model's scores are no numbers.
  mutating func take(_ line: String) throws -> Bool {
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    switch (parts.first, parts.count > 1 ? parts[1] : nil) {
    case (nil, _): break
    case ("/quit", _), ("/exit", _): return false
    case ("/reset", _):
      messages.removeAll { $0.role != "system" }
      Console.error("forgotten")
    case ("/system", let text): attempt { try $0.begin(system: text) }
    case ("/save", let path?):
      attempt { chat in
        try chat.session.save(to: path)
        Console.error("\(chat.session.tokens.count) tokens in \(path)")
      }
    case ("/save", nil): Console.error("/save needs the name of a file")
    case (let command?, _) where command.hasPrefix("/"):
      Console.error("no command \(command); there are /reset, /system TEXT, /save FILE, /quit")
    default:
      let turn = ChatMessage(role: "user", content: line)
      var tokens: [TokenID]?
      attempt { tokens = try $0.tokens(after: turn) }
      if let tokens { try answer(turn, tokens) }
    }
    return true
  }

  /// What to say about an answer that the model has not ended itself.
  private static func ending(_ reason: StopReason) -> String {
    switch reason {
    case .stopToken, .stopString: ""
    case .tokenLimit: ", ended by --max-tokens"
    case .contextFull: ", ended by the window; /reset begins anew"
    case .cancelled: ", ended by Ctrl-C"
    }
  }

  private func tokens(after turn: ChatMessage) throws -> [TokenID] {
    try prompt.tokens(messages + [turn], answerStart: "", plain: turn.content)
  }

  private mutating func answer(_ turn: ChatMessage, _ tokens: [TokenID]) throws {
    guard tokens.count < session.context else {
      Console.error(
        "the conversation would have \(tokens.count) tokens, the window has \(session.context); /reset begins anew, "
          + "or start with a larger --context")
      return
    }
    let start = ContinuousClock.now
    var firstAt = start, reused = 0
    let given = Interruption.endingPart { goesOn -> GeneratedText? in
      let isWhole: Bool
      (isWhole, reused) = InferenceOptions.read(tokens, into: &session, goesOn: goesOn)
      firstAt = .now
      guard isWhole else { return nil }
      return session.generateText(options, tokenizer) { piece in
        Console.stream(piece)
        return goesOn()
      }
    }
    guard let answer = given else {
      Console.error("ended before the answer began; this turn is forgotten")
      return
    }
    Console.print()
    try answer.tokens.requireFinite(of: name)
    options.sampling.seed &+= 1
    messages += [turn, ChatMessage(role: "assistant", content: answer.text)]
    let (reading, writing) = ((firstAt - start) / .seconds(1), (ContinuousClock.now - firstAt) / .seconds(1))
    func rate(_ count: Int, _ seconds: Double) -> String {
      String(format: "%.1f tok/s", Double(max(0, count)) / max(seconds, 1e-9))
    }
    Console.error(
      "read \(tokens.count - reused) tokens at \(rate(tokens.count - reused, reading)), wrote \(answer.tokens.count) at "
        + "\(rate(answer.tokens.count - 1, writing)), window \(session.tokens.count) of \(session.context)"
        + Self.ending(answer.reason))
  }
}
