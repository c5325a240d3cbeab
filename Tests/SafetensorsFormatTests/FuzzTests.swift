import SafetensorsFormat
import TestSupport
import Testing

/// Damaged and hostile files; `Fuzzing` says how to run it for longer.
@Suite(.serialized) struct FuzzTests {
  /// A header with one of its numbers changed, or damaged otherwise; its length is right most of the time.
  private static func mutated(_ random: inout SplitMix64) -> [UInt8] {
    let sound = Array(soundHeader.utf8)
    var header = sound
    if Bool.random(using: &random) {
      let digits = sound.indices.filter { (48...57).contains(sound[$0]) }
      for _ in 0...Int.random(in: 0..<2, using: &random) {
        guard let place = digits.randomElement(using: &random), place < header.count else { continue }
        let end = header[place...].firstIndex { !(48...57).contains($0) } ?? header.endIndex
        let number = Fuzzing.number(near: UInt64.random(in: 0..<50, using: &random), size: sound.count, using: &random)
        header.replaceSubrange(place..<end, with: "\(number)".utf8)
      }
    } else {
      header = Fuzzing.damaged(sound, fragments: Fuzzing.jsonFragments, using: &random)
    }
    let data = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0..<100, using: &random) : 48
    let length = UInt64(header.count)
    let stated =
      Int.random(in: 0..<6, using: &random) == 0
      ? Fuzzing.number(near: length, size: header.count + data, using: &random) : length
    return bytes(header: String(decoding: header, as: UTF8.self), data: data, length: stated)
  }

  @Test func `damaged files are refused or read, within four times their size`() async {
    await #expect(processExitsWith: .success) {
      try Fuzzing.run("safetensors", usual: 2000) { _, random in
        FuzzTests.mutated(&random)
      } read: { bytes in
        let file = try SafetensorsFile(bytes: bytes, name: "damaged")
        for tensor in file.tensors where tensor.type.isFloat {
          #expect(try file.values(of: tensor).count == tensor.elementCount)
        }
      }
    }
  }

  @Test func `headers of as many short entries as may be cost at most four times their size`() async {
    await #expect(processExitsWith: .success) {
      let entry = { (name: String) in "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":" }
      let tensors = (0..<1 << 13).map { entry("\($0)") + "[\($0),\($0 + 1)]}" }
      let metadata = (0..<1 << 12).map { "\"\($0)\":\"\"" }
      let long = (0..<1 << 12).map { "\"\($0)\":\"\(String(repeating: "x", count: 1000))\"" }
      for (header, data) in [
        ("{\(tensors.joined(separator: ","))}", 1 << 13),
        ("{\"__metadata__\":{\(metadata.joined(separator: ","))}}", 0),
        ("{\"__metadata__\":{\(long.joined(separator: ","))}}", 0),
      ] {
        try Fuzzing.measure("safetensors", bytes(header: header, data: data)) {
          _ = try SafetensorsFile(path: $0)
        }
      }
    }
  }
}
