import EvaluationSuites
import Testing

/// Draws compared with what CPython 3.11 and NumPy give for the same seeds.
struct PythonRandomTests {
  @Test func `seed 42 gives Python's first integers`() {
    var random = PythonRandom(seed: 42)
    #expect((0..<3).map { _ in random.integer(in: 1_000_000...9_999_999) } == [2_867_825, 1_419_610, 5_614_226])
  }

  @Test func `seed 42 gives Python's first fraction`() {
    var random = PythonRandom(seed: 42)
    #expect(random.unit() == 0.6394267984578837)
  }

  @Test func `NumPy's integers`() {
    var random = NumPyRandom(seed: 42)
    #expect((0..<4).map { _ in random.integer(in: 10_000..<99_999) } == [25_795, 10_860, 86_820, 64_886])
    var needles = NumPyRandom(seed: 24_242_424)
    #expect(
      (0..<5).map { _ in needles.integer(in: 0..<10_000_000) } == [
        2_965_478, 7_624_612, 7_182_423, 9_211_957, 7_727_364,
      ])
  }
}
