import Foundation
import Testing

extension ServerTests {
  /// Clients that are malformed, slow, or gone disturb nobody else.
  struct DisturbanceTests {
    /// An answer that takes hours.
    static func endless(streams: Bool) -> String {
      post(#"{"prompt": "on and on", "max_tokens": 1000000, "temperature": 0, "stream": \#(streams)}"#)
    }
    static func post(_ body: String, length: Int? = nil) -> String {
      "POST /v1/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
        + "\(length ?? body.utf8.count)\r\n\r\n\(body)"
    }

    /// Waits until so many requests are answered or wait.
    static func requests(_ count: Int, _ server: TestServer) async throws {
      while try await server.request("GET", "/health").json["requests"] as? Int != count {
        try await Task.sleep(for: .milliseconds(5))
      }
    }

    @Test func `an answer whose client has gone is given up`() async throws {
      try await TestServer.with(context: 1 << 21) { server in
        let begun = try await server.exchange(Self.endless(streams: true)) { $0.count > 5000 }
        #expect(begun.contains("data: ") && !begun.contains("[DONE]"))
        try await Self.requests(0, server)
        try await server.abandon(Self.endless(streams: false)) { try await Self.requests(1, server) }
        try await Self.requests(0, server)
        #expect(try await server.post("/v1/completions", #"{"prompt": "a", "max_tokens": 2}"#).status == 200)
      }
    }

    @Test func `a line that is full refuses, and who leaves it makes room`() async throws {
      try await TestServer.with(context: 1 << 21, requests: 2) { server in
        let short = #"{"prompt": "a", "max_tokens": 2}"#
        try await server.abandon(Self.endless(streams: false)) {
          try await Self.requests(1, server)
          try await server.abandon(Self.endless(streams: false)) {
            try await Self.requests(2, server)
            let refused = try await server.post("/v1/completions", short)
            #expect(refused.status == 503 && refused.head.lowercased().contains("retry-after"))
            #expect(try refused.errorCode == "server_overloaded")
          }
        }
        try await Self.requests(0, server)
        #expect(try await server.post("/v1/completions", short).status == 200)
      }
    }

    @Test func `who waits in line and goes leaves it while another has its turn`() async throws {
      try await TestServer.with(context: 1 << 21) { server in
        try await server.abandon(Self.endless(streams: false)) {
          try await Self.requests(1, server)
          try await server.abandon(Self.endless(streams: false)) { try await Self.requests(2, server) }
          try await Self.requests(1, server)
          #expect(try await server.request("GET", "/health").json["waiting"] as? Int == 0)
        }
      }
    }

    @Test func `the end of the server ends answers under way and tells those who wait`() async throws {
      var clients: [Task<String, any Error>] = []
      try await TestServer.with(context: 1 << 21) { server in
        clients = (0..<2).map { _ in Task { try await server.exchange(Self.endless(streams: true)) } }
        try await Self.requests(2, server)
      }
      var answers: [String] = []
      for client in clients { answers.append(try await client.value) }
      #expect(answers.count == 2)
      for answer in answers {
        #expect(answer.contains("shutting_down") && !answer.contains("[DONE]"), "\(answer.suffix(300))")
        #expect(answer.hasSuffix("0\r\n\r\n"), "the stream was cut off: \(answer.suffix(100))")
      }
    }

    @Test func `many odd clients leave it serving as before`() async throws {
      try await TestServer.with(context: 256, requestBytes: 5000, patience: 1) { server in
        let question = #"{"prompt": "the same question", "max_tokens": 8, "temperature": 0}"#
        let before = try await server.post("/v1/completions", question).choices[0]["text"] as? String
        let odd = [
          "", "\r\n\r\n", "GET", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}", "POST /v1/completions HTTP/1.1\r\nHost",
          Self.post(question, length: 4000), Self.post("{\"prompt\": \"cut o"), Self.post("{\"prompt\": [[[["),
          Self.post(String(repeating: "x", count: 20_000)), Self.post(question, length: 1 << 60),
          "POST /v1/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n",
          "GET /health HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 20_000) + "\r\n",
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<60 {
            group.addTask {
              switch number % 4 {
              // Waits until the server has had enough.
              case 0: try await server.exchange(odd[number / 4 % odd.count])
              // Goes away at once.
              case 1: try await server.abandon(odd[number / 4 % odd.count]) {}
              // Goes away in the middle of the answer.
              case 2:
                try await server.exchange(
                  Self.post(#"{"prompt": "x", "max_tokens": 200, "stream": true, "seed": \#(number)}"#)
                ) { $0.contains("data: ") }
              // Behaves.
              default:
                let answer = try await server.post("/v1/completions", question)
                #expect(answer.status == 200 || answer.status == 503, "\(answer)")
              }
            }
          }
          try await group.waitForAll()
        }
        try await Self.requests(0, server)
        let after = try await server.post("/v1/completions", question).choices[0]["text"] as? String
        #expect(after == before && before != nil)
      }
    }
  }
}
