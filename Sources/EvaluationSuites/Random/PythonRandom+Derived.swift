extension PythonRandom {
  /// A generator of its own for each use: the same seed and name give the same draws on every machine.
  init(seed: Int, for name: String) {
    // FNV-1a of the name (Fowler, Noll & Vo), 62 bits of it.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(seed)/\(name)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.init(seed: Int(hash >> 2))
  }
}
