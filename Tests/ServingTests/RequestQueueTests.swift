import Foundation
import ServerAPI
@testable import Serving
import Synchronization
import Testing

/// Who may use the model, and when.
struct RequestQueueTests {
  /// A switch that threads may look at.
  final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }

  /// Runs `body` while a first request has its turn, which ends when `body` sets the flag or the ticket goes on no longer.
  static func whileBusy(
    _ queue: RequestQueue, _ body: (Flag) async throws -> Void
  ) async throws -> Result<Int, any Error> {
    let (flag, begun, ticket) = (Flag(), Flag(), try queue.admit { true })
    async let first = ticket.turn { () -> Int? in
      begun.set()
      while !flag.isSet, ticket.goesOn { usleep(100) }
      return ticket.goesOn ? 1 : nil
    }
    while !begun.isSet { await Task.yield() }
    do { try await body(flag) } catch {
      flag.set()
      throw error
    }
    do { return .success(try await first) } catch { return .failure(error) }
  }

  @Test func `turns come one at a time, in the order of the requests`() async throws {
    final class Log: Sendable {
      let order = Mutex<[Int]>([]), running = Atomic<Int>(0)
    }
    let queue = RequestQueue(capacity: 100), log = Log()
    try await withThrowingTaskGroup(of: Void.self) { group in
      let first = try await Self.whileBusy(queue) { flag in
        for number in 0..<50 {
          let ticket = try queue.admit { true }
          group.addTask {
            try await ticket.turn {
              #expect(log.running.add(1, ordering: .relaxed).newValue == 1)
              log.order.withLock { $0.append(number) }
              log.running.subtract(1, ordering: .relaxed)
            }
          }
          while queue.waiting <= number { await Task.yield() }
        }
        flag.set()
      }
      #expect(try first.get() == 1)
      try await group.waitForAll()
    }
    #expect(log.order.withLock { $0 } == Array(0..<50))
    // The thread of the last turn lets go of its ticket after it has handed over the result.
    for _ in 0..<1000 where queue.count > 0 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(queue.count == 0 && queue.waiting == 0)
  }

  @Test func `who is one too many is refused, and who has gone takes no place`() async throws {
    let queue = RequestQueue(capacity: 2), gone = Flag()
    _ = try await Self.whileBusy(queue) { flag in
      let waiting = try queue.admit { !gone.isSet }
      let given = Task { try await waiting.turn { 2 } }
      while queue.waiting < 1 { await Task.yield() }
      let refusal = #expect(throws: APIError.self) { try queue.admit { true } }
      #expect(refusal?.status == 503 && refusal?.code == "server_overloaded")
      gone.set()
      queue.releaseAbandoned()
      #expect(queue.waiting == 0)
      let other = try queue.admit { true }
      await #expect(throws: Abandoned.self) { try await given.value }
      flag.set()
      #expect(try await other.turn { 3 } == 3)
    }
  }

  @Test func `closing refuses those who wait and those who come, ending gives up the one that has its turn`()
    async throws
  {
    let queue = RequestQueue(capacity: 5)
    let first = try await Self.whileBusy(queue) { _ in
      let ticket = try queue.admit { true }
      let waiting = Task { try await ticket.turn { 2 } }
      while queue.waiting < 1 { await Task.yield() }
      queue.close()
      await #expect(throws: APIError.shuttingDown) { try await waiting.value }
      #expect(throws: APIError.shuttingDown) { try queue.admit { true } }
      queue.end()
    }
    #expect(throws: APIError.shuttingDown) { try first.get() }
  }

  @Test func `what a turn throws reaches its request alone`() async throws {
    let queue = RequestQueue(capacity: 5), ticket = try queue.admit { true }
    await #expect(throws: APIError.self) { try await ticket.turn { () -> Int? in throw APIError("no") } }
    #expect(try await ticket.turn { 4 } == 4)
  }

  @Test func `a key matches itself only`() {
    let key = APIKey("secret")
    #expect(key.matches("Bearer secret"))
    for other in ["", "Bearer secreT", "Bearer secret ", "Bearer secre", "secret", "Bearer secretBearer secret"] {
      #expect(!key.matches(other), "\(other)")
    }
  }
}
