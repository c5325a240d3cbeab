public import FoundationEssentials

/// Requests and responses as JSON.
public enum APIMessage {
  /// Reads a request.
  ///
  /// - Throws: an error of status 400 that says which field is wrong, and what is allowed.
  public static func decode<Request: Decodable>(_ type: Request.Type, from body: Data) throws(APIError) -> Request {
    do {
      return try JSONDecoder().decode(type, from: body)
    } catch let error as APIError {
      throw error
    } catch let error as DecodingError {
      throw APIError(error)
    } catch {
      throw APIError("The body cannot be read: \(error)")
    }
  }

  /// Writes a response; the same value gives the same bytes.
  public static func encode(_ response: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return try encoder.encode(response)
  }
}

extension APIError {
  /// What is wrong with a request that is not of its form.
  init(_ error: DecodingError) {
    let (keys, problem): ([any CodingKey], String) =
      switch error {
      case .keyNotFound(let key, let context): (context.codingPath + [key], " is missing.")
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        (context.codingPath, ": \(context.debugDescription)")
      @unknown default: ([], ": \(error)")
      }
    let path = keys.reduce("") { path, key in
      key.intValue.map { "\(path)[\($0)]" } ?? (path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)")
    }
    if path.isEmpty {
      self.init("The body must be a JSON object with the fields of a request\(problem)", code: "invalid_json")
    } else {
      self.init(path + problem, parameter: keys.first?.stringValue)
    }
  }
}

extension KeyedDecodingContainer {
  /// The value of a field, or what stands for it; refused outside of a range.
  func number<Number: Decodable & Comparable>(
    _ key: Key, in range: ClosedRange<Number>, default value: Number
  ) throws -> Number {
    try number(key, in: range) ?? value
  }

  /// The value of a field that may be absent; refused outside of a range.
  func number<Number: Decodable & Comparable>(_ key: Key, in range: ClosedRange<Number>) throws -> Number? {
    func refused(_ found: String) -> APIError {
      let kind = Number.self == Int.self ? "a whole number from " : ""
      return APIError(
        "\(key.stringValue) is \(found); allowed is \(kind)\(range.lowerBound) to \(range.upperBound).",
        parameter: key.stringValue)
    }
    let value: Number?
    do { value = try decodeIfPresent(Number.self, forKey: key) } catch let error as DecodingError { throw error } catch
    {
      // Of a number that its type cannot hold, the decoder would say that the whole body is no JSON.
      throw refused("a number that is not one of these")
    }
    guard let value else { return nil }
    if !range.contains(value) { throw refused("\(value)") }
    return value
  }

  /// Refuses a field that asks for what is not offered here, rather than answering as if it were not there.
  func refuse(_ key: Key, unless isHarmless: Bool, _ allowed: String) throws {
    if !isHarmless {
      throw APIError(
        "\(key.stringValue) is not supported here; allowed is \(allowed).", parameter: key.stringValue,
        code: "unsupported_parameter")
    }
  }
}
