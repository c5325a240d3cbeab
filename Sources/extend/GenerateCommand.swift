import ArgumentParser
import Evaluation
import Foundation
import LlamaModel
import Logging
import Metrics
import ModelFiles
import Tokenization

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Continues a prompt, always with the most probable token.",
    discussion: """
      The prompt is taken as it is, special tokens included; --chat writes it as the user's turn of the model's own
      chat template instead. With --top-logprobs and --json the output is for other programs to compare.
      """)

  @Argument(help: "A model: a GGUF file or a Hugging Face folder.") var model: String
  @Option(help: "The prompt; @FILE reads it from a file.") var prompt: String
  @Flag(help: "Write the prompt as a user's turn, by the model's chat template.") var chat = false
  @Option(name: .customLong("max-tokens"), help: "Tokens to generate at most.") var maximumTokens = 128
  @Option(help: "Context in tokens; the cache has room for so many. (default: what is needed)") var context: Int?
  @Option(name: .customLong("top-logprobs"), help: "Report so many alternatives for each token (with --json).")
  var top = 0
  @Flag(help: "One JSON object: prompt_tokens, tokens (id, text, logprob, top), text, stop.") var json = false
  @Flag(help: "Do not stop at end-of-turn tokens.") var ignoreStop = false
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    let most = 1 << 30
    for (option, count) in [("--max-tokens", maximumTokens), ("--context", context ?? 1)]
    where !(1...most).contains(count) {
      throw ValidationError("\(option) must be 1 to \(most), got \(count)")
    }
    if !(0...1000).contains(top) { throw ValidationError("--top-logprobs must be 0 to 1000, got \(top)") }
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      let file = try ModelFile(path: model), tokenizer = try Tokenizer(of: file)
      let text = try promptText(prompt)
      let tokens = try chat ? ChatPrompt(tokenizer).tokens(user: text) : tokenizer.promptTokens(text)
      if tokens.isEmpty { throw UsageError("the prompt is empty; give at least one character") }
      let capacity = context ?? tokens.count + maximumTokens
      if capacity < tokens.count + 1 {
        throw UsageError("--context \(capacity) has no room for the prompt's \(tokens.count) tokens and one more")
      }
      let cache = file.configuration.keyValueCacheBytes(context: capacity)
      if cache > Machine.memory {
        throw UsageError(
          "a context of \(capacity) tokens takes \(ProgressFormat.bytes(cache)) of key-value cache, this machine has "
            + "\(ProgressFormat.bytes(Machine.memory)) of memory; lower --context or --max-tokens")
      }
      let trained = file.configuration.rope.trainedContext
      if tokens.count + 1 > trained {
        log.notice("the prompt has \(tokens.count) tokens, the model was trained with \(trained)")
      }
      let llama = try file.load(), start = ContinuousClock.now
      var decoder = TokenStreamDecoder(tokenizer, keepingSpecials: false), firstAt = start
      let (generated, reason) = llama.generateGreedily(
        after: tokens, maximumTokens: maximumTokens, context: capacity,
        stoppingAt: ignoreStop ? [] : tokenizer.stopTokens, top: top
      ) { token in
        if firstAt == start { firstAt = .now }
        if !json { Console.stream(decoder.append(token.id)) }
        return true
      }
      if let ruined = generated.first(where: { !$0.logProbability.isFinite }) {
        throw InputError(
          "\(model): found scores that are not finite (token \(ruined.id), log-probability \(ruined.logProbability)); "
            + "allowed are weights that give finite ones. The file is damaged or the model was ruined in training; use "
            + "an earlier one")
      }
      if json {
        Console.print(try encoded(GenerationOutput(tokens, generated, reason, tokenizer, showsTop: top > 0)))
      } else {
        Console.print(decoder.finish())
        let reading = (firstAt - start) / .seconds(1), writing = (ContinuousClock.now - firstAt) / .seconds(1)
        Console.error(
          "\(tokens.count) tokens read in \(ProgressFormat.duration(reading)), \(generated.count) written at "
            + String(format: "%.1f", Double(max(0, generated.count - 1)) / max(writing, 1e-9))
            + " tok/s, \(reason.rawValue)")
      }
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

  enum CodingKeys: String, CodingKey {
    case promptTokens = "prompt_tokens"
    case tokens, text, stop
  }

  init(
    _ prompt: [TokenID], _ generated: [GeneratedToken], _ reason: StopReason, _ tokenizer: Tokenizer, showsTop: Bool
  ) {
    promptTokens = prompt
    tokens = generated.map { token in
      Token(
        id: token.id, text: tokenizer.decode([token.id], keepingSpecials: true), logprob: token.logProbability,
        top: showsTop ? token.top.map { Token.Candidate(id: $0.id, logprob: $0.logProbability) } : nil)
    }
    text = tokenizer.decode(generated.map(\.id))
    stop = reason.rawValue
  }
}
