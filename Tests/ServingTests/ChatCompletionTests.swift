import Foundation
import Testing

extension ServerTests {
  /// `/v1/chat/completions`.
  struct ChatCompletionTests {
    static let conversation =
      #""messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}]"#
    static let prompt = "[system] be brief\n[user] hello\n[assistant] "

    @Test func `an answer follows the conversation by the model's template`() async throws {
      try await TestServer.with { server in
        let expected = server.continuation(server.tokens(Self.prompt), 10)
        let answer = try await server.post(
          "/v1/chat/completions", "{\(Self.conversation), \"max_tokens\": 10, \"temperature\": 0}")
        let choice = try answer.choices[0], message = try #require(choice["message"] as? [String: Any])
        #expect(message["role"] as? String == "assistant" && message["content"] as? String == expected.text)
        #expect(try answer.json["object"] as? String == "chat.completion")
        #expect(try answer.usage["prompt_tokens"] as? Int == server.tokens(Self.prompt).count)
      }
    }

    @Test func `a stream begins with the role, goes on with the text, and ends with the reason`() async throws {
      try await TestServer.with { server in
        let expected = server.continuation(server.tokens(Self.prompt), 10)
        let stream = try await server.post(
          "/v1/chat/completions",
          "{\(Self.conversation), \"max_completion_tokens\": 10, \"temperature\": 0, \"stream\": true, \"logprobs\": true, \"top_logprobs\": 2}"
        )
        let choices = try stream.eventChoices, deltas = choices.compactMap { $0["delta"] as? [String: Any] }
        #expect(deltas.first?["role"] as? String == "assistant" && deltas.count == choices.count)
        #expect(deltas.compactMap { $0["content"] as? String }.joined() == expected.text)
        #expect(choices.last?["finish_reason"] is String && stream.events.last == "[DONE]")
        let tokens = choices.compactMap { ($0["logprobs"] as? [String: Any])?["content"] as? [[String: Any]] }
          .flatMap { $0 }
        #expect(tokens.count == expected.tokens.count)
        for (token, expected) in zip(tokens, expected.tokens) {
          #expect(abs((token["logprob"] as? Double ?? .nan) - expected.logProbability) < 1e-9)
        }
        #expect(tokens.allSatisfy { ($0["top_logprobs"] as? [Any])?.count == 2 && $0["bytes"] is [Int] })
      }
    }

    @Test func `without a limit the answer goes to the end of the window`() async throws {
      try await TestServer.with(context: 100) { server in
        let answer = try await server.post("/v1/chat/completions", "{\(Self.conversation), \"temperature\": 0}")
        let usage = try answer.usage
        let expected = server.continuation(server.tokens(Self.prompt), 1000)
        #expect(usage["completion_tokens"] as? Int == expected.tokens.count)
        #expect((usage["total_tokens"] as? Int ?? .max) <= 100)
      }
    }

    @Test func `a model without a template refuses conversations`() async throws {
      try await TestServer.with(hasChat: false) { server in
        let answer = try await server.post("/v1/chat/completions", "{\(Self.conversation)}")
        #expect(answer.status == 400 && answer.body.contains("no chat template"))
      }
    }
  }
}
