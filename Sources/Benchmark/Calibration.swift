import Foundation
public import Kernels
public import LlamaModel

/// Costs that were measured once, kept in one JSON file: `plan` and `train` predict times from them.
public struct Calibration: Codable, Equatable, Sendable {
  /// What a measurement holds for; any other machine, thread count, program or shape needs its own.
  public struct Key: Codable, Hashable, Sendable {
    public var version, processor, instructions, blasCore: String
    public var threads: Int
    public var precision: Precision
    /// Vocabulary, width, feed-forward width, query heads, key heads, head size.
    public var shape: [Int]

    public init(
      version: String, processor: String, precision: Precision, _ c: LlamaConfiguration,
      threads: Int = Parallel.threadCount
    ) {
      (self.version, self.processor, self.threads, self.precision) = (version, processor, threads, precision)
      (instructions, blasCore) = ("\(InstructionSet.best)", Kernel.blasCore)
      shape = [c.vocabularySize, c.hiddenSize, c.feedForwardSize, c.headCount, c.keyHeadCount, c.headSize]
    }
  }

  public struct Entry: Codable, Equatable, Sendable {
    public var key: Key
    public var costs: StepCosts
  }

  public private(set) var entries: [Entry] = []

  public init() {}

  /// What is cached at `path`; nothing when there is no such file or it is another program's.
  public init(path: String) {
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(Calibration.self, from: data)
    else { return }
    self = found
  }

  public subscript(_ key: Key) -> StepCosts? { entries.first { $0.key == key }?.costs }

  /// Takes in a measurement; an earlier one for the same key goes, and so do those of other builds of the program.
  public mutating func insert(_ costs: StepCosts, for key: Key) {
    entries.removeAll { $0.key == key || $0.key.version != key.version }
    entries.append(Entry(key: key, costs: costs))
  }

  /// Replaces the file at `path` at once; folders above it are made.
  ///
  /// - Throws: what the file system says.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try encoder.encode(self).write(to: url, options: .atomic)
  }
}
