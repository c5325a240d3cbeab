import GGUFFormat
import TestSupport
import Testing

/// Blocks small enough to check by hand; the halves used are 0x3c00 = 1, 0x4000 = 2, 0x3800 = 0.5, 0xc000 = −2.
@Suite struct BlockTests {
  @Test func q8_0IsAScaleTimesSignedBytes() {
    var block: [UInt8] = [0x00, 0x38] + [UInt8](repeating: 0, count: 32)
    (block[2], block[3], block[33]) = (1, 0xff, 0x80)
    var expected = [Float](repeating: 0, count: 32)
    (expected[0], expected[1], expected[31]) = (0.5, -0.5, -64)
    #expect(decode(.q8_0, block) == expected)
  }

  /// Bytes whose low nibbles count up from 0 and whose high nibbles count down from 15.
  static let upAndDown: [UInt8] = (0..<16).map { (j: UInt8) in j | (15 - j) << 4 }
  static let up: [Int] = Array(0..<16)
  static let down: [Int] = Array((0..<16).reversed())

  @Test func q4_0TakesLowNibblesFirstAndCentresThemAtEight() {
    let block: [UInt8] = [0x00, 0x40] + Self.upAndDown
    let expected: [Float] = (Self.up + Self.down).map { 2 * Float($0 - 8) }
    #expect(decode(.q4_0, block) == expected)
  }

  @Test func q4_1AddsAMinimum() {
    let block: [UInt8] = [0x00, 0x38, 0x00, 0xc0] + Self.upAndDown
    let expected: [Float] = (Self.up + Self.down).map { Float($0) / 2 - 2 }
    #expect(decode(.q4_1, block) == expected)
  }

  @Test func q5_0TakesItsFifthBitsFromAWord() {
    // Fifth bits of elements 1 and 31 only.
    let block: [UInt8] = [0x00, 0x3c, 0x02, 0, 0, 0x80] + [UInt8](repeating: 0x21, count: 16)
    var expected = [Float](repeating: 1 - 16, count: 16) + [Float](repeating: 2 - 16, count: 16)
    (expected[1], expected[31]) = (1, 2)
    #expect(decode(.q5_0, block) == expected)
  }

  @Test func q5_1TakesItsFifthBitsFromAWordAndAddsAMinimum() {
    let block: [UInt8] = [0x00, 0x3c, 0x00, 0xc0, 0x02, 0, 0, 0x80] + [UInt8](repeating: 0x21, count: 16)
    var expected = [Float](repeating: 1 - 2, count: 16) + [Float](repeating: 2 - 2, count: 16)
    (expected[1], expected[31]) = (15, 16)
    #expect(decode(.q5_1, block) == expected)
  }

  /// Six-bit scales and minima, and their twelve packed bytes.
  static let scales = [1, 2, 3, 4, 35, 36, 37, 38]
  static let minima = [10, 20, 30, 40, 50, 60, 7, 8]
  static var packedScales: [UInt8] {
    var packed = [UInt8](repeating: 0, count: 12)
    for j in 0..<4 {
      packed[j] = UInt8(scales[j] | (scales[j + 4] >> 4) << 6)
      packed[j + 4] = UInt8(minima[j] | (minima[j + 4] >> 4) << 6)
      packed[j + 8] = UInt8(scales[j + 4] & 15 | (minima[j + 4] & 15) << 4)
    }
    return packed
  }

  @Test func q4_KHasEightSubBlocksWithSixBitScalesAndMinima() {
    // Low nibbles 3, high nibbles 12; d = 1, dmin = 0.5.
    let block: [UInt8] = [0x00, 0x3c, 0x00, 0x38] + Self.packedScales + [UInt8](repeating: 0xc3, count: 128)
    let expected = (0..<256).map { index in
      let j = index / 32
      return Float(Self.scales[j] * (j % 2 == 0 ? 3 : 12)) - 0.5 * Float(Self.minima[j])
    }
    #expect(decode(.q4_K, block) == expected)
  }

  @Test func q5_KAddsOneUpperBitForEachSubBlock() {
    // Upper bits are set for sub-blocks 1 and 6.
    let upper = [UInt8](repeating: 0b0100_0010, count: 32)
    let block: [UInt8] = [0x00, 0x3c, 0x00, 0x38] + Self.packedScales + upper + [UInt8](repeating: 0xc3, count: 128)
    let expected = (0..<256).map { index in
      let j = index / 32
      let q = (j % 2 == 0 ? 3 : 12) + (j == 1 || j == 6 ? 16 : 0)
      return Float(Self.scales[j] * q) - 0.5 * Float(Self.minima[j])
    }
    #expect(decode(.q5_K, block) == expected)
  }

  @Test func q6_KHasSixteenSignedScalesAndUpperBitPairs() {
    // Low nibbles 5, high 9; upper pairs 0, 1, 2, 3 for the four runs of 32; scales −8…7; d = 2, last.
    let block: [UInt8] =
      [UInt8](repeating: 0x95, count: 128) + [UInt8](repeating: 0b1110_0100, count: 64)
      + (0..<16).map { UInt8(bitPattern: Int8($0 - 8)) } + [0x00, 0x40]
    let expected = (0..<256).map { index in
      let run = index / 32 % 4
      let q = (run < 2 ? 5 : 9) + 16 * run
      return 2 * Float(index / 16 - 8) * Float(q - 32)
    }
    #expect(decode(.q6_K, block) == expected)
  }

  @Test func q8_0EncodingRoundsTiesAwayFromZero() {
    var values = [Float](repeating: 0, count: 32)
    (values[0], values[1], values[2], values[3], values[4]) = (127, 0.5, -0.5, 1.5, -2.4999)
    var expected: [UInt8] = [0x00, 0x3c, 127, 1, 0xff, 2, 0xfe] + [UInt8](repeating: 0, count: 27)
    #expect(encode(.q8_0, values) == expected)
    expected = [UInt8](repeating: 0, count: 34)
    #expect(encode(.q8_0, [Float](repeating: 0, count: 32)) == expected)
    #expect(encode(.q8_0, [Float](repeating: .leastNonzeroMagnitude, count: 32)) == expected)
  }

  @Test func q8_0OfItsOwnValuesGivesTheSameBytes() {
    var random = SplitMix64(seed: 1)
    let block: [UInt8] =
      [0x34, 0x22, 127] + (0..<31).map { _ in UInt8(bitPattern: Int8.random(in: -127...127, using: &random)) }
    #expect(encode(.q8_0, decode(.q8_0, block)) == block)
  }

  @Test func bfloatsRoundToNearestWithTiesToEven() {
    let values: [Float] = [
      1, .init(bitPattern: 0x3f80_8000), .init(bitPattern: 0x3f81_8000), .init(bitPattern: 0x3f80_8001),
      -0.0, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    let words: [UInt16] = [0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x8000, 0x7f80, 0x7f80, 0]
    #expect(encode(.bf16, values) == words.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    let nan = encode(.bf16, [.nan, Float(bitPattern: 0x7f80_0001)])
    #expect(decode(.bf16, nan).allSatisfy { $0.isNaN })
  }

  @Test func rowsOfNoBlocksAreNoFloats() {
    for type in TensorType.allCases { #expect(decode(type, []) == []) }
  }

  @Test func spansThatDoNotBelongTogetherTrap() async {
    await #expect(processExitsWith: .failure) {
      let bytes = [UInt8](repeating: 0, count: 33)
      var values = [Float](repeating: 0, count: 32)
      var span = values.mutableSpan
      TensorType.q8_0.decode(bytes.span.bytes, into: &span)
    }
    await #expect(processExitsWith: .success) {
      let bytes = [UInt8](repeating: 0, count: 34)
      var values = [Float](repeating: 0, count: 32)
      var span = values.mutableSpan
      TensorType.q8_0.decode(bytes.span.bytes, into: &span)
    }
  }
}

#if arch(arm64) || os(Linux)
  /// The standard library's half as an independent judge.
  @Suite struct HalfTests {
    @Test func allHalvesDecodeToTheirFloats() {
      let patterns = (0...UInt16.max).map { $0 }
      let decoded = decode(.f16, patterns.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
      for (pattern, value) in zip(patterns, decoded) {
        let expected = Float(Float16(bitPattern: pattern))
        #expect(expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern, "half \(pattern)")
      }
    }

    @Test func floatsEncodeToTheNearestHalf() {
      // Every half, its neighbours, the ties between halves and their neighbours; and random bits.
      var values = [Float]()
      for pattern in 0...UInt16.max where !Float16(bitPattern: pattern).isNaN {
        let value = Float(Float16(bitPattern: pattern))
        let tie = (value + Float(Float16(bitPattern: pattern).nextUp)) / 2
        values += [value, value.nextUp, value.nextDown, tie, tie.nextUp, tie.nextDown].filter { !$0.isNaN }
      }
      var random = SplitMix64(seed: 2)
      for _ in 0..<100_000 {
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
        if !value.isNaN { values.append(value) }
      }
      values += [65519.99, 65520, -65520, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
      let words = encode(.f16, values)
      let wrong = values.indices.filter {
        UInt16(words[2 * $0]) | UInt16(words[2 * $0 + 1]) << 8 != Float16(values[$0]).bitPattern
      }
      #expect(wrong.map { values[$0] } == [])
      #expect(decode(.f16, encode(.f16, [.nan, Float(bitPattern: 0x7f80_0001)])).allSatisfy { $0.isNaN })
    }
  }
#endif
