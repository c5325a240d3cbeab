import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TensorCore
import TestSupport
import Testing

/// A random model wide enough for blocks of 256.
func wideModel(_ rope: RoPEDescription = RoPECase.all[0].rope, scale: Double = 0.05) -> Llama {
  var configuration = LlamaConfiguration.tiny(
    vocabularySize: vocabularySize, hiddenSize: 256, headSize: 64, tied: true, rope: rope)
  configuration.feedForwardSize = 512
  configuration.normEpsilon = Double(Float(1e-5))
  return .random(configuration, scale: scale)
}

struct QuantizedExportTests {
  @Test(arguments: ExportStorage.allCases) func `every quantisation is read back near the weights`(
    storage: ExportStorage
  ) throws {
    let model = wideModel()
    try withTemporaryDirectory { folder in
      let report = try export(model, source: sourceMetadata(), storage: storage, to: folder + "/m.gguf")
      let file = try ModelFile(path: folder + "/m.gguf")
      #expect(file.metadata["general.file_type"] == .uint32(storage.fileType))
      let read = try file.load()
      // A bit is worth a factor of two; uniform rounding of normal values in blocks loses about 2^-bits × 1.3.
      let bits = [
        TensorType.f32: 24.0, .f16: 12, .bf16: 8, .q8_0: 7, .q6_K: 5.5, .q5_K: 4.3, .q5_1: 4.3, .q5_0: 4.2, .q4_K: 3.3,
        .q4_1: 3.3, .q4_0: 3.2,
      ]
      for (entry, (given, kept)) in zip(report.tensors, zip(model.namedParameters, read.namedParameters)) {
        let difference = zip(given.tensor.values, kept.tensor.values).reduce(0.0) {
          $0 + pow(Double($1.0) - Double($1.1), 2)
        }
        let size = given.tensor.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let relative = (difference / size).squareRoot()
        #expect(relative <= pow(2, -(bits[entry.choice.type] ?? 0)), "\(entry.name) \(entry.choice.type) \(relative)")
        #expect(abs(relative - entry.loss.relativeRMSE) <= 1e-6 + 1e-3 * relative, "\(entry.name)")
      }
      #expect(report.parts.map(\.path) == [folder + "/m.gguf"])
      #expect((report.loss.relativeRMSE > 0) == (storage != .f32))
    }
  }

  @Test func `weights that are read one at a time give the same file, in parts too`() throws {
    try withTemporaryDirectory { folder in
      let whole = folder + "/whole.gguf", again = folder + "/again.gguf"
      try export(wideModel(), source: sourceMetadata(), storage: .f32, to: whole)
      let file = try ModelFile(path: whole)
      for (storage, part) in [(ExportStorage.f32, nil), (.q4_K_M, nil), (.q5_0, 300_000)] as [(ExportStorage, Int?)] {
        let direct = folder + "/direct.gguf"
        try export(
          WeightSource(try file.load()), source: file.metadata, options: ExportOptions(storage, partBytes: part),
          to: direct)
        let report = try export(
          file.weights, source: file.metadata, options: ExportOptions(storage, partBytes: part), to: again)
        #expect((report.parts.count > 1) == (part != nil))
        for (path, _) in report.parts {
          let other = path.replacing("again", with: "direct")
          #expect(try Data(contentsOf: URL(filePath: path)) == Data(contentsOf: URL(filePath: other)), "\(path)")
        }
        if let first = report.parts.first { #expect(verify(first.path).isSound) }
      }
    }
  }

  @Test func `columns that a text uses lose less with its importance`() throws {
    let model = wideModel()
    var numbers = SplitMix64(seed: 3)
    let texts = [numbers.tokens(64, below: vocabularySize), numbers.tokens(32, below: vocabularySize)]
    let squares = model.inputMeanSquares(over: texts)
    #expect(squares.count == 2 * 7)
    for (name, tensor) in model.namedParameters where squares[name] != nil {
      #expect(squares[name]?.count == tensor.shape.width, "\(name)")
      #expect(squares[name]?.allSatisfy { $0 > 0 && $0.isFinite } == true, "\(name)")
    }
    // The first projections see the normed embedding, which can be told directly.
    let normed = texts.map { model.embedding.detached().embedding($0) }.flatMap { rows in
      let x = rows.rmsNormalized(by: model.blocks[0].attentionNorm, epsilon: Float(model.configuration.normEpsilon))
      return stride(from: 0, to: x.shape.count, by: 256).map { Array(x.values[$0..<$0 + 256]) }
    }
    let direct = (0..<256).map { column in
      normed.reduce(0.0) { $0 + Double($1[column]) * Double($1[column]) } / Double(normed.count)
    }
    let measured = try #require(squares["model.layers.0.self_attn.q_proj.weight"])
    for (a, b) in zip(direct, measured) { #expect(abs(a - Double(b)) < 1e-5 * a) }

    let importance = ColumnImportance(meanSquares: squares, dataset: "test", chunkCount: 2)
    try withTemporaryDirectory { folder in
      func lost(_ importance: ColumnImportance?) throws -> Double {
        let path = folder + "/m.gguf"
        try export(
          WeightSource(model), source: sourceMetadata(), options: ExportOptions(.q4_0, importance: importance), to: path
        )
        let read = try ModelFile(path: path)
        let isNamed = read.metadata["quantize.imatrix.dataset"] == .string("test")
        #expect(isNamed == (importance != nil))
        var sum = 0.0
        for (given, kept) in zip(model.namedParameters, try read.load().namedParameters) {
          guard let weights = squares[given.name] else { continue }
          for (index, (a, b)) in zip(given.tensor.values, kept.tensor.values).enumerated() {
            sum += Double(weights[index % weights.count]) * pow(Double(a) - Double(b), 2)
          }
        }
        return sum
      }
      let (weighted, plain) = (try lost(importance), try lost(nil))
      #expect(weighted < 0.95 * plain)
    }
  }

  @Test func `a card says where the model comes from and how it was trained`() throws {
    let card = ModelCard(
      recipe: "night",
      stages: [.init(name: "8k", context: 8192, steps: 40), .init(name: "64k", context: 65536, steps: 5)],
      steps: 45, tokens: 12_345_678_901, dataFingerprint: "abc")
    let metadata = try ExportTests.exported(notes: ExportNotes(card: card)).metadata
    #expect(metadata["general.base_model.count"] == .uint32(1))
    #expect(metadata["general.base_model.0.name"] == .string("Tiny"))
    #expect(metadata["extend.recipe"] == .string("night"))
    #expect(metadata["extend.tokens"] == .uint64(12_345_678_901))
    #expect(metadata["extend.data_fingerprint"] == .string("abc"))
    let stages = try metadata.require("extend.stages", as: String.self)
    #expect(try JSONDecoder().decode([ModelCard.Stage].self, from: Data(stages.utf8)) == card.stages)
    // An export of the export keeps it.
    let again = try ExportTests.exported(notes: ExportNotes(), metadata).metadata
    #expect(again["extend.stages"] == metadata["extend.stages"])
  }

  @Test(arguments: ["critical", "linear", "yarn"]) func `three stages give the file of one, bit for bit`(kind: String)
    throws
  {
    func change(_ context: Int) -> RoPEChange {
      switch kind {
      case "linear": .linear(factor: Double(context / 32))
      case "yarn": .yarn(YaRN(factor: Double(context / 32)))
      default: .theta(.critical)
      }
    }
    let base = wideModel().configuration.rope
    func described(_ contexts: [Int]) throws -> RoPEDescription {
      try contexts.reduce(base) { try $0.applying(change($1), context: $1, headSize: 64) }
    }
    try withTemporaryDirectory { folder in
      for (name, contexts) in [("chain", [128, 512, 4096]), ("direct", [4096])] {
        try export(
          wideModel(try described(contexts)), source: sourceMetadata(), storage: .q4_K_M, to: folder + "/\(name).gguf")
      }
      let chain = try Data(contentsOf: URL(filePath: folder + "/chain.gguf"))
      #expect(chain == (try Data(contentsOf: URL(filePath: folder + "/direct.gguf"))))
    }
  }
}
