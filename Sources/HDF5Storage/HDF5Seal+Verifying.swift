import Foundation

/// Proof that a file is whole, byte for byte, found without libhdf5.
public enum HDF5Seal {
  /// Reads a sealed file through and returns its manifest.
  ///
  /// Errors: `.incomplete` (never sealed), `.notReadable` (not a sealed file), `.damaged` with the damaged dataset as
  /// its object, "/" for HDF5's own structure. Memory: 1 MB and the manifest.
  public static func verify(_ path: String) throws(HDF5Error) -> HDF5Manifest {
    let file = try RawFile(path)
    let block = try sealBlock(of: file)
    let manifest = try manifest(of: file, block)

    var damaged: [String] = []
    for entry in manifest.datasets where try file.checksum(of: [entry.range]).description != entry.checksum {
      damaged.append(entry.name)
    }
    if let first = damaged.first {
      let others = damaged.count > 1 ? ", and those of \(damaged.dropFirst().joined(separator: ", ")) neither" : ""
      throw failure(path, object: first, .damaged, "its bytes do not match its checksum\(others)")
    }
    let structure = manifest.structure(byteCount: file.byteCount, manifest: block.manifest)
    guard try file.checksum(of: structure) == block.structureChecksum else {
      throw failure(path, .damaged, "the bytes of HDF5's own structure do not match their checksum")
    }
    return manifest
  }

  /// Whether a file has a seal, whole or damaged, or the empty room for one: whether it must be verified.
  static func isExpected(in path: String) -> Bool {
    guard let file = try? RawFile(path), file.byteCount >= HDF5File.sealBytes,
      let block = try? file.read(0..<HDF5File.sealBytes)
    else { return false }
    return HDF5SealBlock.resembles(block) || block.allSatisfy { $0 == 0 }
  }

  /// Reads only the seal and the manifest: what a file claims to hold, without proof that it does.
  public static func manifest(_ path: String) throws(HDF5Error) -> HDF5Manifest {
    let file = try RawFile(path)
    return try manifest(of: file, try sealBlock(of: file))
  }

  private static func sealBlock(of file: borrowing RawFile) throws(HDF5Error) -> HDF5SealBlock {
    let path = file.path
    guard file.byteCount >= HDF5File.sealBytes else {
      throw failure(path, .damaged, "the file is cut short: it has \(file.byteCount) bytes, its seal alone takes 512")
    }
    let bytes = try file.read(0..<HDF5File.sealBytes)
    if bytes.allSatisfy({ $0 == 0 }) {
      throw failure(path, .incomplete, "it was never finished: its seal is missing")
    }
    guard let block = HDF5SealBlock(bytes) else {
      guard HDF5SealBlock.resembles(bytes) else {
        throw failure(path, .notReadable, "it is not a file that extend sealed (its first line is another)")
      }
      throw failure(path, .damaged, "its seal, the first 512 bytes, contradicts itself")
    }
    guard block.byteCount == file.byteCount else {
      let kind = file.byteCount < block.byteCount ? "cut short" : "too long"
      throw failure(path, .damaged, "the file is \(kind): it has \(file.byteCount) of \(block.byteCount) bytes")
    }
    return block
  }

  private static func manifest(of file: borrowing RawFile, _ block: HDF5SealBlock) throws(HDF5Error) -> HDF5Manifest {
    let path = file.path
    let json = try file.read(block.manifest)
    guard Checksum(of: json.span) == block.manifestChecksum,
      let manifest = try? JSONDecoder().decode(HDF5Manifest.self, from: Data(json))
    else {
      throw failure(path, object: HDF5Manifest.datasetName, .damaged, "its bytes do not match its checksum")
    }
    if let contradiction = manifest.contradiction(byteCount: file.byteCount, manifest: block.manifest) {
      throw failure(path, object: HDF5Manifest.datasetName, .damaged, contradiction)
    }
    return manifest
  }

  private static func failure(
    _ path: String, object: String = "/", _ kind: HDF5Error.Kind, _ message: String
  ) -> HDF5Error {
    HDF5Error(
      kind: kind, path: path, object: object, operation: "verify the file", message: message,
      repair: "Use an earlier file, or copy this one again from where it is whole.")
  }
}
