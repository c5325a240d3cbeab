import Foundation
import AtomicFiles
import ModelFiles
import Tokenization

/// The bytes of a file, or of standard input for "-".
func readInput(_ path: String) throws -> Data {
  if path == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
  // Of a pipe Foundation says that permission is denied.
  if let type = try? FileManager.default.attributesOfItem(atPath: URL(filePath: path).resolvingSymlinksInPath().path)[
    .type] as? FileAttributeType, type != .typeRegular, type != .typeDirectory
  {
    throw InputError("\(path): found a pipe or a device; allowed is a file. Write its content to one")
  }
  do {
    return try Data(contentsOf: URL(filePath: path))
  } catch {
    throw InputError("\(path): cannot be read: \(FileError.reason(of: error))")
  }
}

/// A text given on the command line; "@FILE" is the text of a file, "@-" that of standard input.
func promptText(_ argument: String) throws -> String {
  guard argument.hasPrefix("@") else { return argument }
  let path = String(argument.dropFirst())
  guard let text = String(validating: try readInput(path), as: UTF8.self) else {
    throw InputError("\(path): found bytes that are not UTF-8; allowed is UTF-8 text")
  }
  return text
}

extension Tokenizer {
  /// The tokenizer of a model file; what is wrong with it is told with the file's path.
  init(of file: ModelFile) throws {
    do {
      try self.init(file.tokenizer)
    } catch {
      throw InputError("\(file.path): \(error)")
    }
  }
}
