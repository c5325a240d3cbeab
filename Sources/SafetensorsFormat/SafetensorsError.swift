import AtomicFiles
import JSONText

/// What is wrong with a safetensors file, its index, or the attempt to write one.
///
/// `description` says where, what was found, what is allowed, and how to repair it, in one line.
public struct SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of fault, for programs; `description` is for people.
  public enum Kind: Equatable, Sendable {
    case cannotOpen
    /// The file ends before what its header promises; at least so many bytes are missing.
    case truncated(missingBytes: Int)
    case headerTooLarge, invalidHeader, tooManyTensors
    case unsupportedType, invalidShape, misplacedTensor, trailingBytes
    case invalidIndex, missingTensor, duplicateTensor
    case cannotWrite, notEncodable, wrongAmount
  }

  public var kind: Kind
  public var path: String
  /// The byte of the file at which the fault lies.
  public var position: Int?
  public var tensor: String?
  public var found: String
  public var allowed: String
  public var repair: String

  init(
    _ kind: Kind, path: String, position: Int? = nil, tensor: String? = nil, found: String, allowed: String,
    repair: String = "The file is damaged; download or convert it again."
  ) {
    (self.kind, self.path, self.position, self.tensor) = (kind, path, position, tensor)
    (self.found, self.allowed, self.repair) = (found, allowed, repair)
  }

  @Sendable init(_ error: FileError) {
    self.init(
      .cannotWrite, path: error.path, found: error.message, allowed: "a file that can be written", repair: error.repair)
  }

  public var description: String {
    let place = [path] + (position.map { ["byte \($0)"] } ?? []) + (tensor.map { ["tensor \(quoted($0))"] } ?? [])
    return place.joined(separator: ", ") + ": found \(found); allowed: \(allowed). \(repair)"
  }
}
