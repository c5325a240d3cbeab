import GGUFFormat
import TestSupport
import Testing

/// Random damage: never a crash, always an error of ours or a file whose tensors can all be read.
@Suite struct FuzzTests {
  static func damaged(_ whole: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var bytes = whole
    switch Int.random(in: 0..<4, using: &random) {
    case 0:  // flip bits
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    case 1:  // telling bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] =
          [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
      }
    case 2:  // cut
      bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    default:  // take a piece out, or double one
      let start = Int.random(in: bytes.indices, using: &random)
      let piece = start..<min(start + Int.random(in: 1...16, using: &random), bytes.count)
      if Bool.random(using: &random) { bytes.removeSubrange(piece) } else { bytes += bytes[piece] }
    }
    return bytes
  }

  @Test(arguments: 0..<4)
  func damagedFilesAreRefusedOrRead(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let small = smallFile().bytes
    let header = Array(try contents(fixturePath).prefix(4096))
    var opened = 0
    var refused = 0
    for round in 0..<3000 {
      let bytes = Self.damaged(round % 3 == 0 ? header : small, using: &random)
      do {
        let file = try GGUFFile(bytes: bytes, name: "damaged.gguf")
        for tensor in file.tensors { #expect(file.values(of: tensor).count == tensor.elementCount) }
        opened += 1
      } catch {
        #expect(!"\(error)".isEmpty)
        if case .truncated(let missing) = error.kind { #expect(missing > 0) }
        refused += 1
      }
    }
    #expect(opened > 100 && refused > 1000)
  }
}
