public import ArgumentParser
import Inference
public import Kernels
import LlamaModel
import Metrics
import ModelFiles
import Tokenization

extension Precision: ExpressibleByArgument {}
extension CachePrecision: ExpressibleByArgument {}

/// How a model is run.
struct InferenceOptions: ParsableArguments {
  /// Numbers of tokens that options may name; sums of them are still numbers.
  static let counts = 1...(1 << 30)

  @Option(
    help:
      "Of long products and attention while reading: fp32 is exact, bf16 several times as fast where the processor helps."
  )
  var precision = Precision.fp32
  @Option(help: "How keys and values are kept: fp32 is exact, bf16 takes half the memory, int8 about a quarter.")
  var cache = CachePrecision.fp32
  @Flag(
    help: "Turn all weights into floats first, instead of computing from the file's blocks: more memory, same result.")
  var floats = false

  func load(_ file: ModelFile) throws -> Llama {
    precision.applied(to: try floats ? file.load() : file.loadStored())
  }

  /// Makes a session one that has read exactly a prompt; a terminal shows how far it is.
  ///
  /// - Parameter goesOn: false ends the reading.
  /// - Returns: whether all was read, and how many tokens did not have to be.
  static func read(
    _ prompt: [TokenID], into session: inout Session, goesOn: () -> Bool = { true }
  ) -> (isWhole: Bool, reused: Int) {
    let start = session.commonPrefix(with: prompt), configuration = session.model.configuration
    let heartbeat = Console.isTerminal ? Heartbeat() : nil
    defer { heartbeat?.stop() }
    heartbeat?.begin("reading \(prompt.count - start) tokens")
    return session.read(exactly: prompt) { count in
      heartbeat?.advance(to: configuration.readingShare(count, from: start, to: prompt.count))
      return goesOn()
    }
  }

  /// A session with room for `context` tokens; with what a saved one holds, where a file of it is named.
  func session(_ model: Llama, context: Int, loading path: String?) throws -> Session {
    if let path {
      let session = try Session(model, loading: path, context: context)
      if session.cachePrecision != cache {
        Console.error("\(path) holds keys and values as \(session.cachePrecision.rawValue), and goes on so")
      }
      return session
    }
    return Session(model, context: context, cachePrecision: cache)
  }

  /// Refuses a context that this machine's memory cannot hold.
  func check(context: Int, of file: ModelFile, otherwise repair: String) throws {
    let weights = floats ? 4 * file.configuration.parameterCount : file.storedBytes
    try Machine.checkMemory(
      weights + file.configuration.readingBytes(context: context, cache: cache), for: "a context of \(context) tokens",
      otherwise: repair)
  }
}

/// How tokens are chosen.
struct SamplingOptions: ParsableArguments {
  @Option(help: "0 chooses the most probable token; higher is more varied.") var temperature = 0.0
  @Option(help: "Choose among so many of the most probable tokens only; 0 for all.") var topK = 0
  @Option(help: "Choose among the fewest tokens that together have this probability.") var topP = 1.0
  @Option(help: "Choose among tokens at least this often as probable as the most probable one.") var minP = 0.0
  @Option(help: "The same seed gives the same choices.") var seed: UInt64 = 0

  func validate() throws {
    try require("--temperature", temperature, in: 0...100)
    try require("--top-k", topK, in: 0...)
    if !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be above 0 and at most 1, got \(topP)") }
    try require("--min-p", minP, in: 0...1)
  }

  var sampling: Sampling {
    Sampling(temperature: temperature, topK: topK, topP: topP, minP: minP, seed: seed)
  }
}
