import Dispatch
import ServerAPI
import Synchronization

/// Who may use the model: one at a time, in the order in which they came, and not more waiting than there is room for.
///
/// The turns run on a thread of their own, since reading and writing text takes seconds.
final class RequestQueue: Sendable {
  fileprivate struct Waiter {
    var ticket: Ticket
    var turn: CheckedContinuation<Void, any Error>
  }
  fileprivate struct State {
    /// Of all requests that were let in and are not done, whether somebody still waits for the answer.
    var admitted: [UInt64: @Sendable () -> Bool] = [:]
    var lastNumber: UInt64 = 0
    var isBusy = false
    var waiting: [Waiter] = []
    var isClosed = false
  }
  private let state = Mutex(State())
  private let isEnding = Atomic<Bool>(false)
  private let thread = DispatchQueue(label: "extend.inference")
  private let capacity: Int

  /// - Parameter capacity: requests that may be answered or wait at the same time.
  init(capacity: Int) { self.capacity = capacity }

  /// Requests that are answered or wait.
  var count: Int { state.withLock { $0.admitted.count } }
  /// Those of them that wait.
  var waiting: Int { state.withLock { $0.waiting.count } }

  /// The right of one request to have turns; it ends with the last reference.
  final class Ticket: Sendable {
    private let queue: RequestQueue
    private let number: UInt64
    private let isAwaited: @Sendable () -> Bool

    fileprivate init(_ queue: RequestQueue, _ number: UInt64, _ isAwaited: @escaping @Sendable () -> Bool) {
      (self.queue, self.number, self.isAwaited) = (queue, number, isAwaited)
    }

    deinit { queue.state.withLock { _ = $0.admitted.removeValue(forKey: number) } }

    /// Whether the answer is still of use; cheap enough to be asked after each token.
    var goesOn: Bool { !queue.isEnding.load(ordering: .relaxed) && isAwaited() }

    /// Why an answer was given up.
    fileprivate var reason: any Error { isAwaited() ? APIError.shuttingDown : Abandoned() }

    /// Waits for a turn and runs `body` in it.
    ///
    /// - Throws: `Abandoned` when nobody waits for the answer any more, `APIError` when the server shuts down, and what
    ///   `body` throws; for a `body` that ends early because `goesOn` says so, that is nil.
    func turn<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value?) async throws -> Value {
      try await queue.waitForTurn(self)
      defer { queue.passOn() }
      let result = try await withCheckedThrowingContinuation { continuation in
        queue.thread.async { continuation.resume(with: Result { try self.goesOn ? body() : nil }) }
      }
      guard let result else { throw reason }
      return result
    }
  }

  /// Lets a request in.
  ///
  /// - Parameter isAwaited: whether somebody still waits for the answer.
  /// - Throws: an error of status 503 when there is no room.
  func admit(_ isAwaited: @escaping @Sendable () -> Bool) throws(APIError) -> Ticket {
    let decided = state.withLock { state -> Result<UInt64, APIError> in
      if state.isClosed { return .failure(.shuttingDown) }
      // One that was abandoned may need a moment to go; it takes nobody's place.
      if state.admitted.values.count(where: { $0() }) >= capacity { return .failure(.overloaded(capacity)) }
      state.lastNumber += 1
      state.admitted[state.lastNumber] = isAwaited
      return .success(state.lastNumber)
    }
    return Ticket(self, try decided.get(), isAwaited)
  }

  /// Takes those out of the line for whom nobody waits; to be called when somebody has gone.
  func releaseAbandoned() {
    let left = state.withLock { state in
      var left: [Waiter] = [], others: [Waiter] = []
      for waiter in state.waiting {
        if waiter.ticket.goesOn { others.append(waiter) } else { left.append(waiter) }
      }
      state.waiting = others
      return left
    }
    for waiter in left { waiter.turn.resume(throwing: Abandoned()) }
  }

  /// Refuses everybody who waits or comes from now on; the request that has its turn goes on.
  func close() {
    let left = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in left { waiter.turn.resume(throwing: APIError.shuttingDown) }
  }

  /// Ends the request that has its turn, too, within a token or a tile of a prompt.
  func end() {
    close()
    isEnding.store(true, ordering: .relaxed)
  }

  private func waitForTurn(_ ticket: Ticket) async throws {
    try await withCheckedThrowingContinuation { (turn: CheckedContinuation<Void, any Error>) in
      let decided: Result<Void, any Error>? = state.withLock { state in
        if state.isClosed { return .failure(APIError.shuttingDown) }
        // Who goes from now on is seen by `releaseAbandoned`.
        if !ticket.goesOn { return .failure(Abandoned()) }
        if state.isBusy {
          state.waiting.append(Waiter(ticket: ticket, turn: turn))
          return nil
        }
        state.isBusy = true
        return .success(())
      }
      if let decided { turn.resume(with: decided) }
    }
  }

  private func passOn() {
    let next = state.withLock { state in
      let next = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
      state.isBusy = next != nil
      return next
    }
    next?.turn.resume()
  }
}

/// The client has gone; there is nobody to tell.
struct Abandoned: Error {}

extension APIError {
  static var shuttingDown: APIError {
    APIError(status: 503, "The server is shutting down.", code: "shutting_down")
  }

  static func overloaded(_ capacity: Int) -> APIError {
    APIError(
      status: 503, "\(capacity) requests are answered or wait already; try again later.", code: "server_overloaded")
  }
}
