/// What is wrong with a GGUF file, its metadata, or the attempt to write one.
///
/// `description` says where, what was found, what is allowed, and how to repair it, in one line.
public struct GGUFError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of fault, for programs; `description` is for people.
  public enum Kind: Equatable, Sendable {
    case cannotOpen, notGGUF, byteSwapped, unsupportedVersion
    /// The file ends before what its header promises; at least so many bytes are missing.
    case truncated(missingBytes: Int)
    case countTooLarge, invalidText, invalidBool, unknownValueType, nestedArray
    case invalidKey, duplicateKey, invalidAlignment
    case invalidTensorName, duplicateTensor, invalidShape, unsupportedTensorType, misplacedTensor
    case missingKey, wrongType, missingTensor
    /// A model in several files of which one is missing, misnamed or another's.
    case invalidSplit
    case cannotWrite, notEncodable, wrongAmount
  }

  /// What the fault belongs to.
  public enum Subject: Equatable, Sendable, CustomStringConvertible {
    case header
    /// A metadata key, by name or, before its name is known, by its number from 0.
    case key(String)
    case keyNumber(Int)
    /// A tensor, by name or, before its name is known, by its number from 0.
    case tensor(String)
    case tensorNumber(Int)

    public var description: String {
      switch self {
      case .header: "header"
      case .key(let name): "key \(quoted(name))"
      case .keyNumber(let number): "key number \(number)"
      case .tensor(let name): "tensor \(quoted(name))"
      case .tensorNumber(let number): "tensor number \(number)"
      }
    }
  }

  public var kind: Kind
  /// The file's path; nil for metadata and plans that belong to no file yet.
  public var path: String?
  /// The byte of the file at which the faulty field begins.
  public var position: Int?
  public var subject: Subject?
  public var found: String
  public var allowed: String
  public var repair: String

  public init(
    _ kind: Kind, path: String? = nil, position: Int? = nil, subject: Subject? = nil,
    found: String, allowed: String, repair: String
  ) {
    self.kind = kind
    self.path = path
    self.position = position
    self.subject = subject
    self.found = found
    self.allowed = allowed
    self.repair = repair
  }

  public var description: String {
    var place = [String]()
    if let path { place.append(path) }
    if let position { place.append("byte \(position)") }
    if let subject { place.append("\(subject)") }
    let prefix = place.isEmpty ? "" : place.joined(separator: ", ") + ": "
    return prefix + "found \(found); allowed: \(allowed). \(repair)"
  }
}

/// `text` in quotes, cut to 80 characters and without control characters: names from files may hold anything.
func quoted(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(80) {
    result += scalar.value < 32 || scalar.value == 127 ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return "\"\(result)\(text.unicodeScalars.count > 80 ? "…" : "")\""
}
