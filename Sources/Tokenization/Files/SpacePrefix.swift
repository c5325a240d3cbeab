/// Where `addsSpacePrefix` puts a space; SentencePiece only.
public enum SpacePrefix: String, Sendable, Equatable, CaseIterable {
  /// Before text that begins a document or follows a special token, even if it has a space there (llama.cpp, and the
  /// normalizer `Prepend` of a `tokenizer.json`).
  case everyPart
  /// The same, except where a space stands already (`Metaspace` with `prepend_scheme` `always`).
  case everyPartOnce
  /// Only where a document begins with text that has no space there (`Metaspace` with `prepend_scheme` `first`).
  case documentOnce
}
