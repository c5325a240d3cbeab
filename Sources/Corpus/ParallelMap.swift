import Dispatch
import Synchronization

/// Applies a function to all elements on all cores; results stand in the order of the elements.
func parallelMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @Sendable (Element) -> Result
) -> [Result] {
  if elements.count < 2 { return elements.map(body) }
  let results = ResultSlots<Result>(elements.count)
  DispatchQueue.concurrentPerform(iterations: elements.count) { index in
    let result = body(elements[index])
    results.slots.withLock { $0[index] = result }
  }
  return results.slots.withLock { $0 }.compactMap { $0 }
}

private final class ResultSlots<Result: Sendable>: Sendable {
  let slots: Mutex<[Result?]>

  init(_ count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }
}
