import Foundation
import Inference
import Testing
import Tokenization

extension ServerTests {
  /// `/v1/completions`.
  struct CompletionTests {
    @Test func `a completion is what the model writes`() async throws {
      try await TestServer.with { server in
        let expected = server.continuation(server.tokens("hello"), 12)
        let answer = try await server.post(
          "/v1/completions", #"{"model": "tiny", "prompt": "hello", "max_tokens": 12, "temperature": 0}"#)
        #expect(answer.status == 200, "\(answer)")
        let choice = try answer.choices[0]
        #expect(choice["text"] as? String == expected.text && choice["logprobs"] is NSNull)
        #expect(choice["finish_reason"] as? String == (expected.reason == .tokenLimit ? "length" : "stop"))
        let usage = try answer.usage
        #expect(usage["prompt_tokens"] as? Int == server.tokens("hello").count)
        #expect(usage["completion_tokens"] as? Int == expected.tokens.count)
      }
    }

    @Test func `texts and tokens are continued in their order`() async throws {
      try await TestServer.with { server in
        let prompts = ["one", "two", "three"], tokens = prompts.map(server.tokens)
        let expected = tokens.map { server.continuation($0, 6).text }
        for list in [try JSONEncoder().encode(prompts), try JSONEncoder().encode(tokens)] {
          let body =
            "{\"prompt\": \(String(decoding: list, as: UTF8.self)), \"max_tokens\": 6, \"temperature\": 0}"
          let choices = try await server.post("/v1/completions", body).choices
          #expect(choices.map { $0["index"] as? Int } == [0, 1, 2])
          #expect(choices.map { $0["text"] as? String } == expected)
        }
      }
    }

    @Test func `echo with logprobs scores every token of the prompt and of the answer`() async throws {
      try await TestServer.with { server in
        let prompt = server.tokens("the scores of this")
        let answer = try await server.post(
          "/v1/completions",
          #"{"prompt": "the scores of this", "max_tokens": 3, "temperature": 0, "echo": true, "logprobs": 2}"#)
        let choice = try answer.choices[0], lists = try #require(choice["logprobs"] as? [String: Any])
        let logs = try #require(lists["token_logprobs"] as? [Any])
        let top = try #require(lists["top_logprobs"] as? [Any])
        var session = Session(server.engine.model, context: 512)
        session.read([prompt[0]])
        let scores = session.logProbabilities(ofAnswer: Array(prompt.dropFirst()))
        let written = server.continuation(prompt, 3)
        let expected = scores + written.tokens.map(\.logProbability)
        #expect(logs.count == prompt.count + 3 && top.count == logs.count && logs[0] is NSNull && top[0] is NSNull)
        for (log, expected) in zip(logs.dropFirst(), expected) {
          #expect(abs((log as? Double ?? .nan) - expected) < 1e-4)
        }
        for (log, top) in zip(logs, top).dropFirst() {
          let values = try #require((top as? [String: Double])?.values), log = try #require(log as? Double)
          #expect((2...3).contains(values.count) && values.contains(log) && values.allSatisfy { $0 <= 0 })
        }
        #expect(choice["text"] as? String == "the scores of this" + written.text)
        let offsets = try #require(lists["text_offset"] as? [Int])
        #expect(offsets.count == logs.count && offsets == offsets.sorted() && offsets[0] == 0)
        let only = try await server.post(
          "/v1/completions", #"{"prompt": "the scores", "max_tokens": 0, "echo": true, "logprobs": 0}"#)
        #expect(try only.choices[0]["text"] as? String == "the scores")
        #expect(try only.usage["completion_tokens"] as? Int == 0)
      }
    }

    @Test func `answers to one question are scored as if each were asked alone, and the question is read once`()
      async throws
    {
      try await TestServer.with { server in
        let question = String(repeating: "a long question. ", count: 20)
        for (index, choice) in ["yes", "no", "perhaps, if all else fails"].enumerated() {
          let answer = try await server.post(
            "/v1/completions",
            #"{"prompt": "\#(question)\#(choice)", "max_tokens": 0, "echo": true, "logprobs": 1}"#)
          let lists = try #require(try answer.choices[0]["logprobs"] as? [String: Any])
          let logs = try #require(lists["token_logprobs"] as? [Any]).dropFirst().compactMap { $0 as? Double }
          var session = Session(server.engine.model, context: 512)
          let alone = session.readScoring(server.tokens(question + choice))
          let expected = try #require(alone).map(\.logProbability)
          // Written and read in decimals on the way; the bits are compared in SessionTests.
          #expect(logs.count == expected.count && zip(logs, expected).allSatisfy { abs($0 - $1) < 1e-12 })
          let cached = (try answer.usage["prompt_tokens_details"] as? [String: Any])?["cached_tokens"] as? Int
          #expect(cached ?? 0 >= (index == 0 ? 0 : server.tokens(question).count - 192 - 32), "\(answer)")
          if index == 0 { #expect(cached == 0) }
        }
      }
    }

    @Test(arguments: [#""logprobs": null"#, #""logprobs": 1"#, #""logprobs": 1, "echo": true"#, #""stop": ["e", "a"]"#])
    func `the pieces of a stream are the whole answer`(options: String) async throws {
      try await TestServer.with { server in
        let body = #"{"prompt": ["some", "text"], "max_tokens": 20, "temperature": 1.5, "seed": 7, \#(options)"#
        let whole = try await server.post("/v1/completions", body + "}")
        let stream = try await server.post(
          "/v1/completions", body + #", "stream": true, "stream_options": {"include_usage": true}}"#)
        #expect(stream.status == 200 && stream.head.lowercased().contains("content-type: text/event-stream"))
        #expect(stream.events.last == "[DONE]")
        for expected in try whole.choices {
          let pieces = try stream.eventChoices.filter { $0["index"] as? Int == expected["index"] as? Int }
          #expect(pieces.compactMap { $0["text"] as? String }.joined() == expected["text"] as? String)
          #expect(pieces.last?["finish_reason"] as? String == expected["finish_reason"] as? String)
          #expect(pieces.dropLast().allSatisfy { $0["finish_reason"] is NSNull })
          if let lists = expected["logprobs"] as? [String: Any] {
            let tokens = pieces.compactMap { ($0["logprobs"] as? [String: Any])?["tokens"] as? [String] }
            #expect(tokens.flatMap { $0 } == lists["tokens"] as? [String] && tokens.count > 1)
          }
        }
        let last = try #require(stream.events.dropLast().last)
        let usage = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        #expect(
          (usage?["usage"] as? [String: Any])?["completion_tokens"] as? Int == (try whole.usage)["completion_tokens"]
            as? Int)
      }
    }

    @Test func `a text that begins like an earlier one is read from where they differ`() async throws {
      try await TestServer.with { server in
        let document = String(repeating: "a long document. ", count: 20)
        func cached(_ question: String) async throws -> Int? {
          let answer = try await server.post(
            "/v1/completions", #"{"prompt": "\#(document)\#(question)", "max_tokens": 2, "temperature": 0}"#)
          let expected = server.continuation(server.tokens(document + question), 2).text
          #expect(try answer.choices[0]["text"] as? String == expected)
          return (try answer.usage["prompt_tokens_details"] as? [String: Any])?["cached_tokens"] as? Int
        }
        let first = try await cached("one?"), second = try await cached("two?")
        #expect(first == 0 && second ?? 0 >= server.tokens(document).count)
      }
    }
  }
}
