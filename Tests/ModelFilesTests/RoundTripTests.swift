import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TensorCore
import TestSupport
import Testing

/// Models out to GGUF and in again.
struct RoundTripTests {
  @Test(arguments: RoPECase.all, [(false, false), (true, false), (false, true), (true, true)])
  func `an F32 export gives back configuration, weights and angles`(rope: RoPECase, kind: (Bool, Bool)) throws {
    let model = randomModel(rope.rope, tied: kind.0, biased: kind.1)
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(model, source: sourceMetadata(), storage: .f32, to: path)
      let file = try ModelFile(path: path)
      #expect(file.configuration == model.configuration)
      #expect(file.configuration.hiddenSize != file.configuration.headCount * file.configuration.headSize)
      let loaded = try file.load()
      #expect(loaded.bits == model.bits)
      #expect(loaded.namedParameters.map(\.name) == model.namedParameters.map(\.name))
      #expect(loaded.namedParameters.allSatisfy { $0.tensor.isParameter })
      let positions = [0, 1, 31, 32, rope.rope.trainedContext - 1, 1_048_575]
      for length in [32, 256] {
        let expected = model.configuration.rope.table(positions: positions, headSize: 16, sequenceLength: length)
        let table = file.configuration.rope.table(positions: positions, headSize: 16, sequenceLength: length)
        #expect(zip(table.cos, expected.cos).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(table.sin, expected.sin).allSatisfy { abs($0 - $1) < 1e-6 })
      }
    }
  }

  @Test(arguments: RoPECase.all)
  func `the standard keys alone give the same frequencies to a Float's precision`(rope: RoPECase) throws {
    let file = try opened(rope.rope) { $0.metadata["extend.rope"] = nil }
    for length in [32, 256] {
      let expected = rope.rope.inverseFrequencies(headSize: 16, sequenceLength: length)
      let actual = file.configuration.rope.inverseFrequencies(headSize: 16, sequenceLength: length)
      for (actual, expected) in zip(actual, expected) { #expect(abs(actual / expected - 1) < 3e-5) }
    }
    #expect(abs(file.configuration.rope.magnitude / rope.rope.magnitude - 1) < 1e-6)
    #expect(file.configuration.rope.trainedContext == rope.rope.trainedContext)
  }

  @Test(arguments: RoPECase.all)
  func `an export of an export is the same file`(rope: RoPECase) throws {
    try withTemporaryDirectory { folder in
      let first = folder + "/first.gguf", second = folder + "/second.gguf"
      try export(randomModel(rope.rope), source: sourceMetadata(), storage: .f32, to: first)
      let file = try ModelFile(path: first)
      try export(try file.load(), source: file.metadata, storage: .f32, to: second)
      let (a, b) = (try Draft(reading: first), try Draft(reading: second))
      #expect(a.tensors.map(\.name) == b.tensors.map(\.name))
      #expect(a.tensors.map { $0.values.bits } == b.tensors.map { $0.values.bits })
      #expect(Set(a.metadata.entries.map { "\($0)" }) == Set(b.metadata.entries.map { "\($0)" }))
    }
  }

  @Test(arguments: [ExportStorage.f16, .bf16, .q8_0])
  func `smaller types lose as much as their rounding`(storage: ExportStorage) throws {
    let model = randomModel(biased: true)
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(model, source: sourceMetadata(), storage: storage, to: path)
      let loaded = try ModelFile(path: path).load()
      var differs = false
      for ((name, before), (_, after)) in zip(model.namedParameters, loaded.namedParameters) {
        let before2 = before.values, after2 = after.values
        if before.shape.extents.count == 1 {
          #expect(after2.bits == before2.bits, "\(name)")
          continue
        }
        differs = differs || after2 != before2
        for start in stride(from: 0, to: before2.count, by: 32) {
          let block = start..<min(start + 32, before2.count)
          let greatest = before2[block].map(abs).max() ?? 0
          for i in block {
            let error = abs(after2[i] - before2[i]), size = abs(before2[i])
            // Half a unit in the last place: of 11 bits, of 8 bits, and of 1/127 of the block's greatest with an F16 scale.
            let allowed =
              switch storage {
              case .f16: size * 0x1p-11 + 0x1p-25
              case .bf16: size * 0x1p-8
              default: max(greatest / 127 * 0.5 + greatest * 0x1p-11, size * 0x1p-11 + 0x1p-25)
              }
            #expect(error <= allowed, "\(name)[\(i)]: \(before2[i]) became \(after2[i])")
          }
        }
      }
      #expect(differs)
    }
  }

  @Test func `the storage of a file is told`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/model.gguf"
      try export(randomModel(), source: sourceMetadata(), storage: .q8_0, to: path)
      let file = try GGUFFile(path: path)
      // The feed-forward layer's inner width of 48 is no whole number of blocks.
      #expect(try file.tensor("blk.0.ffn_down.weight").type == .f16)
      #expect(try file.tensor("blk.0.ffn_up.weight").type == .q8_0)
      #expect(try ModelFile(path: path).storage == "Q8_0 ×14, F32 ×5, F16 ×2")
    }
  }
}
