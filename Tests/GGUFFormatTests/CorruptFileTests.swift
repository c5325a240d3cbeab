import GGUFFormat
import TestSupport
import Testing

@Suite struct CorruptFileTests {
  @Test func theSmallFileIsValid() throws {
    let file = try smallFile().open()
    #expect(file.version == 3)
    #expect(file.metadata.entries.map(\.key) == ["llama.context_length", "general.name", "tokens"])
    #expect(file.tensors.map(\.name) == ["first.weight", "second.weight"])
    #expect(file.tensors[0].shape == [2, 4])
    #expect((file.tensors[0].rowCount, file.tensors[0].columnCount) == (2, 4))
    #expect(file.tensors[1].offset == file.dataOffset + 32)
    #expect(file.values(of: file.tensors[1]) == [Float](repeating: 0, count: 32))
  }

  /// Cut anywhere, the error names a number of missing bytes that is never too large, and exact in the data.
  @Test func aFileCutAnywhereSaysHowManyBytesAreMissing() throws {
    let whole = smallFile()
    let dataOffset = try whole.open().dataOffset
    for length in 0..<whole.bytes.count {
      var file = whole
      file.bytes.removeLast(whole.bytes.count - length)
      let failure = try #require(error { _ = try file.open() })
      guard case .truncated(let missing) = failure.kind else {
        Issue.record("cut to \(length): \(failure)")
        continue
      }
      #expect(missing > 0 && missing <= whole.bytes.count - length, "cut to \(length)")
      if length >= dataOffset { #expect(missing == whole.bytes.count - length) }
      #expect("\(failure)".contains("\(missing) bytes are missing"))
    }
  }

  @Test func missingPaddingAtTheEndIsNoFault() throws {
    var file = RawFile(tensors: 1, keys: 0)
    file.tensor("x", [1])
    file.data(4)
    #expect(try file.open().tensors.count == 1)
  }

  @Test func anotherKindOfFileIsNamed() throws {
    let failure = try #require(error { _ = try RawFile(tensors: 0, keys: 0, magic: "PK\u{3}\u{4}").open() })
    #expect(failure.kind == .notGGUF)
    #expect(failure.found == "bytes 50 4b 3 4")
  }

  @Test(arguments: [0, 1, 4, 77] as [UInt32])
  func otherVersionsAreRefused(_ version: UInt32) {
    let failure = error { _ = try RawFile(tensors: 0, keys: 0, version: version).open() }
    #expect(failure?.kind == .unsupportedVersion)
    #expect(failure?.position == 4)
  }

  @Test func versionTwoIsRead() throws {
    #expect(try RawFile(tensors: 0, keys: 0, version: 2).open().version == 2)
  }

  @Test func byteSwappedFilesAreNamed() {
    let failure = error { _ = try RawFile(tensors: 0, keys: 0, version: UInt32(3).byteSwapped).open() }
    #expect(failure?.kind == .byteSwapped)
    #expect(failure?.found == "version 3 in big-endian bytes")
  }

  @Test(arguments: [1 << 30 + 1, 1 << 62, .max] as [UInt64])
  func hugeCountsAreRefused(_ count: UInt64) {
    #expect(error { _ = try RawFile(tensors: count, keys: 0).open() }?.kind == .countTooLarge)
    #expect(error { _ = try RawFile(tensors: 0, keys: count).open() }?.kind == .countTooLarge)
    var string = RawFile(tensors: 0, keys: 1)
    string.number(count)
    string.data(100)
    #expect(error { _ = try string.open() }?.kind == .countTooLarge)
    var array = RawFile(tensors: 0, keys: 1)
    array.string("a")
    array.number(UInt32(9))
    array.number(UInt32(8))
    array.number(count)
    array.data(100)
    #expect(error { _ = try array.open() }?.kind == .countTooLarge)
  }

  @Test func countsBeyondTheFileAreRefusedBeforeAnythingIsReserved() {
    for (tensors, keys) in [(1 << 29, 0), (0, 1 << 29)] as [(UInt64, UInt64)] {
      let failure = error { _ = try RawFile(tensors: tensors, keys: keys).open() }
      guard case .truncated(let missing)? = failure?.kind else {
        Issue.record("\(tensors), \(keys)")
        continue
      }
      #expect(missing > 1 << 30)
    }
    for type in 0..<13 as Range<UInt32> where type != 9 {
      var array = RawFile(tensors: 0, keys: 1)
      array.string("a")
      array.number(UInt32(9))
      array.number(type)
      array.number(UInt64(1 << 30))
      array.data(100)
      guard case .truncated? = error({ _ = try array.open() })?.kind else {
        Issue.record("array of type \(type)")
        continue
      }
    }
  }

  @Test func nestedArraysAndUnknownTypesAreRefused() {
    var nested = RawFile(tensors: 0, keys: 1)
    nested.string("a")
    nested.number(UInt32(9))
    nested.number(UInt32(9))
    nested.number(UInt64(1))
    nested.data(100)
    #expect(error { _ = try nested.open() }?.kind == .nestedArray)
    var unknown = RawFile(tensors: 0, keys: 1)
    unknown.string("a")
    unknown.number(UInt32(13))
    unknown.data(100)
    let failure = error { _ = try unknown.open() }
    #expect(failure?.kind == .unknownValueType)
    #expect(failure?.subject == .key("a"))
  }

  @Test func aBoolIsZeroOrOne() {
    for byte in [0, 1, 2, 255] as [UInt8] {
      var file = RawFile(tensors: 0, keys: 1)
      file.string("flag")
      file.number(UInt32(7))
      file.number(byte)
      let failure = error { _ = try file.open() }
      #expect(failure?.kind == (byte < 2 ? nil : .invalidBool))
    }
  }

  @Test func textThatIsNotUTF8IsRefused() throws {
    var file = smallFile()
    let index = try #require(file.bytes.firstIndex(of: 0xc3))
    file.bytes[index] = 0xff
    let failure = error { _ = try file.open() }
    #expect(failure?.kind == .invalidText)
    #expect(failure?.subject == .key("tokens"))
  }

  @Test func emptyAndRepeatedKeysAreRefused() {
    var empty = RawFile(tensors: 0, keys: 1)
    empty.key("", uint32: 1)
    empty.data(100)
    #expect(error { _ = try empty.open() }?.kind == .invalidKey)
    var twice = RawFile(tensors: 0, keys: 2)
    twice.key("k", uint32: 1)
    twice.key("k", uint32: 1)
    let failure = error { _ = try twice.open() }
    #expect(failure?.kind == .duplicateKey)
    #expect(failure?.position == 24 + 9 + 8)
  }

  @Test func alignmentMustBeAPowerOfTwoInAU32() throws {
    for alignment in [0, 3, 48, 1 << 21, 1 << 31, .max] as [UInt32] {
      var file = RawFile(tensors: 0, keys: 1)
      file.key("general.alignment", uint32: alignment)
      #expect(error { _ = try file.open() }?.kind == .invalidAlignment)
    }
    var wide = RawFile(tensors: 0, keys: 1)
    wide.string("general.alignment")
    wide.number(UInt32(10))
    wide.number(UInt64(32))
    #expect(error { _ = try wide.open() }?.found == "u64 32")
    var large = RawFile(tensors: 1, keys: 1)
    large.key("general.alignment", uint32: 256)
    large.tensor("x", [8])
    large.data(32, alignment: 256)
    let file = try large.open()
    #expect(file.alignment == 256 && file.dataOffset == 256)
    var huge = RawFile(tensors: 1, keys: 1)
    huge.key("general.alignment", uint32: 1 << 20)
    huge.tensor("x", [8])
    huge.data(32)
    #expect(error { _ = try huge.open() }?.kind == .truncated(missingBytes: 1 << 20 + 32 - huge.bytes.count))
  }

  func kind(of extents: [UInt64], type: UInt32 = 0, name: String = "x") -> GGUFError.Kind? {
    var file = RawFile(tensors: 1, keys: 0)
    file.tensor(name, extents, type: type)
    file.data(1024)
    return error { _ = try file.open() }?.kind
  }

  @Test func impossibleShapesAreRefused() {
    #expect(kind(of: [1, 1, 1, 1]) == nil)
    #expect(kind(of: [1, 1, 1, 1, 1]) == .invalidShape)
    #expect(kind(of: [0]) == .invalidShape)
    #expect(kind(of: [4, 0]) == .invalidShape)
    #expect(kind(of: [.max]) == .invalidShape)
    #expect(kind(of: [1 << 32, 1 << 32]) == .invalidShape)
    #expect(kind(of: [1 << 21, 1 << 21, 1 << 20]) == .invalidShape)
    #expect(kind(of: [1 << 40]) == .truncated(missingBytes: 1 << 42 - 1024))
  }

  @Test func rowsMustBeWholeBlocks() {
    #expect(kind(of: [32], type: 8) == nil)
    #expect(kind(of: [33], type: 8) == .invalidShape)
    #expect(kind(of: [16, 2], type: 8) == .invalidShape)
    #expect(kind(of: [576], type: 12) == .invalidShape)
    #expect(kind(of: [256], type: 12) == nil)
  }

  @Test func otherTensorTypesAreRefusedByName() throws {
    var file = RawFile(tensors: 1, keys: 0)
    file.tensor("x", [256], type: 10)
    file.data(1024)
    let failure = try #require(error { _ = try file.open() })
    #expect(failure.kind == .unsupportedTensorType)
    #expect(failure.found == "tensor type 10, Q2_K")
    #expect(failure.allowed == "F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16")
    for type in [4, 5, 9, 11, 15, 31, 40, .max] as [UInt32] {
      #expect(kind(of: [256], type: type) == .unsupportedTensorType)
    }
  }

  @Test func tensorNamesAreShortAndDifferent() {
    #expect(kind(of: [1], name: "") == .invalidTensorName)
    #expect(kind(of: [1], name: String(repeating: "n", count: 63)) == nil)
    #expect(kind(of: [1], name: String(repeating: "n", count: 64)) == .invalidTensorName)
    var twice = RawFile(tensors: 2, keys: 0)
    twice.tensor("x", [8])
    twice.tensor("x", [8], offset: 32)
    twice.data(64)
    #expect(error { _ = try twice.open() }?.kind == .duplicateTensor)
  }

  @Test(arguments: [0, 31, 33, 64, 1 << 63] as [UInt64])
  func tensorsMustFollowOneAnother(_ offset: UInt64) {
    var file = RawFile(tensors: 2, keys: 0)
    file.tensor("x", [8])
    file.tensor("y", [8], offset: offset)
    file.data(256)
    let failure = error { _ = try file.open() }
    #expect(failure?.kind == .misplacedTensor)
    #expect(failure?.subject == .tensor("y"))
    #expect(failure?.allowed == "32, the end of the tensor before it")
  }

  @Test func tensorsBeyondAllNumbersAreRefused() {
    var file = RawFile(tensors: 3, keys: 0)
    let bytes: UInt64 = 1 << 60
    file.tensor("x", [bytes / 4])
    for number in 1...8 as ClosedRange<UInt64> { file.tensor("y\(number)", [bytes / 4], offset: number * bytes) }
    file.bytes.replaceSubrange(8..<16, with: [9, 0, 0, 0, 0, 0, 0, 0])
    #expect(error { _ = try file.open() }?.kind == .invalidShape)
  }

  @Test func whatIsNoFileIsNamed() throws {
    try withTemporaryDirectory { folder in
      let missing = try #require(error { _ = try GGUFFile(path: folder + "/none.gguf") })
      #expect(missing.kind == .cannotOpen)
      #expect("\(missing)".contains("none.gguf: found no such file"))
      #expect(error { _ = try GGUFFile(path: folder) }?.kind == .cannotOpen)
    }
  }
}
