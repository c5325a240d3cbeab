import Foundation
import JSONText

/// A JSON object from a model folder, read key by key; what is wrong with a value is told with file and key.
struct JSONFile {
  let path: String
  let object: JSONObject
  /// The keys that lead to this object, such as `rope_scaling`.
  var prefix = ""

  /// More than any model's configuration has; keeps a hostile file from costing memory.
  static let mostBytes = 4 << 20

  /// Reads a file; nil if there is none.
  static func read(_ path: String) throws -> JSONFile? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSONFile(text: bytes(path, most: mostBytes), path: path)
  }

  init(text: [UInt8], path: String) throws(ModelFileError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: text)
    } catch {
      throw ModelFileError(
        path: path, subject: "byte \(error.position)", found: error.found, allowed: error.allowed,
        repair: "Correct the file, or fetch it again.")
    }
    guard case .object(let object) = value else {
      throw ModelFileError(
        path: path, subject: "the file", found: value.kind, allowed: "a JSON object", repair: "Fetch the file again.")
    }
    (self.path, self.object) = (path, object)
  }

  private init(path: String, object: JSONObject, prefix: String) {
    (self.path, self.object, self.prefix) = (path, object, prefix)
  }

  /// The bytes of a file that may not be large.
  static func bytes(_ path: String, most: Int) throws -> [UInt8] {
    func refuse(_ found: String, _ allowed: String) -> ModelFileError {
      ModelFileError(path: path, subject: "the file", found: found, allowed: allowed, repair: "Fetch the file again.")
    }
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else {
      throw refuse("no regular file", "a file that can be read")
    }
    if let size = (attributes?[.size] as? NSNumber)?.intValue, size > most {
      throw refuse("\(size) bytes", "at most \(most)")
    }
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw refuse("a file that cannot be read", "a file that can be read")
    }
    return Array(data)
  }

  /// The value of a key; nil for none and for null.
  func value(_ key: String) -> JSONValue? {
    let value = object[key]
    return value == .null ? nil : value
  }

  func error(_ key: String, _ found: String, _ allowed: String, _ repair: String = "Correct the key in the file.")
    -> ModelFileError
  {
    ModelFileError(path: path, subject: prefix + key, found: found, allowed: allowed, repair: repair)
  }

  /// An integer; a float without fraction counts, since some tools write contexts so.
  func integer(_ key: String) throws(ModelFileError) -> Int? {
    guard let value = value(key) else { return nil }
    if case .number(let digits) = value, let integer = Int(digits) ?? Double(digits).flatMap({ Int(exactly: $0) }) {
      return integer
    }
    throw error(key, value.kind, "an integer")
  }

  func number(_ key: String) throws(ModelFileError) -> Double? {
    guard let value = value(key) else { return nil }
    if case .number(let digits) = value, let number = Double(digits), number.isFinite { return number }
    throw error(key, value.kind, "a finite number")
  }

  func bool(_ key: String) throws(ModelFileError) -> Bool? {
    guard let value = value(key) else { return nil }
    if case .bool(let flag) = value { return flag }
    throw error(key, value.kind, "true or false")
  }

  func string(_ key: String) throws(ModelFileError) -> String? {
    guard let value = value(key) else { return nil }
    if case .string(let text) = value { return text }
    throw error(key, value.kind, "a string")
  }

  func numbers(_ key: String) throws(ModelFileError) -> [Double]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else { throw error(key, value.kind, "a list of numbers") }
    var numbers: [Double] = []
    for element in elements {
      guard case .number(let digits) = element, let number = Double(digits), number.isFinite else {
        throw error(key, element.kind, "a list of finite numbers")
      }
      numbers.append(number)
    }
    return numbers
  }

  func strings(_ key: String) throws(ModelFileError) -> [String]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else { throw error(key, value.kind, "a list of strings") }
    var strings: [String] = []
    for element in elements {
      guard case .string(let text) = element else { throw error(key, element.kind, "a list of strings") }
      strings.append(text)
    }
    return strings
  }

  func child(_ key: String) throws(ModelFileError) -> JSONFile? {
    guard let value = value(key) else { return nil }
    guard case .object(let object) = value else { throw error(key, value.kind, "an object") }
    return JSONFile(path: path, object: object, prefix: prefix + key + ".")
  }

  func require<Value>(_ key: String, _ value: Value?) throws(ModelFileError) -> Value {
    if let value { return value }
    throw error(key, "no such key", "a value", "Use the folder's original config.json.")
  }
}
