/// The generator MT19937 (Matsumoto & Nishimura 1998), from which Python and NumPy draw.
public struct MersenneTwister: Sendable {
  private static let size = 624, middle = 397
  private var state: [UInt32]
  private var next = size

  /// The authors' `init_genrand`.
  public init(number seed: UInt32) {
    state = [seed]
    state.reserveCapacity(Self.size)
    for i in 1..<Self.size {
      let last = state[i - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(i))
    }
  }

  /// The authors' `init_by_array`; at least one key.
  public init(keys: [UInt32]) {
    precondition(!keys.isEmpty, "MersenneTwister: expected at least one key")
    self.init(number: 19_650_218)
    var i = 1, j = 0
    for _ in 0..<max(Self.size, keys.count) {
      mix(&i, factor: 1_664_525, adding: keys[j] &+ UInt32(j))
      j = (j + 1) % keys.count
    }
    for _ in 1..<Self.size {
      mix(&i, factor: 1_566_083_941, adding: 0 &- UInt32(i))
    }
    state[0] = 0x8000_0000
  }

  private mutating func mix(_ i: inout Int, factor: UInt32, adding term: UInt32) {
    state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* factor)) &+ term
    i += 1
    if i == Self.size { (state[0], i) = (state[Self.size - 1], 1) }
  }

  /// The next 32 bits.
  public mutating func word() -> UInt32 {
    if next == Self.size { renew() }
    var y = state[next]
    next += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  private mutating func renew() {
    for i in 0..<Self.size {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % Self.size] & 0x7FFF_FFFF)
      state[i] = state[(i + Self.middle) % Self.size] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    next = 0
  }
}
