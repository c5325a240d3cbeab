import Inference
import Foundation
import LlamaModel
import TensorCore
import TestSupport
import Testing
import Tokenization

/// Greedy continuations of tiny models.
struct GenerationTests {
  static let ropes = [
    RoPEDescription(originalContext: 16, originalTheta: 10_000),
    RoPEDescription(originalContext: 16, originalTheta: 10_000, trainedContext: 64, theta: 80_000),
    RoPEDescription(originalContext: 16, originalTheta: 10_000, trainedContext: 64, scaling: .yarn(YaRN(factor: 4))),
  ]
  static let prompt: [TokenID] = [3, 1, 4, 1, 5, 9, 2, 6]

  /// ln p of every token after `tokens`, in Double, from one full forward pass.
  static func logProbabilities(_ model: Llama, after tokens: [TokenID]) -> [Double] {
    let logits = model.frozen().logits(tokens: tokens).values.suffix(model.configuration.vocabularySize).map(
      Double.init)
    let greatest = logits.max()!
    let logSum = greatest + log(logits.reduce(0) { $0 + exp($1 - greatest) })
    return logits.map { $0 - logSum }
  }

  /// The greedy continuation of the prompt in a new session.
  static func continuation(
    _ model: Llama, of prompt: [TokenID] = prompt, maximumTokens: Int, context: Int = 64,
    stoppingAt stops: Set<TokenID> = [], top: Int = 1, onToken: (GeneratedToken) -> Bool = { _ in true }
  ) -> (tokens: [GeneratedToken], reason: StopReason) {
    var session = Session(model, context: context)
    session.read(prompt)
    return session.generate(
      GenerationOptions(maximumTokens: maximumTokens, stopTokens: stops, top: top), onToken: onToken)
  }

  @Test(arguments: ropes, [false, true])
  func `each token is the best of a full forward pass over all before it`(rope: RoPEDescription, tied: Bool) {
    let model = Llama.random(.tiny(tied: tied, rope: rope), scale: 0.5)
    let (tokens, reason) = Self.continuation(model, maximumTokens: 30, top: 5)
    #expect(tokens.count == 30)
    #expect(reason == .tokenLimit)
    var all = Self.prompt
    for token in tokens {
      let expected = Self.logProbabilities(model, after: all)
      #expect(expected[Int(token.id)] > expected.max()! - 1e-4)
      #expect(abs(token.logProbability - expected[Int(token.id)]) < 1e-4)
      for candidate in token.top { #expect(abs(candidate.logProbability - expected[Int(candidate.id)]) < 1e-4) }
      all.append(token.id)
    }
    #expect(Set(tokens.map(\.id)).count > 1)
  }

  @Test(arguments: [1, 2, 10, 31, 100]) func `the top is sorted, distinct, and no more than certain`(top: Int) throws {
    let model = Llama.random(.tiny(), scale: 0.5)
    let (tokens, _) = Self.continuation(model, maximumTokens: 5, top: top)
    for token in tokens {
      #expect(token.top.count == min(top, 31))
      #expect(Set(token.top.map(\.id)).count == token.top.count)
      #expect(token.top[0].id == token.id)
      #expect(token.top[0].logProbability == token.logProbability)
      let values = token.top.map(\.logProbability)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
      let sum = values.reduce(0) { $0 + exp($1) }
      #expect(sum <= 1 + 1e-9)
      if top >= 31 { #expect(sum > 1 - 1e-9) }
    }
  }

  @Test func `of equally probable tokens the lowest id is chosen`() {
    var model = Llama.random(.tiny())
    model.output = Tensor(zeros: Shape(31, 16))
    let (tokens, _) = Self.continuation(model, of: [7], maximumTokens: 2, context: 8, top: 3)
    #expect(tokens.map(\.id) == [0, 0])
    #expect(tokens[0].top.map(\.id) == [0, 1, 2])
    #expect(abs(tokens[0].logProbability + log(31)) < 1e-12)
  }

  @Test func `a stop token ends the continuation and is its last token`() throws {
    let model = Llama.random(.tiny(), scale: 0.5)
    func run(_ stops: Set<TokenID>) -> (tokens: [GeneratedToken], reason: StopReason) {
      Self.continuation(model, maximumTokens: 20, stoppingAt: stops)
    }
    let free = run([]).tokens.map(\.id)
    let stop = try #require(free.dropFirst(3).first { !free.prefix(3).contains($0) })
    let stopped = run([stop])
    #expect(stopped.reason == .stopToken)
    #expect(stopped.tokens.map(\.id) == Array(free.prefix(through: try #require(free.firstIndex(of: stop)))))
  }

  @Test func `the continuation ends with the context, and a prompt that fills it has none`() {
    let model = Llama.random(.tiny(), scale: 0.5)
    func run(context: Int) -> (tokens: [GeneratedToken], reason: StopReason) {
      Self.continuation(model, maximumTokens: 20, context: context)
    }
    let full = run(context: 11)
    #expect(full.reason == .contextFull)
    #expect(full.tokens.count == 11 - 8)
    #expect(full.tokens.map(\.id) == run(context: 64).tokens.prefix(3).map(\.id))
    #expect(run(context: 8).tokens.isEmpty)
    #expect(run(context: 8).reason == .contextFull)
  }

  @Test func `the limit and the caller end it too`() {
    let model = Llama.random(.tiny(), scale: 0.5)
    let none = Self.continuation(model, maximumTokens: 0)
    #expect(none.tokens.isEmpty)
    #expect(none.reason == .tokenLimit)
    var seen = 0
    let ended = Self.continuation(model, maximumTokens: 9) { _ in
      seen += 1
      return seen < 4
    }
    #expect(ended.tokens.count == 4)
  }
}
