import Foundation

/// The whole content of a small file.
func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Replaces the content of a small file.
func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Temporary paths for asynchronous tests.
enum TemporaryPath {
  static func fresh() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("extend-\(UUID().uuidString).h5").path
  }
  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
