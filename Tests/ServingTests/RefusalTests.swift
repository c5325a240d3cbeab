import Foundation
import Testing

/// The server as clients see it, over a socket.
@Suite(.serialized) struct ServerTests {}

extension ServerTests {
  /// What is refused, and how.
  struct RefusalTests {
    @Test func `each refusal has its status and its code`() async throws {
      try await TestServer.with(context: 64, requestBytes: 1000) { server in
        let long = String(repeating: "x", count: 80)
        for (path, body, status, code) in [
          ("/v1/completions", "{", 400, "invalid_json"),
          ("/v1/completions", #"{"prompt": "a", "n": 2}"#, 400, "unsupported_parameter"),
          ("/v1/completions", #"{"prompt": "\#(long)"}"#, 400, "context_length_exceeded"),
          ("/v1/completions", #"{"prompt": "a", "max_tokens": 64}"#, 400, "context_length_exceeded"),
          (
            "/v1/chat/completions", #"{"messages": [{"role": "user", "content": "\#(long)"}]}"#, 400,
            "context_length_exceeded"
          ),
          ("/v1/completions", #"{"prompt": [5, 259]}"#, 400, nil), ("/v1/completions", #"{"prompt": [-1]}"#, 400, nil),
          ("/v1/completions", #"{"prompt": []}"#, 400, nil),
          ("/v1/completions", #"{"prompt": [[5], []]}"#, 400, nil),
          ("/v1/completions", #"{"model": "other", "prompt": "a"}"#, 404, "model_not_found"),
          ("/v1/embeddings", "{}", 404, "not_found"),
          ("/v1/completions", #"{"prompt": "\#(String(repeating: long, count: 20))"}"#, 413, "request_too_large"),
        ] as [(String, String, Int, String?)] {
          let answer = try await server.post(path, body)
          #expect(answer.status == status, "\(path) \(body.prefix(60)) \(answer)")
          #expect(try answer.errorCode == code, "\(path) \(body.prefix(60)) \(answer)")
        }
        let form = try await server.request("POST", "/v1/completions", "prompt=a", headers: [])
        #expect(form.status == 415)
        #expect(try await server.post("/v1/completions", #"{"prompt": "a", "max_tokens": 1}"#).status == 200)
      }
    }

    @Test func `scores that are not finite are told, with the model's name`() async throws {
      try await TestServer.with(weights: 3e38) { server in
        for body in [#"{"prompt": "a"}"#, #"{"prompt": "ab", "echo": true, "logprobs": 1, "max_tokens": 0}"#] {
          let answer = try await server.post("/v1/completions", body)
          #expect(answer.status == 500, "\(answer)")
          #expect(try answer.errorCode == "model_ruined")
          #expect(answer.body.contains("tiny: found scores that are not finite"), "\(answer)")
        }
      }
    }

    @Test func `models and health are told`() async throws {
      try await TestServer.with { server in
        let models = try #require(try await server.request("GET", "/v1/models").json["data"] as? [[String: Any]])
        #expect(models.map { $0["id"] as? String } == ["tiny"] && models[0]["max_model_len"] as? Int == 512)
        #expect(try await server.request("GET", "/v1/models/tiny").json["object"] as? String == "model")
        #expect(try await server.request("GET", "/v1/models/other").status == 404)
        // As clients write a name with spaces.
        #expect(try await server.request("GET", "/v1/models/%74in%79").json["id"] as? String == "tiny")
        #expect(try await server.request("GET", "/v1/models/tiny%2").errorCode == "model_not_found")
        #expect(try await server.request("GET", "/health").json["status"] as? String == "ok")
      }
    }

    @Test func `an answer to HEAD is the head of the answer to GET`() async throws {
      try await TestServer.with { server in
        for (path, status) in [("/health", 200), ("/v1/models", 200), ("/v1/models/other", 404), ("/none", 404)] {
          let (get, head) = (try await server.request("GET", path), try await server.request("HEAD", path))
          #expect(get.status == status && head.status == status && head.body.isEmpty, "\(head)")
          #expect(head.head.contains("Content-Type: application/json"), "\(head)")
        }
      }
    }

    @Test func `a client that asks before it sends a body is told to, and not in the middle of another answer`()
      async throws
    {
      try await TestServer.with(context: 1 << 21) { server in
        let body = #"{"prompt": "a", "max_tokens": 1}"#
        let asking = DisturbanceTests.post(body).replacing("Host: test", with: "Host: test\r\nExpect: 100-Continue")
        let head = String(asking.dropLast(body.utf8.count))
        let told = try await server.exchange(head) { $0.contains("\r\n\r\n") }
        #expect(told == "HTTP/1.1 100 Continue\r\n\r\n")
        let whole = try await server.exchange(asking) { $0.contains("total_tokens") }
        #expect(whole.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "\(whole)")
        let both = try await server.exchange(DisturbanceTests.endless(streams: true) + head) { $0.count > 20_000 }
        #expect(both.hasPrefix("HTTP/1.1 200 OK") && !both.contains("100 Continue"), "\(both.prefix(500))")
      }
    }

    @Test func `a key opens all but the health`() async throws {
      try await TestServer.with(apiKey: "secret") { server in
        for header in [
          [], ["Authorization: Bearer wrong!"], ["Authorization: Bearer secre"], ["Authorization: secret"],
          ["Authorization: Bearer secretBearer secret"],
        ] as [[String]] {
          let answer = try await server.request("GET", "/v1/models", headers: header)
          #expect(answer.status == 401, "\(header)")
          #expect(try answer.errorCode == "invalid_api_key")
        }
        #expect(try await server.request("GET", "/v1/models", headers: ["Authorization: Bearer secret"]).status == 200)
        #expect(try await server.request("GET", "/health", headers: []).status == 200)
      }
    }
  }
}
