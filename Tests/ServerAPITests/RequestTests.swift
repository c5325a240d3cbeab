import Foundation
import ServerAPI
import Testing

/// Requests: what stands in them, and what is said of those that are wrong.
struct RequestTests {
  static func completion(_ json: String) throws(APIError) -> CompletionRequest {
    try APIMessage.decode(CompletionRequest.self, from: Data(json.utf8))
  }
  static func chat(_ json: String) throws(APIError) -> ChatCompletionRequest {
    try APIMessage.decode(ChatCompletionRequest.self, from: Data(json.utf8))
  }

  @Test(arguments: [
    (#""a""#, CompletionRequest.Prompts.texts(["a"])), (#"["a", "b"]"#, .texts(["a", "b"])),
    ("[1, 2]", .tokens([[1, 2]])), ("[[1], [2, 3]]", .tokens([[1], [2, 3]])),
  ]) func `a prompt is text, tokens, or a list of either`(json: String, expected: CompletionRequest.Prompts) throws {
    #expect(try Self.completion("{\"prompt\": \(json)}").prompts == expected)
  }

  @Test func `what is not said is as in OpenAI's protocol`() throws {
    let request = try Self.completion(#"{"prompt": "a", "unheard_of": {"x": []}, "stop": null, "n": 1}"#)
    #expect(request.maximumTokens == 16 && request.logprobs == nil && !request.echo)
    let parameters = request.parameters
    #expect(parameters.temperature == 1 && parameters.topP == 1 && parameters.topK == 0 && parameters.minP == 0)
    #expect(parameters.seed == nil && parameters.stop.isEmpty && !parameters.stream && !parameters.streamsUsage)
    let chat = try Self.chat(#"{"messages": [{"role": "user", "content": "a"}], "top_logprobs": 3}"#)
    #expect(chat.maximumTokens == nil && chat.topLogprobs == nil)
  }

  @Test func `all fields are read`() throws {
    let request = try Self.completion(
      #"""
      {"prompt": "a", "model": "m", "max_tokens": 0, "logprobs": 2, "echo": true, "temperature": 0, "top_p": 0.5,
       "top_k": -1, "min_p": 0.1, "seed": -4, "stop": ["x", "y"], "stream": true,
       "stream_options": {"include_usage": true}}
      """#)
    #expect(request.maximumTokens == 0 && request.logprobs == 2 && request.echo)
    let parameters = request.parameters
    #expect(parameters.model == "m" && parameters.temperature == 0 && parameters.topP == 0.5)
    #expect(parameters.topK == 0 && parameters.minP == 0.1 && parameters.seed == -4)
    #expect(parameters.stop == ["x", "y"] && parameters.stream && parameters.streamsUsage)
    let chat = try Self.chat(
      #"""
      {"messages": [{"role": "user", "name": "n", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
       {"role": "assistant", "content": null}], "max_tokens": 5, "max_completion_tokens": 7, "logprobs": true,
       "top_logprobs": 3, "stop": "x", "tools": [], "response_format": {"type": "text"}}
      """#)
    #expect(chat.messages.map(\.content) == ["ab", ""] && chat.messages[0].name == "n")
    #expect(chat.maximumTokens == 7 && chat.topLogprobs == 3 && chat.parameters.stop == ["x"])
  }

  @Test(
    arguments: [
      ("", nil), ("[]", nil), ("{", nil), (#"{"max_tokens": 1}"#, "prompt"), (#"{"prompt": {}}"#, "prompt"),
      (#"{"prompt": []}"#, "prompt"), (#"{"prompt": [1, "a"]}"#, "prompt"), (#"{"prompt": "a", "n": 2}"#, "n"),
      (#"{"prompt": "a", "best_of": 3}"#, "best_of"), (#"{"prompt": "a", "max_tokens": -1}"#, "max_tokens"),
      (#"{"prompt": "a", "max_tokens": "many"}"#, "max_tokens"),
      (#"{"prompt": "a", "max_tokens": 99999999999}"#, "max_tokens"),
      (#"{"prompt": "a", "temperature": -0.1}"#, "temperature"),
      (#"{"prompt": "a", "temperature": 1e999}"#, "temperature"),
      (#"{"prompt": "a", "top_p": 0}"#, "top_p"), (#"{"prompt": "a", "top_k": 0.5}"#, "top_k"),
      (#"{"prompt": "a", "n": 1.5}"#, "n"), (#"{"prompt": "a", "seed": 9223372036854775808}"#, "seed"),
      (#"{"prompt": "a", "presence_penalty": 1e400}"#, "presence_penalty"),
      (#"{"prompt": "a", "logprobs": 21}"#, "logprobs"), (#"{"prompt": "a", "suffix": "b"}"#, "suffix"),
      (#"{"prompt": "a", "logit_bias": {"5": 1}}"#, "logit_bias"),
      (#"{"prompt": "a", "presence_penalty": 0.5}"#, "presence_penalty"),
      (#"{"prompt": "a", "stop": [1]}"#, "stop"),
      (#"{"prompt": "a", "stop": ["\#(String(repeating: "x", count: 513))"]}"#, "stop"),
      (#"{"prompt": "a", "stream": "yes"}"#, "stream"),
    ] as [(String, String?)])
  func `a wrong completion names the field`(json: String, parameter: String?) throws {
    let error = #expect(throws: APIError.self) { try Self.completion(json) }
    #expect(error?.status == 400)
    if let parameter { #expect(error?.parameter == parameter && error?.message.contains(parameter) == true) }
  }

  @Test(arguments: [
    (#"{"messages": []}"#, "messages"), (#"{"messages": "hello"}"#, "messages"),
    (#"{"messages": [{"content": "a"}]}"#, "messages"),
    (#"{"messages": [{"role": "user", "content": 5}]}"#, "messages"),
    (#"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}"#, "messages"),
    (#"{"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "function"}]}"#, "tools"),
    (
      #"{"messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json_object"}}"#,
      "response_format"
    ),
    (#"{"messages": [{"role": "user", "content": "a"}], "max_tokens": 0}"#, "max_tokens"),
  ]) func `a wrong chat names the field`(json: String, parameter: String) throws {
    let error = #expect(throws: APIError.self) { try Self.chat(json) }
    #expect(error?.status == 400 && error?.parameter == parameter)
  }

  @Test(
    arguments: [
      ("{", "invalid_json", "The body must be a JSON object"),
      ("[1]", "invalid_json", "The body must be a JSON object"),
      ("{}", nil, "messages is missing"),
      (#"{"messages": [{"role": "user"}, {"content": "a"}]}"#, nil, "messages[1].role is missing"),
      (#"{"messages": [{"role": 5}]}"#, nil, "messages[0].role: "),
      (#"{"messages": [{"role": "user", "content": [{"text": "a"}]}]}"#, nil, "messages[0].content[0].type is missing"),
    ] as [(String, String?, String)])
  func `a refusal says what is wrong, and where`(json: String, code: String?, beginning: String) throws {
    let error = #expect(throws: APIError.self) { try Self.chat(json) }
    #expect(error?.code == code && error?.message.hasPrefix(beginning) == true, "\(String(describing: error))")
    #expect(error?.message.contains("CodingKeys") == false && error?.message.contains("Array<Part>") == false)
  }

  @Test func `hostile bodies are refused without harm`() {
    for body in [
      String(repeating: "[", count: 1 << 20), #"{"prompt": "# + String(repeating: "[", count: 100_000),
      #"{"prompt": "\ud800"}"#, "{\"prompt\": \"\u{0}\"}",
    ] {
      #expect(throws: APIError.self) { try Self.completion(body) }
    }
    #expect(throws: APIError.self) {
      try APIMessage.decode(CompletionRequest.self, from: Data([0x7b, 0x22, 0xff, 0xfe]))
    }
  }
}
