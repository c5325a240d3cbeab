/// The answer to `GET /v1/models`.
public struct ModelList: Encodable, Equatable, Sendable {
  public let object = "list"
  public var data: [ModelDescription]

  public init(data: [ModelDescription]) { self.data = data }
}

/// The answer to `GET /v1/models/NAME`.
public struct ModelDescription: Encodable, Equatable, Sendable {
  public var id: String
  public let object = "model"
  /// Seconds since 1970.
  public var created: Int
  public let ownedBy = "extend"
  /// The window in tokens. An extension.
  public var maximumLength: Int

  private enum CodingKeys: String, CodingKey {
    case id, object, created
    case ownedBy = "owned_by", maximumLength = "max_model_len"
  }

  public init(id: String, created: Int, maximumLength: Int) {
    (self.id, self.created, self.maximumLength) = (id, created, maximumLength)
  }
}

/// The answer to `GET /health`.
public struct Health: Encodable, Equatable, Sendable {
  public let status = "ok"
  /// Requests that are answered now or wait.
  public var requests: Int
  /// Those of them that wait.
  public var waiting: Int

  public init(requests: Int, waiting: Int) { (self.requests, self.waiting) = (requests, waiting) }
}
