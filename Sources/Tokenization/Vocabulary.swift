import Diagnostics

/// The tokens of a checked description: ids by text, types, and the bytes each token stands for.
struct Vocabulary: Sendable {
  /// Ids by the UTF-8 of the token's text, as the description spells it.
  let idsByText: ByteStringTable
  /// The types, with end-of-turn and fill-in-the-middle markers made control tokens, as llama.cpp does.
  let types: ContiguousArray<TokenType>
  /// The bytes of all tokens, one after the other; `ends[i]` is where those of token `i` end.
  private let bytes: ContiguousArray<UInt8>
  private let ends: ContiguousArray<Int>

  var count: Int { types.count }

  /// - Throws: `TokenizerError.duplicateToken`, `.malformedByteToken`.
  init(_ description: TokenizerDescription) throws(TokenizerError) {
    var idsByText = ByteStringTable(
      capacity: description.tokens.count, bytes: description.tokens.reduce(0) { $0 + $1.utf8.count })
    var types = ContiguousArray(description.tokenTypes)
    var bytes: ContiguousArray<UInt8> = []
    var ends: ContiguousArray<Int> = []
    for (index, text) in description.tokens.enumerated() {
      if !text.isEmpty, let first = idsByText.insert(text.utf8.span, TokenID(index)) {
        throw .duplicateToken(text: text, first: first, second: TokenID(index))
      }
      if WellKnownToken.isControl(text) { types[index] = .control }
      switch types[index] {
      case .control, .unknown, .userDefined: bytes.append(contentsOf: text.utf8)
      case .unused: break
      case .byte:
        guard let byte = Self.byteValue(text) else {
          throw .malformedByteToken(token: TokenID(index), text: text)
        }
        bytes.append(byte)
      case .normal:
        switch description.model {
        case .byteLevelBPE: bytes.append(contentsOf: ByteAlphabet.decode(text) ?? Array(text.utf8))
        case .sentencePieceBPE: Self.appendUnescaped(text, to: &bytes)
        }
      }
      ends.append(bytes.count)
    }
    self.idsByText = idsByText
    self.types = types
    self.bytes = bytes
    self.ends = ends
  }

  /// The bytes that token `id` stands for.
  func bytes(of id: TokenID) -> ArraySlice<UInt8> {
    guard id >= 0 && Int(id) < count else {
      stop("a tokenizer with \(count) tokens cannot decode token \(id); ids are 0..<\(count)")
    }
    return ArraySlice(bytes[(id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)]])
  }

  func id(of text: String) -> TokenID? { idsByText.find(text.utf8.span, 0..<text.utf8.count) }

  /// 0x0A of `<0x0A>`.
  static func byteValue(_ text: String) -> UInt8? {
    let digits = text.dropFirst(3).dropLast()
    guard text.utf8.count == 6, text.hasPrefix("<0x"), text.hasSuffix(">"), digits.allSatisfy(\.isHexDigit) else {
      return nil
    }
    return UInt8(digits, radix: 16)
  }

  private static func appendUnescaped(_ text: String, to bytes: inout ContiguousArray<UInt8>) {
    for scalar in text.unicodeScalars {
      if scalar == "\u{2581}" { bytes.append(0x20) } else { bytes.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    }
  }
}
