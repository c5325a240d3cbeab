import Synchronization
import TensorCore
import TestSupport
import Testing

/// `recomputed` and `tiled` save memory and change nothing else.
struct RecomputationTests {
  static let layer = SmallLayer(tokens: 65, width: 8, inner: 11, heads: 4, keyHeads: 2, tile: nil)
  static let tiledLayer = SmallLayer(tokens: 65, width: 8, inner: 11, heads: 4, keyHeads: 2, tile: 16)

  typealias Apply = @Sendable ([Tensor]) -> Tensor

  /// The sum of the result's squares, and its gradients.
  static func run(
    _ layer: SmallLayer, tracked: (Int) -> Bool = { _ in true }, _ apply: Apply
  ) -> (loss: UInt32, gradients: [[Float]?]) {
    var random = SplitMix64(seed: 31)
    let tensors = layer.inputs.enumerated().map { k, input in
      Tensor(input.shape, random.normals(input.shape.count, scale: input.scale), isParameter: tracked(k))
    }
    let y = apply(tensors)
    let loss = (y * y).summed()
    var gradients = Gradients()
    loss.backward(into: &gradients)
    return (loss.scalar.bitPattern, tensors.map { gradients[$0]?.values })
  }

  static func plain(_ layer: SmallLayer) -> Apply {
    { p in
      var none = Recomputation.none
      return layer(p[0], p, &none)
    }
  }
  static func recomputed(_ layer: SmallLayer) -> Apply {
    { p in p[0].recomputed { x, recomputation in layer(x, p, &recomputation) } }
  }

  @Test(arguments: [layer, tiledLayer]) func `a recomputed layer has the bits of the plain one`(layer: SmallLayer) {
    let expected = Self.run(layer, Self.plain(layer))
    let actual = Self.run(layer, Self.recomputed(layer))
    #expect(actual.loss == expected.loss)
    #expect(actual.gradients.map { $0?.bits } == expected.gradients.map { $0?.bits })
    #expect(!actual.gradients.contains(nil))
  }

  @Test func `two recomputed layers, one after the other and one in the other, have the bits of plain ones`() {
    let layer = Self.tiledLayer
    let plain = Self.plain(layer)
    let expected = Self.run(layer) { p in plain([plain(p)] + p.dropFirst()) }
    let chained = Self.run(layer) { p in
      let first = Self.recomputed(layer)(p)
      return Self.recomputed(layer)([first] + p.dropFirst())
    }
    let nested = Self.run(layer) { p in
      p[0].recomputed { x, outer in
        let first = x.recomputed { x, inner in layer(x, p, &inner) }
        return layer(first, p, &outer)
      }
    }
    for actual in [chained, nested] {
      #expect(actual.loss == expected.loss)
      #expect(actual.gradients.map { $0?.bits } == expected.gradients.map { $0?.bits })
    }
  }

  @Test func `tiles give the plain layer's values to rounding`() throws {
    let expected = Self.run(Self.layer, Self.plain(Self.layer))
    let actual = Self.run(Self.tiledLayer, Self.recomputed(Self.tiledLayer))
    #expect(abs(Float(bitPattern: actual.loss) / Float(bitPattern: expected.loss) - 1) < 1e-6)
    for (a, b) in zip(actual.gradients, expected.gradients) {
      #expect(Tolerance.relativeNorm(try #require(a).doubles, try #require(b).doubles) < 1e-6)
    }
  }

  @Test func `tiles that keep their activations have the bits of those that run again`() {
    let layer = Self.tiledLayer
    func tiled(keeping: Bool) -> Apply {
      { p in p[0].tiled(rows: 16, keepsActivations: keeping) { layer.feedForward($0, Array(p[6...])) } }
    }
    let again = Self.run(layer, tiled(keeping: false))
    let kept = Self.run(layer, tiled(keeping: true))
    #expect(kept.loss == again.loss)
    #expect(kept.gradients.map { $0?.bits } == again.gradients.map { $0?.bits })
  }

  @Test func `one tile of the whole length has the bits of none`() {
    var whole = Self.layer
    whole.tile = whole.tokens
    let expected = Self.run(Self.layer, Self.plain(Self.layer))
    let actual = Self.run(whole, Self.plain(whole))
    #expect(actual.loss == expected.loss)
    #expect(actual.gradients.map { $0?.bits } == expected.gradients.map { $0?.bits })
  }

  @Test func `captured parameters get gradients when the input is frozen, and the other way round`() {
    let layer = Self.tiledLayer
    let all = Self.run(layer, Self.recomputed(layer)).gradients
    let weightsOnly = Self.run(layer, tracked: { $0 > 0 }, Self.recomputed(layer)).gradients
    #expect(weightsOnly[0] == nil)
    #expect(weightsOnly.dropFirst().map { $0?.bits } == all.dropFirst().map { $0?.bits })
    let inputOnly = Self.run(layer, tracked: { $0 == 0 }, Self.recomputed(layer)).gradients
    #expect(inputOnly[0]?.bits == all[0]?.bits)
    #expect(inputOnly.dropFirst().allSatisfy { $0 == nil })
    // One weight behind the tiles, nothing else.
    let gateOnly = Self.run(layer, tracked: { $0 == 7 }, Self.recomputed(layer)).gradients
    #expect(gateOnly[7]?.bits == all[7]?.bits)
    // One weight before the attention, nothing else: the tiles are replayed without being tracked themselves.
    let queryOnly = Self.run(layer, tracked: { $0 == 2 }, Self.recomputed(layer)).gradients
    #expect(queryOnly[2]?.bits == all[2]?.bits)
  }

  @Test func `a block runs once forward and once, without values, for backward`() {
    let runs = Mutex<[Bool]>([])
    let x = Tensor(Shape(2, 2), [1, 2, 3, 4], isParameter: true)
    let y = x.recomputed { x, recomputation in
      let needsValues = recomputation.needsValues
      runs.withLock { $0.append(needsValues) }
      return x * x
    }
    #expect(runs.withLock { $0 } == [true])
    var gradients = Gradients()
    y.backward(from: Tensor(y.shape, [1, 1, 1, 1]), into: &gradients)
    #expect(runs.withLock { $0 } == [true, false])
    #expect(gradients[x]?.values == [2, 4, 6, 8])
  }

  @Test func `a recomputed layer keeps its input, its result, and attention's output and sums`() async {
    await #expect(processExitsWith: .success) {
      let layer = RecomputationTests.layer
      var random = SplitMix64(seed: 31)
      let tensors = layer.inputs.map { Tensor($0.shape, random.normals($0.shape.count), isParameter: true) }
      let before = TensorMemory.liveBytes
      let y = RecomputationTests.recomputed(layer)(tensors)
      let kept = TensorMemory.liveBytes - before
      #expect(kept == 4 * layer.tokens * (2 * layer.width + layer.heads))
      #expect(y.shape == tensors[0].shape)
    }
  }
}

extension SmallLayer: CustomStringConvertible {
  var description: String { tile.map { "tiles of \($0)" } ?? "no tiles" }
}
