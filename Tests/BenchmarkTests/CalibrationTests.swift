import Foundation
import Kernels
import LlamaModel
import TestSupport
import Testing

@testable import Benchmark

/// Measurements kept in a file.
struct CalibrationTests {
  static func key(
    version: String = "1", processor: String = "P", _ precision: Precision = .fp32, threads: Int = 2,
    shape: LlamaConfiguration = .tiny()
  ) -> Calibration.Key {
    Calibration.Key(version: version, processor: processor, precision: precision, shape, threads: threads)
  }

  @Test func `a measurement is found again for its own key only`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/new/calibration.json"
      #expect(Calibration(path: path) == Calibration())
      var calibration = Calibration()
      calibration.insert(StepCostsTests.costs, for: Self.key())
      try calibration.write(to: path)
      let found = Calibration(path: path)
      #expect(found == calibration)
      #expect(found[Self.key()] == StepCostsTests.costs)
      let others = [
        Self.key(version: "2"), Self.key(processor: "Q"), Self.key(.bf16), Self.key(threads: 3),
        Self.key(shape: .tiny(hiddenSize: 32)), Self.key(shape: .tiny(headSize: 16)),
        Self.key(shape: .tiny(vocabularySize: 32)),
      ]
      for key in others { #expect(found[key] == nil, "\(key)") }
      #expect(found[Self.key(shape: .tiny(layerCount: 7))] == StepCostsTests.costs, "layers are counted, not measured")
    }
  }

  @Test func `a new measurement replaces its forerunner and those of other builds`() {
    var calibration = Calibration()
    calibration.insert(StepCostsTests.costs, for: Self.key())
    calibration.insert(StepCostsTests.costs, for: Self.key(.bf16))
    var faster = StepCostsTests.costs
    faster.label = 1
    calibration.insert(faster, for: Self.key())
    #expect(calibration.entries.count == 2)
    #expect(calibration[Self.key()] == faster)
    calibration.insert(faster, for: Self.key(version: "2"))
    #expect(calibration.entries.map(\.key.version) == ["2"])
  }

  @Test(arguments: ["", "{", "[]", #"{"entries": [{"key": 1}]}"#]) func `a file that is no calibration counts as none`(
    text: String
  ) throws {
    try withTemporaryDirectory { folder in
      try text.write(toFile: folder + "/c.json", atomically: true, encoding: .utf8)
      #expect(Calibration(path: folder + "/c.json").entries.isEmpty)
    }
  }
}
