import Testing

@testable import Benchmark

struct NoiseTests {
  @Test func `a seed's numbers are the same in every version`() {
    #expect(randomValues(4, seed: 3) == [-0x1.27f38p-2, 0x1.ee06a6p-1, -0x1.7d7918p-2, 0x1.9aaf28p-1])
    #expect(randomTokens(4, below: 1000, seed: 61).tokens == [289, 591, 111, 40])
  }
}
