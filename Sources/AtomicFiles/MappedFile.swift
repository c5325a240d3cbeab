public import FoundationEssentials

/// Why a file could not be mapped into memory: what stands at its path, in words.
public struct MappingProblem: Error, Equatable, Sendable {
  public var found: String
}

/// The bytes of a regular file, mapped into memory. The file must not be shortened while they are in use; a program
/// that replaces it by renaming is harmless.
public func mappedBytes(of path: String) throws(MappingProblem) -> Data {
  let resolved = URL(filePath: path).resolvingSymlinksInPath().path
  let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
  guard let attributes else { throw MappingProblem(found: "no such file") }
  // Opening a pipe would wait for a writer.
  guard attributes[.type] as? FileAttributeType == .typeRegular else {
    throw MappingProblem(found: "a folder, or something else that is no regular file")
  }
  do {
    return try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
  } catch {
    throw MappingProblem(found: "a file that may not be read")
  }
}
