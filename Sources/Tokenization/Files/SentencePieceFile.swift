/// SentencePiece's `tokenizer.model`: a protocol buffer with pieces, scores and types (sentencepiece_model.proto).
struct SentencePieceFile {
  private var tokens: [String] = []
  private var scores: [Float] = []
  private var types: [TokenType] = []
  private var modelType = 1
  private var bos = 1, eos = 2, unknown = 0, padding = -1
  private var addsSpacePrefix = true
  private var usesTable = false, removesSpaces = true
  private let file: String

  init(_ bytes: [UInt8], file: String) throws(TokenizerFileError) {
    self.file = file
    var model = WireReader(bytes[...], file: file)
    while let field = try model.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let piece)): try readPiece(WireReader(piece, file: file))
      case (2, .bytes(let trainer)): try readTrainer(WireReader(trainer, file: file))
      case (3, .bytes(let normalizer)): try readNormalizer(WireReader(normalizer, file: file))
      default: break
      }
    }
  }

  private mutating func readPiece(_ start: WireReader) throws(TokenizerFileError) {
    var reader = start
    var (text, score, type) = ("", Float(0), 1)
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let bytes)):
        guard let valid = String(validating: bytes, as: UTF8.self) else {
          throw reader.broken("a piece in UTF-8", key: "pieces[\(tokens.count)]")
        }
        text = valid
      case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
      case (3, .number(let number)): type = Int(truncatingIfNeeded: number)
      default: break
      }
    }
    tokens.append(text)
    scores.append(score)
    types.append(TokenType(rawValue: Int32(truncatingIfNeeded: type)) ?? .normal)
  }

  private mutating func readTrainer(_ start: WireReader) throws(TokenizerFileError) {
    var reader = start
    while let field = try reader.next() {
      guard case .number(let number) = field.value else { continue }
      let value = Int(truncatingIfNeeded: number)
      switch field.number {
      case 3: modelType = value
      case 40: unknown = value
      case 41: bos = value
      case 42: eos = value
      case 43: padding = value
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ start: WireReader) throws(TokenizerFileError) {
    var reader = start
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (2, .bytes(let table)): usesTable = !table.isEmpty
      case (3, .number(let flag)): addsSpacePrefix = flag != 0
      case (4, .number(let flag)): removesSpaces = flag != 0
      default: break
      }
    }
  }

  func description() throws(TokenizerFileError) -> TokenizerDescription {
    func unsupported(_ key: String, _ found: String, _ allowed: String) -> TokenizerFileError {
      TokenizerFileError(
        .unsupported, file: file, key: key, found: found, allowed: allowed,
        repair: "Use a model with a BPE tokenizer that leaves its text as it is, or its tokenizer.json.")
    }
    guard modelType == 2 else {
      let name = [1: "UNIGRAM", 3: "WORD", 4: "CHAR"][modelType] ?? "\(modelType)"
      throw unsupported("trainer_spec.model_type", name, "BPE")
    }
    guard !usesTable else {
      throw unsupported("normalizer_spec.precompiled_charsmap", "a table of replacements", "none (identity)")
    }
    guard !removesSpaces else {
      throw unsupported("normalizer_spec.remove_extra_whitespaces", "true", "false")
    }
    func id(_ number: Int) -> TokenID? { tokens.indices.contains(number) ? TokenID(number) : nil }
    return TokenizerDescription(
      model: .sentencePieceBPE, tokens: tokens, tokenTypes: types, scores: scores, bos: id(bos), eos: id(eos),
      unknown: id(unknown), padding: id(padding), addsBOS: true, addsSpacePrefix: addsSpacePrefix)
  }
}

/// Reads the fields of one protocol buffer message; memory stays where the bytes are.
struct WireReader {
  enum Value {
    case number(UInt64), fixed64(UInt64), fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let file: String

  init(_ bytes: ArraySlice<UInt8>, file: String) {
    (self.bytes, position, self.file) = (bytes, bytes.startIndex, file)
  }

  /// The next field; nil at the end.
  mutating func next() throws(TokenizerFileError) -> (number: Int, value: Value)? {
    guard position < bytes.endIndex else { return nil }
    let tag = try varint()
    let number = Int(truncatingIfNeeded: tag >> 3)
    switch tag & 7 {
    case 0: return (number, .number(try varint()))
    case 1: return (number, .fixed64(try fixed(8)))
    case 2:
      let count = try varint()
      guard count <= UInt64(bytes.endIndex - position) else { throw broken("a field inside its message") }
      defer { position += Int(count) }
      return (number, .bytes(bytes[position..<(position + Int(count))]))
    case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw broken("a field of wire type 0, 1, 2 or 5")
    }
  }

  func broken(_ allowed: String, key: String = "") -> TokenizerFileError {
    TokenizerFileError(
      .syntax, file: file, key: key, byte: position, found: "something else", allowed: allowed,
      repair: "The file is damaged or no SentencePiece model; fetch it again.")
  }

  private mutating func varint() throws(TokenizerFileError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard position < bytes.endIndex else { throw broken("a number inside the message") }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw broken("a number of at most ten bytes")
  }

  private mutating func fixed(_ count: Int) throws(TokenizerFileError) -> UInt64 {
    guard bytes.endIndex - position >= count else { throw broken("\(count) more bytes") }
    defer { position += count }
    return (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
  }
}
