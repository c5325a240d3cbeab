import Foundation
import ServerAPI
import Testing

/// Responses as clients of OpenAI's protocol expect them.
struct ResponseTests {
  static func json(_ value: some Encodable) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: APIMessage.encode(value)) as? [String: Any])
  }

  @Test func `keys that clients look for are there, as null where there is nothing`() throws {
    var response = CompletionResponse(id: "i", created: 1, model: "m")
    response.choices = [CompletionResponse.Choice(index: 0, text: "t", logprobs: nil, finishReason: nil)]
    let choice = try #require((try Self.json(response)["choices"] as? [[String: Any]])?.first)
    #expect(choice["logprobs"] is NSNull && choice["finish_reason"] is NSNull)
    let error = try #require(
      try Self.json(APIError("no", code: "context_length_exceeded"))["error"] as? [String: Any])
    #expect(error["param"] is NSNull && error["code"] as? String == "context_length_exceeded")
    #expect(error["type"] as? String == "invalid_request_error" && error["message"] as? String == "no")
  }

  @Test func `pieces of a choice are the whole`() throws {
    var one = CompletionLogprobs(), two = CompletionLogprobs()
    one.tokens = ["a"]
    one.tokenLogprobs = [nil]
    one.topLogprobs = [nil]
    one.textOffset = [0]
    two.tokens = ["b"]
    two.tokenLogprobs = [-1]
    two.topLogprobs = [["b": -1, "c": -2]]
    two.textOffset = [1]
    var whole = CompletionResponse.Choice(index: 3, text: "", logprobs: nil, finishReason: nil)
    whole.append(CompletionResponse.Choice(index: 3, text: "a", logprobs: one, finishReason: nil))
    whole.append(CompletionResponse.Choice(index: 3, text: "b", logprobs: two, finishReason: nil))
    whole.append(CompletionResponse.Choice(index: 3, text: "", logprobs: nil, finishReason: .length))
    let choice = try Self.json(whole), lists = try #require(choice["logprobs"] as? [String: Any])
    #expect(choice["text"] as? String == "ab" && choice["finish_reason"] as? String == "length")
    #expect(lists["tokens"] as? [String] == ["a", "b"] && lists["text_offset"] as? [Int] == [0, 1])
    let values = try #require(lists["token_logprobs"] as? [Any])
    #expect(values[0] is NSNull && values[1] as? Double == -1)
    let top = try #require(lists["top_logprobs"] as? [Any])
    #expect(top[0] is NSNull && top[1] as? [String: Double] == ["b": -1, "c": -2])
  }

  @Test func `pieces of a chat's answer are its message`() throws {
    typealias Choice = ChatCompletionResponse.Choice
    typealias Turn = ChatCompletionResponse.Turn
    func scores(_ token: String) -> ChatLogprobs {
      ChatLogprobs(content: [ChatLogprobs.Token(token: token, logprob: -1, bytes: Array(token.utf8))])
    }
    var whole = Choice(delta: Turn(role: "assistant", content: ""))
    whole.append(Choice(delta: Turn(content: "a"), logprobs: scores("a")))
    whole.append(Choice(delta: Turn(content: "b"), logprobs: scores("b")))
    whole.append(Choice(delta: Turn(), finishReason: .stop))
    let json = try Self.json(whole.asMessage)
    #expect(json["message"] as? [String: String] == ["role": "assistant", "content": "ab"])
    #expect(json["delta"] == nil && json["finish_reason"] as? String == "stop")
    let tokens = try #require((json["logprobs"] as? [String: Any])?["content"] as? [[String: Any]])
    #expect(tokens.map { $0["token"] as? String } == ["a", "b"])
  }

  @Test func `usage adds up`() throws {
    let sum =
      TokenUsage(promptTokens: 3, completionTokens: 4, cachedTokens: 1)
      + TokenUsage(promptTokens: 10, completionTokens: 20, cachedTokens: 5)
    let json = try Self.json(sum)
    #expect(json["prompt_tokens"] as? Int == 13 && json["completion_tokens"] as? Int == 24)
    #expect(json["total_tokens"] as? Int == 37)
    #expect((json["prompt_tokens_details"] as? [String: Int]) == ["cached_tokens": 6])
  }
}
