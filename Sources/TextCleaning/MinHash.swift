import RandomNumbers

/// Signatures of texts such that the share of equal places estimates the share of n-grams in common.
///
/// Broder, "On the resemblance and containment of documents", 1997. Words are runs of ASCII letters and digits, in
/// lower case, and of bytes beyond ASCII; each n-gram becomes 32 bits, and place i of the signature holds the least of
/// those bits under the i-th of `hashes` fixed bijections of 32-bit words. The standard deviation of the estimate is at
/// most 0.5/√hashes.
public struct MinHash: Sendable {
  private typealias Lanes = SIMD16<UInt32>

  private let options: NearDuplicateOptions
  private let offsets: [Lanes]
  private let factors: [Lanes]
  private let secondFactors: [Lanes]

  public init(_ options: NearDuplicateOptions) {
    self.options = options
    var numbers = SplitMix64(seed: UInt64(bitPattern: Int64(options.seed)))
    func lanes(odd: Bool) -> [Lanes] {
      (0..<options.hashes / Lanes.scalarCount).map { _ in
        var lanes = Lanes()
        for lane in lanes.indices {
          lanes[lane] = UInt32(truncatingIfNeeded: numbers.next() >> 32) | (odd ? 1 : 0)
        }
        return lanes
      }
    }
    (offsets, factors, secondFactors) = (lanes(odd: false), lanes(odd: true), lanes(odd: true))
  }

  /// The signature of texts that belong together, `hashes` long; empty when there is not one word in them.
  public func signature(of texts: [String]) -> [UInt32] {
    let grams = grams(of: texts)
    if grams.isEmpty { return [] }
    var signature: [UInt32] = []
    signature.reserveCapacity(options.hashes)
    for group in offsets.indices {
      let (offset, factor, second) = (offsets[group], factors[group], secondFactors[group])
      var least = Lanes(repeating: .max)
      for gram in grams {
        var hash = (Lanes(repeating: gram) ^ offset) &* factor
        hash ^= hash &>> Lanes(repeating: 15)
        hash = hash &* second
        hash ^= hash &>> Lanes(repeating: 16)
        least = pointwiseMin(least, hash)
      }
      for lane in least.indices { signature.append(least[lane]) }
    }
    return signature
  }

  /// The share of equal places.
  public static func similarity(_ a: [UInt32], _ b: [UInt32]) -> Double {
    guard a.count == b.count, !a.isEmpty else { return 0 }
    return Double(zip(a, b).count { $0 == $1 }) / Double(a.count)
  }

  /// 32 bits for each n-gram; one for a text shorter than an n-gram.
  func grams(of texts: [String]) -> [UInt32] {
    var window = Window(length: options.ngram)
    for text in texts {
      switch options.unit {
      case .words: addWords(of: text, to: &window)
      case .characters: addCharacters(of: text, to: &window)
      }
    }
    return window.finish()
  }

  private func addWords(of text: String, to window: inout Window) {
    var hash: UInt64 = 0
    for byte in text.utf8 {
      if let byte = Self.folded(byte) {
        hash = (hash ^ UInt64(byte) ^ 0x100) &* 0x0000_0100_0000_01B3
      } else if hash != 0 {
        window.add(hash)
        hash = 0
      }
    }
    if hash != 0 { window.add(hash) }
  }

  private func addCharacters(of text: String, to window: inout Window) {
    var isBetween = true
    for scalar in text.unicodeScalars {
      guard let value = scalar.isASCII ? Self.folded(UInt8(scalar.value)).map(UInt32.init) : scalar.value else {
        if !isBetween { window.add(0x20) }
        isBetween = true
        continue
      }
      window.add(UInt64(value))
      isBetween = false
    }
    if !isBetween { window.add(0x20) }
  }

  /// A byte of a word in lower case; nil for what stands between words.
  private static func folded(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39, 0x61...0x7a, 0x80...0xff: byte
    case 0x41...0x5a: byte | 0x20
    default: nil
    }
  }

  /// The last units seen, and the n-grams they made.
  private struct Window {
    let length: Int
    var units: [UInt64] = []
    var next = 0
    var grams: [UInt32] = []

    init(length: Int) { self.length = length }

    mutating func add(_ unit: UInt64) {
      if units.count < length {
        units.append(unit)
        if units.count == length { close() }
        return
      }
      units[next] = unit
      next = next + 1 == length ? 0 : next + 1
      close()
    }

    private mutating func close() {
      var hash: UInt64 = 0
      for index in next..<units.count { hash = (hash ^ units[index]) &* 0x9FB2_1C65_1E98_DF25 }
      for index in 0..<next { hash = (hash ^ units[index]) &* 0x9FB2_1C65_1E98_DF25 }
      grams.append(UInt32(truncatingIfNeeded: SplitMix64.mixed(hash) >> 32))
    }

    mutating func finish() -> [UInt32] {
      if grams.isEmpty, !units.isEmpty { close() }
      return grams
    }
  }
}
