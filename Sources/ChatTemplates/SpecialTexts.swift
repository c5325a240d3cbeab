/// The tokenizer's special tokens as text; a template sees an absent one as undefined.
public struct SpecialTexts: Sendable, Equatable {
  /// `bos_token`.
  public var bos: String?
  /// `eos_token`.
  public var eos: String?
  /// `unk_token`.
  public var unknown: String?
  /// `pad_token`.
  public var padding: String?

  public init(bos: String? = nil, eos: String? = nil, unknown: String? = nil, padding: String? = nil) {
    self.bos = bos
    self.eos = eos
    self.unknown = unknown
    self.padding = padding
  }
}
