public import GGUFFormat
public import Tokenization

/// What a `tokenizer.json` says and llama.cpp has no key for, under keys of our own, which llama.cpp passes over: a
/// checkpoint keeps its tokenizer as GGUF metadata and must not forget them.
extension TokenizerDescription {
  private static let prefix = "tokenizer.extend."

  /// Writes the keys that differ from what their absence means.
  public func addOwnKeys(to metadata: inout Metadata) {
    if normalizesToNFC { metadata[Self.prefix + "normalizes_to_nfc"] = .bool(true) }
    if spacePrefix != .everyPart { metadata[Self.prefix + "space_prefix"] = .string(spacePrefix.rawValue) }
    if !addedTokenRules.isEmpty {
      let pairs = addedTokenRules.sorted { $0.key < $1.key }.flatMap { [$0.key, Int32($0.value.rawValue)] }
      metadata[Self.prefix + "added_token_rules"] = .array(.int32(pairs))
    }
  }

  /// Takes what those keys say.
  mutating func readOwnKeys(of metadata: Metadata) throws {
    normalizesToNFC = try metadata.find(Self.prefix + "normalizes_to_nfc") ?? false
    let key = Self.prefix + "space_prefix"
    if let name: String = try metadata.find(key) {
      guard let rule = SpacePrefix(rawValue: name) else {
        throw ModelFileError(
          path: metadata.path ?? "GGUF metadata", subject: key, found: "\"\(name)\"",
          allowed: SpacePrefix.allCases.map(\.rawValue).joined(separator: ", "), repair: "Leave the key out.")
      }
      spacePrefix = rule
    }
    let pairs: [Int] = try metadata.find(Self.prefix + "added_token_rules") ?? []
    for place in stride(from: 0, to: pairs.count - 1, by: 2) {
      guard let id = TokenID(exactly: pairs[place]), let rule = UInt8(exactly: pairs[place + 1]) else { continue }
      addedTokenRules[id] = AddedTokenRule(rawValue: rule)
    }
  }
}
