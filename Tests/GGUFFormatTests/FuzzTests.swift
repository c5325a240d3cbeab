import GGUFFormat
import TestSupport
import Testing

/// Damaged and hostile files; `Fuzzing` says how to run it for longer.
@Suite(.serialized) struct FuzzTests {
  @Test func `damaged files are refused or read, within four times their size`() async {
    await #expect(processExitsWith: .success) {
      let sources = [GGUFMutation(smallFile().bytes), GGUFMutation(try contents(fixturePath))]
      try Fuzzing.run("GGUF", usual: 2000) { number, random in
        sources[number % 2].mutated(using: &random)
      } read: { bytes in
        do {
          let file = try GGUFFile(bytes: bytes, name: "damaged.gguf")
          for tensor in file.tensors where tensor.elementCount <= bytes.count {
            #expect(file.values(of: tensor).count == tensor.elementCount)
          }
        } catch let error as GGUFError {
          if case .truncated(let missing) = error.kind { #expect(missing > 0) }
          throw error
        }
      }
    }
  }

  /// A file that is nothing but one long array.
  fileprivate static func array(of type: UInt32, _ count: Int, _ element: (inout RawFile) -> Void) -> [UInt8] {
    var file = RawFile(tensors: 0, keys: 1)
    file.string("a")
    file.number(UInt32(9))
    file.number(type)
    file.number(UInt64(count))
    for _ in 0..<count { element(&file) }
    return file.bytes
  }

  @Test(arguments: 0..<6)
  func `a file of as many short entries as may be costs at most four times its size`(_ shape: Int) async {
    await #expect(processExitsWith: .success) { [shape] in
      var file = RawFile(tensors: 0, keys: 0)
      switch shape {
      case 0:
        file = RawFile(tensors: 0, keys: 1 << 12)
        for key in 0..<1 << 12 {
          file.string("\(key)")
          file.number(UInt32(0))
          file.number(UInt8(0))
        }
      case 1:
        file = RawFile(tensors: 1 << 13, keys: 0)
        for tensor in 0..<1 << 13 { file.tensor("\(tensor)", [1], offset: UInt64(32 * tensor)) }
        file.data(32 << 13)
      case 2: file.bytes = FuzzTests.array(of: 8, 1 << 20) { $0.string("") }
      case 3: file.bytes = FuzzTests.array(of: 8, 1 << 18) { $0.string("sixteen letters!") }
      case 4: file.bytes = FuzzTests.array(of: 7, 1 << 23) { $0.number(UInt8(1)) }
      default: file.bytes = FuzzTests.array(of: 6, 1 << 20) { $0.number(UInt32(0)) }
      }
      try Fuzzing.measure("GGUF, shape \(shape)", file.bytes) { _ = try GGUFFile(path: $0) }
    }
  }

  @Test func `more keys or tensors than any model has are refused`() {
    for (tensors, keys) in [(1 << 13 + 1, 0), (0, 1 << 12 + 1)] as [(UInt64, UInt64)] {
      var file = RawFile(tensors: tensors, keys: keys)
      file.data(1 << 20)
      #expect(error { _ = try file.open() }?.kind == .countTooLarge)
    }
  }
}
