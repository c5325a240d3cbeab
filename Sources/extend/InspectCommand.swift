import ArgumentParser
import Foundation
import GGUFFormat
import HDF5Storage

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Shows what is inside a GGUF file, a checkpoint or a token cache.")
  @Argument(help: "The file.") var file: String

  func run() throws {
    try reportingFailures {
      let magic = try head(8, at: 0)
      if magic.starts(with: Data("GGUF".utf8)) {
        try inspectGGUF()
      } else if try isHDF5() {
        try inspectHDF5()
      } else {
        throw InputError(
          "\(file): found a file that begins with \(magic.map { String(format: "%02x", $0) }.joined(separator: " ")); "
            + "allowed: GGUF models, HDF5 checkpoints and token caches")
      }
      return .done
    }
  }

  /// So many bytes of the file, fewer where it is shorter.
  private func head(_ count: Int, at offset: UInt64) throws -> Data {
    let resolved = URL(filePath: file).resolvingSymlinksInPath().path
    let type = (try? FileManager.default.attributesOfItem(atPath: resolved))?[.type] as? FileAttributeType
    if let type, ![.typeRegular, .typeDirectory].contains(type) {
      throw InputError("\(file): found a pipe or a device; allowed: GGUF models, HDF5 checkpoints and token caches")
    }
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: file))
      defer { try? handle.close() }
      try handle.seek(toOffset: offset)
      return try handle.read(upToCount: count) ?? Data()
    } catch {
      let isFolder = FileManager.default.fileExists(atPath: file + "/.")
      throw InputError(
        "\(file): cannot be read: \(isFolder ? "it is a folder" : FileError.reason(of: error)); allowed: GGUF models, "
          + "HDF5 checkpoints and token caches")
    }
  }

  /// Whether HDF5's signature stands where the format allows it: at 0, or after a block of 512, 1,024, … bytes such as
  /// the seal of a checkpoint.
  private func isHDF5() throws -> Bool {
    try ([0] + (9...16).map { 1 << $0 }).contains { try head(4, at: $0).elementsEqual([0x89, 0x48, 0x44, 0x46]) }
  }

  private func inspectGGUF() throws {
    let gguf = try GGUFFile(path: file)
    Console.print(
      "GGUF version \(gguf.version), \(gguf.metadata.entries.count) keys, \(gguf.tensors.count) tensors, "
        + "\(gguf.byteCount) bytes")
    for entry in gguf.metadata.entries { Console.print("  \(entry.key) = \(entry.value)") }
    Console.print(
      table(
        [["tensor", "type", "shape", "bytes"]]
          + gguf.tensors.map { [$0.name, "\($0.type)", "\($0.shape)", "\($0.byteCount)"] }))
  }

  private func inspectHDF5() throws {
    // Checkpoints and caches are sealed; libhdf5 does not survive every damage that a seal would show.
    _ = try HDF5Seal.verify(file)
    let hdf5 = try HDF5File(opening: file, isVerified: true)
    Console.print("HDF5")
    for (name, value) in try hdf5.attributes().sorted(by: { $0.key < $1.key }) { Console.print("  \(name) = \(value)") }
    var rows = [["dataset", "type", "shape"]]
    for child in try hdf5.datasets() {
      guard case .dataset(let description) = child.kind else { continue }
      rows.append([child.path, "\(description.elementType)", "\(description.shape)"])
    }
    Console.print(table(rows))
  }
}
