import ArgumentParser
import ChatTemplates
import Foundation
import Inference
import LlamaModel
import Logging
import Metrics
import ModelFiles
import Serving
import Synchronization
import Tokenization

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Lets other programs use a model, by OpenAI's protocol.",
    discussion: """
      Open WebUI, lm-eval, the openai clients and whatever else knows that protocol can use the model before it is
      exported. Give them the address that is printed, and any key. Ctrl-C ends the server when the answers under way are
      finished, after ten seconds at most.

        extend serve M.gguf
        curl http://127.0.0.1:8080/v1/models
        curl http://127.0.0.1:8080/v1/chat/completions -H 'Content-Type: application/json' \\
          -d '{"messages": [{"role": "user", "content": "What is a window?"}], "max_tokens": 50, "stream": true}'
        curl http://127.0.0.1:8080/v1/completions -H 'Content-Type: application/json' \\
          -d '{"prompt": "Once upon a time", "max_tokens": 0, "echo": true, "logprobs": 1}'
        lm_eval --model local-completions --tasks lambada_openai --model_args \\
          model=M,base_url=http://127.0.0.1:8080/v1/completions,tokenizer=FOLDER,max_length=8192

      Requests are answered one after the other, in the order in which they came. One that begins like an earlier one is
      read from where they differ. Docs/Serving.md lists what is understood and what is refused.
      """)

  @Argument(help: "A model file (GGUF) or a Hugging Face folder.") var model: String
  @Option(help: "The address to listen at; 0.0.0.0 lets other machines in.") var host = "127.0.0.1"
  @Option(help: "The port to listen at; 0 takes a free one.") var port = 8080
  @Option(
    help: ArgumentHelp(
      "A key that clients must send. Better given as EXTEND_API_KEY: other users can see command lines.",
      valueName: "key"))
  var apiKey: String?
  @Option(help: "The model's name for clients. (default: that of its file or folder)") var name: String?
  @Option(help: "The window in tokens. (default: what the model was trained with)") var context: Int?
  @Option(help: "Requests that may be answered or wait at a time; others get the status 503.") var requests = 64
  @Option(help: "Bytes of a request at most; larger ones get 413. (default: 1 MiB and 16 for each token of the window)")
  var requestBytes: Int?
  @Option(
    help:
      "Tokens of earlier texts that are kept for requests that begin alike. (default: two windows, or what fits into a quarter of the memory)"
  )
  var keptTokens: Int?
  @OptionGroup var inference: InferenceOptions
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    try require("--port", port, in: 0...65_535)
    try require("--context", context, in: InferenceOptions.counts)
    try require("--requests", requests, in: 1...100_000)
    try require("--request-bytes", requestBytes, in: 1...(1 << 30))
    try require("--kept-tokens", keptTokens, in: 0...InferenceOptions.counts.upperBound)
    if let apiKey, apiKey.isEmpty || apiKey.utf8.contains(where: { $0 <= UInt8(ascii: " ") || $0 == 0x7F }) {
      throw ValidationError("--api-key must not be empty or hold blanks, which no client could send")
    }
    if name?.isEmpty == true { throw ValidationError("--name must not be empty") }
  }

  func run() throws {
    try reportingFailures {
      machine.apply()
      let file = try ModelFile(path: model), tokenizer = try Tokenizer(of: file)
      let window = context ?? file.configuration.rope.trainedContext
      try inference.check(context: window, of: file, otherwise: "lower --context, or choose --cache bf16 or int8")
      let cacheBytes = { file.configuration.cacheBytes(context: $0, precision: inference.cache) }
      let engine = InferenceEngine(
        try inference.load(file), tokenizer, context: window, cachePrecision: inference.cache,
        keptBytes: keptTokens.map(cacheBytes) ?? min(2 * cacheBytes(window), Machine.memory / 4))
      let prompt = try ChatPrompt(tokenizer, of: model)
      let chatPrompt: @Sendable ([ChatMessage]) throws -> [TokenID] = { messages in
        try prompt.tokens(messages, answerStart: "", plain: "")
      }
      let served = ServedModel(
        name: name ?? ModelFile.name(of: model), engine: engine,
        created: Int(Date().timeIntervalSince1970),
        chatPrompt: prompt.hasTemplate ? chatPrompt : nil)
      let key = apiKey ?? ProcessInfo.processInfo.environment["EXTEND_API_KEY"].flatMap { $0.isEmpty ? nil : $0 }
      if key == nil, !["127.0.0.1", "::1", "localhost"].contains(host) {
        log.warning("whoever reaches \(host) can use the model; --api-key or EXTEND_API_KEY asks for a key")
      }
      let server = ModelServer(
        served, ServerLimits(requests: requests, requestBytes: requestBytes ?? 1 << 20 + 16 * window), apiKey: key
      ) { report in Console.print(report.line) }
      Interruption.listen("finishing the answers under way; Ctrl-C again stops at once")
      try serve(server, window)
      return .done
    }
  }

  /// Runs the server until somebody asks for the end.
  private func serve(_ server: ModelServer, _ window: Int) throws {
    let (host, port) = (host, port), written = host.contains(":") ? "[\(host)]" : host
    var quiet = log
    quiet.logLevel = .critical
    do {
      try waiting { [quiet] in
        try await server.run(
          host: host, port: port, logger: quiet,
          onListening: { port in
            Console.print("listening at http://\(written):\(port)/v1, window \(window) tokens; Ctrl-C ends")
          },
          until: {
            while !Interruption.isRequested, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
          })
      }
    } catch {
      throw UsageError("cannot serve at \(written):\(port): \(error); choose another --host or --port")
    }
  }

  /// Runs asynchronous work to its end.
  private func waiting(for work: @escaping @Sendable () async throws -> Void) throws {
    final class Outcome: Sendable {
      let error = Mutex<(any Error)?>(nil)
    }
    let outcome = Outcome(), ended = DispatchSemaphore(value: 0)
    Task {
      do { try await work() } catch { outcome.error.withLock { $0 = error } }
      ended.signal()
    }
    ended.wait()
    if let error = outcome.error.withLock({ $0 }) { throw error }
  }
}

extension RequestReport {
  /// One line for people.
  fileprivate var line: String {
    "\(path)  read \(promptTokens) tokens" + (cachedTokens > 0 ? " (\(cachedTokens) of them before)" : "")
      + ", wrote \(completionTokens)  (\(ProgressFormat.duration(seconds)))"
  }
}
