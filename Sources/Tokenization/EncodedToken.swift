/// A token, and the part of the text that it stands for.
public struct EncodedToken: Sendable, Equatable {
  public var id: TokenID
  /// UTF-8 offsets into the encoded text; may begin or end inside a character, and is empty for an added space.
  public var range: Range<Int>

  public init(id: TokenID, range: Range<Int>) {
    self.id = id
    self.range = range
  }
}
