import RandomNumbers

/// Finds out of many signatures the ones much like a new one, without comparing with all.
///
/// Locality-sensitive hashing (Indyk and Motwani, 1998): a signature is cut into `bands` of `rows` places; two meet when
/// one band is equal, which happens with the probability 1 − (1 − s^rows)^bands for similarity s. Bands and rows are
/// those whose misses and needless meetings around the threshold are fewest; those that meet are compared by their
/// whole signatures. Memory: 4·hashes bytes and about 24·bands bytes per signature kept.
public struct NearDuplicateIndex: Sendable {
  /// So many of those that share a band are compared, the earliest first: hostile data cannot make this quadratic.
  static let comparedPerBand = 64

  public let bands: Int
  public let rows: Int
  private let threshold: Double
  private let hashes: Int
  /// Places of all signatures kept, one after the other.
  private var places: [UInt32] = []
  private var members: [UInt64: [Int32]] = [:]

  public init(_ options: NearDuplicateOptions) {
    (threshold, hashes) = (options.threshold, options.hashes)
    (bands, rows) = Self.division(threshold: options.threshold, hashes: options.hashes)
  }

  /// How many signatures are kept.
  public var count: Int { places.count / hashes }

  /// Keeps a signature unless one like it is kept already.
  ///
  /// - Returns: the number of the earliest signature found that is at least as similar as the threshold, counted from 0
  ///   among those kept; nil when the new one was kept. Empty signatures are like none and are not kept.
  public mutating func insert(_ signature: [UInt32]) -> Int? {
    if signature.isEmpty { return nil }
    precondition(signature.count == hashes, "near duplicates: a signature of \(signature.count), not \(hashes) places")
    let keys = (0..<bands).map { key(of: signature, band: $0) }
    var found: Int?
    for key in keys {
      for member in members[key, default: []].prefix(Self.comparedPerBand)
      where Int(member) < found ?? .max && similarity(Int(member), signature) >= threshold {
        found = Int(member)
        break
      }
    }
    if let found { return found }
    let number = Int32(count)
    places += signature
    for key in keys { members[key, default: []].append(number) }
    return nil
  }

  private func similarity(_ member: Int, _ signature: [UInt32]) -> Double {
    let start = member * hashes
    var equal = 0
    for place in 0..<hashes where places[start + place] == signature[place] { equal += 1 }
    return Double(equal) / Double(hashes)
  }

  private func key(of signature: [UInt32], band: Int) -> UInt64 {
    var hash = UInt64(band) &* SplitMix64.increment
    for place in signature[band * rows..<(band + 1) * rows] { hash = SplitMix64.mixed(hash ^ UInt64(place)) }
    return hash
  }

  /// The bands and rows, `bands · rows ≤ hashes`, with the least sum of wrong meetings below the threshold and misses
  /// above it.
  static func division(threshold: Double, hashes: Int) -> (bands: Int, rows: Int) {
    func meeting(_ s: Double, _ bands: Int, _ rows: Int) -> Double {
      1 - power(1 - power(s, rows), bands)
    }
    var best = (bands: hashes, rows: 1), least = Double.infinity
    for rows in 1...hashes {
      let bands = hashes / rows
      var cost = 0.0
      for step in 0..<100 {
        let s = (Double(step) + 0.5) / 100
        // A miss cannot be put right; a needless meeting costs one comparison.
        cost += s < threshold ? meeting(s, bands, rows) : 16 * (1 - meeting(s, bands, rows))
      }
      if cost < least { (best, least) = ((bands, rows), cost) }
    }
    return best
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
