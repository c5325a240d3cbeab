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
      let handle: FileHandle
      do { handle = try FileHandle(forReadingFrom: URL(filePath: file)) } catch {
        throw InputError("\(file): cannot be read: \(error.localizedDescription)")
      }
      let magic = try handle.read(upToCount: 8) ?? Data()
      if magic.starts(with: Data("GGUF".utf8)) {
        try inspectGGUF()
      } else if magic.starts(with: [0x89, 0x48, 0x44, 0x46]) {
        try inspectHDF5()
      } else {
        throw InputError(
          "\(file): found a file that begins with \(magic.map { String(format: "%02x", $0) }.joined(separator: " ")); "
            + "allowed: GGUF models, HDF5 checkpoints and token caches")
      }
      return .done
    }
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
    let hdf5 = try HDF5File(opening: file)
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
