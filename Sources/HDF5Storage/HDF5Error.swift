public import AtomicFiles

/// Why an HDF5 file could not be read or written: which file, which object in it, what was found, how to repair it.
public struct HDF5Error: StorageFailure, Sendable, Equatable, CustomStringConvertible {
  /// What kind of trouble it is, for callers that react differently.
  public enum Kind: Sendable, Equatable {
    /// The file, group, dataset or attribute is not there.
    case notFound
    /// The file is not HDF5, or its end is missing.
    case notReadable
    /// The object holds another element type or another shape than was asked for.
    case mismatch
    /// The bytes are there but contradict each other or their checksum.
    case damaged
    /// The file was never finished: its seal is missing.
    case incomplete
    /// The file system has no room left.
    case diskFull
    /// A name, shape or value that HDF5 cannot hold.
    case notStorable
    /// Anything else that libhdf5 or the operating system refused.
    case refused
  }

  public var kind: Kind
  /// The file.
  public var path: String
  /// The group, dataset or attribute inside the file; "/" for the file itself.
  public var object: String
  /// What was being done, as in "open the dataset".
  public var operation: String
  /// What was found, with libhdf5's own words where it gave any.
  public var message: String
  /// What the user can do about it.
  public var repair: String

  public init(
    kind: Kind, path: String, object: String = "/", operation: String, message: String, repair: String
  ) {
    self.kind = kind
    self.path = path
    self.object = object
    self.operation = operation
    self.message = message
    self.repair = repair
  }

  public var isDiskFull: Bool { kind == .diskFull }

  public var description: String {
    let place = object == "/" ? path : "\(path): \(object)"
    return "\(place): cannot \(operation): \(message). \(repair)"
  }
}
