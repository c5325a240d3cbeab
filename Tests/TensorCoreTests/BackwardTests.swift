import TensorCore
import TestSupport
import Testing

/// How gradients travel and gather, whatever the operations.
struct BackwardTests {
  let x = Tensor(Shape(3), [1, 2, 3], isParameter: true)

  @Test func `gradients of several backward passes add up`() {
    var gradients = Gradients()
    (x * x).summed().backward(into: &gradients)
    x.scaled(by: 10).summed().backward(weight: 0.5, into: &gradients)
    #expect(gradients[x]?.values == [7, 9, 11])
  }

  @Test func `the same graph may be run backward twice`() {
    let loss = (x * x).summed()
    var gradients = Gradients()
    loss.backward(into: &gradients)
    loss.backward(into: &gradients)
    #expect(gradients[x]?.values == [4, 8, 12])
  }

  @Test func `a value used along several paths gathers all of them before it passes anything on`() {
    let square = x * x
    var gradients = Gradients()
    (square * square + square).summed().backward(into: &gradients)
    #expect(gradients[x]?.values == [1, 2, 3].map { 4 * $0 * $0 * $0 + 2 * $0 })
  }

  @Test func `a parameter that is itself the result gets the given gradient`() {
    var gradients = Gradients()
    x.backward(from: Tensor(Shape(3), [4, 5, 6]), into: &gradients)
    #expect(gradients[x]?.values == [4, 5, 6])
  }

  @Test func `nothing flows through a detached tensor or into a constant`() {
    let constant = Tensor(Shape(3), [1, 1, 1])
    var gradients = Gradients()
    let y = ((x * x).detached() * x + constant).summed()
    y.backward(into: &gradients)
    #expect(gradients[x]?.values == [1, 4, 9])
    #expect(gradients[constant] == nil)
    #expect(!(constant + constant).isTracked)
  }

  @Test func `gradients of intermediate values are not kept`() {
    let square = x * x
    var gradients = Gradients()
    square.summed().backward(into: &gradients)
    #expect(gradients[square] == nil)
  }

  @Test func `a kept gradient does not change when later ones are added to a copy`() {
    var gradients = Gradients()
    let dy = Tensor(Shape(3), [1, 1, 1])
    x.backward(from: dy, into: &gradients)
    let before = gradients
    x.backward(from: dy, into: &gradients)
    #expect(gradients[x]?.values == [2, 2, 2])
    #expect(before[x]?.values == [1, 1, 1])
    #expect(dy.values == [1, 1, 1])
  }

  @Test func `a graph of thousands of operations runs backward and is released`() {
    var y = x
    for _ in 0..<4000 { y = y + x }
    var gradients = Gradients()
    y.summed().backward(into: &gradients)
    #expect(gradients[x]?.values == [4001, 4001, 4001])
  }

  @Test func `the norm is taken over the given parameters, and shows what is not finite`() {
    let y = Tensor(Shape(1), [1], isParameter: true)
    var gradients = Gradients()
    x.backward(from: Tensor(Shape(3), [2, 3, 6]), into: &gradients)
    y.backward(from: Tensor(Shape(1), [24]), into: &gradients)
    let other = Tensor(Shape(1), [0], isParameter: true)
    #expect(gradients.norm(of: [x]) == 7)
    #expect(gradients.norm(of: [x, y, other]) == 25)
    y.backward(from: Tensor(Shape(1), [.infinity]), into: &gradients)
    #expect(gradients.norm(of: [x, y]) == .infinity)
    y.backward(from: Tensor(Shape(1), [.nan]), into: &gradients)
    #expect(gradients.norm(of: [x, y]).isNaN)
  }
}
