/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// Who speaks: `system`, `user`, `assistant`, `tool` or what else the template knows.
  public var role: String
  /// What is said.
  public var content: String
  /// Whether an assistant's turn is labelled; other roles never are. The default is true.
  public var isTrained: Bool
  /// Further fields that the template may read, such as `name` or `reasoning_content`.
  public var fields: [String: String]

  public init(role: String, content: String, isTrained: Bool = true, fields: [String: String] = [:]) {
    self.role = role
    self.content = content
    self.isTrained = isTrained
    self.fields = fields
  }
}
