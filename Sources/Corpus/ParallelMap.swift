import Dispatch
import Synchronization

/// Applies a function to all elements on all cores; results stand in the order of the elements.
func parallelMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @Sendable (Element) -> Result
) -> [Result] {
  if elements.count < 2 { return elements.map(body) }
  let results = ResultSlots<Result>()
  DispatchQueue.concurrentPerform(iterations: elements.count) { index in
    let result = body(elements[index])
    results.slots.withLock { $0[index] = result }
  }
  let slots = results.slots.withLock { $0 }
  return elements.indices.compactMap { slots[$0] }
}

private final class ResultSlots<Result: Sendable>: Sendable {
  let slots = Mutex<[Int: Result]>([:])
}
