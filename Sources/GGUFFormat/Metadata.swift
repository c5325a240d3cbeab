/// A file's keys and values, in the file's order, each key once.
public struct Metadata: Equatable, Sendable {
  public struct Entry: Equatable, Sendable {
    public let key: String
    public internal(set) var value: MetadataValue
  }

  public private(set) var entries: [Entry] = []
  /// The file these came from, for error messages; nil for metadata made by a program.
  public let path: String?
  private var indices: [String: Int] = [:]

  public init() { path = nil }

  init(path: String, capacity: Int) {
    self.path = path
    entries.reserveCapacity(capacity)
    indices.reserveCapacity(capacity)
  }

  /// The value of `key`. A new key goes to the end, a known key keeps its place, nil removes it.
  public subscript(key: String) -> MetadataValue? {
    get { indices[key].map { entries[$0].value } }
    set {
      switch (indices[key], newValue) {
      case (let index?, let value?):
        entries[index].value = value
      case (nil, let value?):
        indices[key] = entries.count
        entries.append(Entry(key: key, value: value))
      case (let index?, nil):
        entries.remove(at: index)
        indices.removeValue(forKey: key)
        for later in index..<entries.count { indices[entries[later].key] = later }
      case (nil, nil):
        break
      }
    }
  }

  /// Two metadata are equal when they hold the same entries in the same order, whatever their files.
  public static func == (left: Metadata, right: Metadata) -> Bool { left.entries == right.entries }
}
