import LlamaModel
import TensorCore
import TestSupport
import Testing

/// What a model promises about losses and gradients of several documents, sequences and threads.
struct LlamaTests {
  static let model = TinyModel.random()
  static let tied = TinyModel.random(TinyModel.configuration(ties: true))

  @Test(arguments: [false, true]) func `two packed documents cost what each costs alone`(ties: Bool) {
    let model = ties ? Self.tied : Self.model
    let (a, b) = (TinyModel.tokens(130, seed: 71), TinyModel.tokens(470, seed: 72))
    let (first, second) = (TokenSequence(predictingEachOf: a), TokenSequence(predictingEachOf: b))
    let packed = TokenSequence(
      tokens: a + b, labels: first.labels + second.labels, documentStarts: [0, Int32(a.count)])
    let separate = TinyModel.lossAndGradients(model, [first, second])
    let together = TinyModel.lossAndGradients(model, [packed])
    #expect(abs(together.loss / separate.loss - 1) < 1e-6)
    for (name, expected) in separate.gradients {
      let actual = together.gradients[name]?.doubles ?? []
      #expect(Tolerance.relativeNorm(actual, expected.doubles) < 1e-5, "\(name)")
    }
    #expect(together.gradients.count == model.configuration.parameters.count)
  }

  @Test func `changing one packed document moves the other's states by exactly nothing`() {
    let (a, b) = (TinyModel.tokens(130, seed: 71), TinyModel.tokens(470, seed: 72))
    let starts: [Int32] = [0, 130]
    let states = Self.model.hidden(tokens: a + b, documentStarts: starts)
    let other = Self.model.hidden(tokens: TinyModel.tokens(130, seed: 73) + b, documentStarts: starts)
    #expect(states.rows(130..<600).values.bits == other.rows(130..<600).values.bits)
    #expect(states.rows(0..<130).values.bits != other.rows(0..<130).values.bits)
    let behind = Self.model.hidden(tokens: a + TinyModel.tokens(470, seed: 74), documentStarts: starts)
    #expect(states.rows(0..<130).values.bits == behind.rows(0..<130).values.bits)
  }

  @Test func `concatenated documents do see each other`() {
    let (a, b) = (TinyModel.tokens(30, seed: 71), TinyModel.tokens(40, seed: 72))
    let seeing = Self.model.hidden(tokens: a + b)
    let isolated = Self.model.hidden(tokens: a + b, documentStarts: [0, 30])
    #expect(seeing.rows(0..<30).values.bits == isolated.rows(0..<30).values.bits)
    #expect(Tolerance.relativeNorm(seeing.rows(30..<70).values.doubles, isolated.rows(30..<70).values.doubles) > 0.01)
  }

  /// Sequences of unequal length and with unequal numbers of labels.
  static let sequences: [TokenSequence] = [5, 64, 1, 200, 33].enumerated().map { i, count in
    let tokens = TinyModel.tokens(count, seed: UInt64(80 + i))
    let labels = (tokens.dropFirst() + [3]).enumerated().map { $0 % (i + 1) == 0 ? $1 : -1 }
    return TokenSequence(tokens: tokens, labels: labels)
  }

  /// The gradients of some passes, each over `split` sequences with gradients of its own, added in Double.
  private static func summed(_ split: [Int], reversed: Bool) -> (loss: Double, gradients: [String: [Double]]) {
    let weight = 1 / Float(sequences.reduce(0) { $0 + $1.labelCount })
    var loss = 0.0
    var sums: [String: [Double]] = [:]
    var rest = sequences[...]
    for count in split {
      let part = reversed ? rest.prefix(count).reversed() : Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      let pass = TinyModel.lossAndGradients(model, part, weight: weight)
      loss += pass.loss
      for (name, gradient) in pass.gradients {
        sums[name] = zip(sums[name] ?? [Double](repeating: 0, count: gradient.count), gradient.doubles).map(+)
      }
    }
    precondition(rest.isEmpty)
    return (loss, sums)
  }

  @Test(arguments: [[5], [2, 3], [4, 1], [1, 3, 1]], [false, true])
  func `any split of the sequences over passes, in any order, gives the same summed gradient`(
    split: [Int], reversed: Bool
  ) {
    let expected = Self.summed([1, 1, 1, 1, 1], reversed: false)
    let actual = Self.summed(split, reversed: reversed)
    #expect(abs(actual.loss / expected.loss - 1) < 1e-12)
    for (name, gradient) in expected.gradients {
      #expect(Tolerance.relativeNorm(actual.gradients[name] ?? [], gradient) < 1e-6, "\(name)")
    }
  }

  @Test(arguments: [false, true]) func `1, 2 and 3 threads give the same bits of loss and of every gradient`(ties: Bool)
  {
    let model = ties ? Self.tied : Self.model
    let tokens = TinyModel.tokens(1100, seed: 75)
    let sequence = TokenSequence(predictingEachOf: tokens)
    let runs = withThreadCounts { TinyModel.lossAndGradients(model, [sequence]) }
    #expect(Set(runs.map(\.loss)).count == 1)
    for run in runs.dropFirst() {
      for (name, gradient) in runs[0].gradients { #expect(run.gradients[name]?.bits == gradient.bits, "\(name)") }
    }
    #expect(runs[0].gradients.values.allSatisfy { !$0.isEmpty })
  }

  @Test func `the loss over feed-forward tiles is that of short sequences joined as documents`() {
    // 2,048 tokens are one tile of the feed-forward layer; 2,100 run into the next.
    let parts = [1000, 1000, 100].enumerated().map { TinyModel.tokens($1, seed: UInt64(90 + $0)) }
    let separate = TinyModel.lossAndGradients(Self.model, parts.map(TokenSequence.init(predictingEachOf:)))
    let packed = TokenSequence(
      tokens: parts.flatMap { $0 }, labels: parts.flatMap { $0.dropFirst() + [-1] }, documentStarts: [0, 1000, 2000])
    let together = TinyModel.lossAndGradients(Self.model, [packed])
    #expect(abs(together.loss / separate.loss - 1) < 1e-6)
    for (name, expected) in separate.gradients {
      #expect(Tolerance.relativeNorm(together.gradients[name]?.doubles ?? [], expected.doubles) < 1e-5, "\(name)")
    }
  }

  @Test(arguments: [false, true]) func `blocks that keep their activations give the bits of those that do not`(
    ties: Bool
  ) {
    var model = ties ? Self.tied : Self.model
    let sequence = TokenSequence(predictingEachOf: TinyModel.tokens(2100, seed: 75))
    let expected = TinyModel.lossAndGradients(model, [sequence])
    for kept in 1...model.blocks.count {
      model.blocksKeepingActivations = kept
      let actual = TinyModel.lossAndGradients(model, [sequence])
      #expect(actual.loss == expected.loss)
      #expect(actual.gradients.mapValues(\.bits) == expected.gradients.mapValues(\.bits), "\(kept) blocks")
    }
  }

  @Test func `a frozen model keeps nothing for backward and gives the same loss`() {
    let sequence = Self.sequences[1]
    let frozen = Self.model.frozen()
    #expect(!frozen.loss(of: sequence).isTracked)
    #expect(frozen.namedParameters.allSatisfy { !$0.tensor.isTracked })
    #expect(frozen.loss(of: sequence).scalar.bitPattern == Self.model.loss(of: sequence).scalar.bitPattern)
  }
}
