import Foundation

/// The whole content of a small file.
func bytes(of path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Replaces the content of a small file.
func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Changes one byte of a file in place.
func patch(_ path: String, _ place: Int, _ byte: UInt8) throws {
  let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  try handle.seek(toOffset: UInt64(place))
  try handle.write(contentsOf: [byte])
  try handle.close()
}

/// Temporary paths for asynchronous tests.
enum TemporaryPath {
  static func fresh() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("extend-\(UUID().uuidString).h5").path
  }
  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
