import ArgumentParser
import Foundation
import GGUFFormat
import AtomicFiles
import HDF5Storage
import ModelFiles
import SafetensorsFormat

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what is inside a model (GGUF, safetensors, Hugging Face folder), a checkpoint or a token cache.")
  @Argument(help: "The file.") var file: String

  func run() throws {
    try reportingFailures {
      if ModelFile.isFolder(file), FileManager.default.fileExists(atPath: file + "/config.json") {
        try inspectFolder()
        return .done
      }
      let magic = try head(9, at: 0)
      if magic.starts(with: Data("GGUF".utf8)) {
        try inspectGGUF()
      } else if magic.count == 9, magic.last == UInt8(ascii: "{"), magic[7] == 0 {
        try inspectSafetensors(SafetensorsFile(path: file))
      } else if try isHDF5() {
        try inspectHDF5()
      } else {
        throw InputError(
          "\(file): found a file that begins with \(magic.prefix(8).map { String(format: "%02x", $0) }.joined(separator: " ")); "
            + "allowed: \(Self.allowed)")
      }
      return .done
    }
  }

  /// So many bytes of the file, fewer where it is shorter.
  private func head(_ count: Int, at offset: UInt64) throws -> Data {
    let resolved = URL(filePath: file).resolvingSymlinksInPath().path
    let type = (try? FileManager.default.attributesOfItem(atPath: resolved))?[.type] as? FileAttributeType
    if let type, ![.typeRegular, .typeDirectory].contains(type) {
      throw InputError("\(file): found a pipe or a device; allowed: \(Self.allowed)")
    }
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: file))
      defer { try? handle.close() }
      try handle.seek(toOffset: offset)
      return try handle.read(upToCount: count) ?? Data()
    } catch {
      let isFolder = FileManager.default.fileExists(atPath: file + "/.")
      throw InputError(
        "\(file): cannot be read: \(isFolder ? "it is a folder without config.json" : FileError.reason(of: error)); "
          + "allowed: \(Self.allowed)")
    }
  }

  /// Whether HDF5's signature stands where the format allows it: at 0, or after a block of 512, 1,024, … bytes such as
  /// the seal of a checkpoint.
  private func isHDF5() throws -> Bool {
    try ([0] + (9...16).map { 1 << $0 }).contains { try head(4, at: $0).elementsEqual([0x89, 0x48, 0x44, 0x46]) }
  }

  private static let allowed =
    "GGUF and safetensors models, Hugging Face folders, HDF5 checkpoints and token caches"

  private func inspectSafetensors(_ safetensors: SafetensorsFile) throws {
    Console.print(
      "\(safetensors.path): safetensors, \(safetensors.tensors.count) tensors, \(safetensors.byteCount) bytes")
    for (key, value) in safetensors.metadata.sorted(by: { $0.key < $1.key }) { Console.print("  \(key) = \(value)") }
    Console.print(
      table(
        [["tensor", "type", "shape", "bytes"]]
          + safetensors.tensors.map { [$0.name, "\($0.type)", "\($0.shape)", "\($0.byteCount)"] }))
  }

  private func inspectFolder() throws {
    Console.print(try ModelSummary(ModelFile(path: file)).text + "\n")
    for part in try SafetensorsFolder(path: file).files { try inspectSafetensors(part) }
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
