import ArgumentParser
import Foundation
import Inference
import LlamaModel
import Metrics
import ModelFiles
import Tokenization

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Continues a prompt; by default always with the most probable token.",
    discussion: """
      The prompt is taken as it is, special tokens included; --chat writes it as the user's turn of the model's own
      chat template instead. With --top-logprobs and --json the output is for other programs to compare.

      A long text that several prompts begin with need be read only once:

        extend generate M.gguf --prompt @book.txt --max-tokens 1 --context 16384 --save-cache book.cache
        extend generate M.gguf --prompt @book-and-question.txt --load-cache book.cache
      """)

  @Argument(help: "A model file (GGUF) or a Hugging Face folder.") var model: String
  @Option(help: "The prompt; @FILE reads it from a file, @- from standard input.") var prompt: String
  @Flag(help: "Write the prompt as a user's turn, by the model's chat template.") var chat = false
  @Option(name: .customLong("max-tokens"), help: "Tokens to generate at most.") var maximumTokens = 128
  @Option(help: "Context in tokens; the cache has room for so many. (default: what is needed)") var context: Int?
  @Option(name: .customLong("top-logprobs"), help: "Report so many alternatives for each token (with --json).")
  var top = 0
  @Flag(help: "One JSON object: prompt_tokens, tokens (id, text, logprob, top), text, stop.") var json = false
  @Flag(help: "With --json: prompt_seconds, and seconds of all tokens but the first.") var timings = false
  @Flag(help: "Do not stop at end-of-turn tokens.") var ignoreStop = false
  @Option(help: "End before this text. Repeatable.") var stop: [String] = []
  @Option(help: ArgumentHelp("Begin with what this file of --save-cache holds.", valueName: "file"))
  var loadCache: String?
  @Option(help: ArgumentHelp("Keep what was read and written in a file.", valueName: "file")) var saveCache: String?
  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var inference: InferenceOptions
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    try require("--max-tokens", maximumTokens, in: InferenceOptions.counts)
    try require("--context", context, in: InferenceOptions.counts)
    try require("--top-logprobs", top, in: 0...1000)
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      // A long text is not read for nothing.
      if let saveCache { try Session.check(savingTo: saveCache) }
      let file = try ModelFile(path: model), tokenizer = try Tokenizer(of: file)
      let text = try promptText(prompt)
      let tokens = try chat ? ChatPrompt(tokenizer, of: model).tokens(user: text) : tokenizer.promptTokens(text)
      if tokens.isEmpty { throw UsageError("the prompt is empty; give at least one character") }
      let capacity = context ?? tokens.count + maximumTokens
      if capacity < tokens.count + 1 {
        throw UsageError("--context \(capacity) has no room for the prompt's \(tokens.count) tokens and one more")
      }
      try inference.check(context: capacity, of: file, otherwise: "lower --context or --max-tokens, or choose --cache")
      let trained = file.configuration.rope.trainedContext
      if tokens.count + 1 > trained {
        Console.error("the prompt has \(tokens.count) tokens, the model was trained with \(trained)")
      }
      let llama = try inference.load(file)
      var session = try inference.session(llama, context: capacity, loading: loadCache)
      let start = ContinuousClock.now
      let reused = InferenceOptions.read(tokens, into: &session).reused, firstAt = ContinuousClock.now
      let options = GenerationOptions(
        maximumTokens: maximumTokens, sampling: sampling.sampling,
        stopTokens: ignoreStop ? [] : tokenizer.stopTokens, stopStrings: stop, top: top)
      let generated = session.generateText(options, tokenizer) { piece in
        if !json { Console.stream(piece) }
        return true
      }
      try generated.tokens.requireFinite(of: model)
      let reading = (firstAt - start) / .seconds(1), writing = (ContinuousClock.now - firstAt) / .seconds(1)
      if json {
        var output = GenerationOutput(tokens, generated, tokenizer, showsTop: top > 0)
        if timings { (output.promptSeconds, output.seconds) = (reading, writing) }
        Console.print(try encoded(output))
      } else {
        Console.print()
        let rate = Double(max(0, generated.tokens.count - 1)) / max(writing, 1e-9)
        Console.error(
          "\(tokens.count) tokens read in \(ProgressFormat.duration(reading))"
            + (reused > 0 ? " (\(reused) of them before)" : "") + ", \(generated.tokens.count) written at "
            + String(format: "%.1f", rate) + " tok/s, \(generated.reason.rawValue)")
      }
      if let saveCache { try session.save(to: saveCache) }
      return .done
    }
  }
}

/// What `generate --json` prints.
private struct GenerationOutput: Encodable {
  struct Token: Encodable {
    struct Candidate: Encodable {
      var id: TokenID
      var logprob: Double
    }
    var id: TokenID
    var text: String
    var logprob: Double
    var top: [Candidate]?
  }
  var promptTokens: [TokenID]
  var tokens: [Token]
  var text: String
  var stop: String
  /// Seconds that reading the prompt took, and writing all tokens but the first; where they are asked for.
  var promptSeconds: Double?, seconds: Double?

  enum CodingKeys: String, CodingKey {
    case promptTokens = "prompt_tokens", promptSeconds = "prompt_seconds"
    case tokens, text, stop, seconds
  }

  init(_ prompt: [TokenID], _ generated: GeneratedText, _ tokenizer: Tokenizer, showsTop: Bool) {
    promptTokens = prompt
    tokens = generated.tokens.map { token in
      Token(
        id: token.id, text: tokenizer.decode([token.id], keepingSpecials: true), logprob: token.logProbability,
        top: showsTop ? token.top.map { Token.Candidate(id: $0.id, logprob: $0.logProbability) } : nil)
    }
    text = generated.text
    stop = generated.reason.rawValue
  }
}
