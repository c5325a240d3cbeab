import Foundation

@testable import Tokenization

/// Small `tokenizer.model` files of both kinds, written out by hand.
enum ModelFiles {
  /// SentencePiece: `<unk>`, `<s>`, `</s>`, 256 bytes, then pieces with falling scores.
  static let sentencePiece: [UInt8] = {
    let digits = Array("0123456789ABCDEF")
    var file: [UInt8] = []
    func piece(_ text: String, _ score: Float, _ type: UInt8) {
      let bits = score.bitPattern
      var message: [UInt8] = [0x0A, UInt8(text.utf8.count)] + Array(text.utf8) + [0x15]
      for shift in stride(from: UInt32(0), to: 32, by: 8) { message.append(UInt8(truncatingIfNeeded: bits >> shift)) }
      message += [0x18, type]
      file += [0x0A, UInt8(message.count)] + message
    }
    piece("<unk>", 0, 2)
    piece("<s>", 0, 3)
    piece("</s>", 0, 3)
    for byte in 0..<256 { piece("<0x\(digits[byte >> 4])\(digits[byte & 15])>", 0, 6) }
    for (index, text) in ["▁a", "ab", "▁ab", "▁", "a", "b", "é"].enumerated() { piece(text, -Float(index), 1) }
    // trainer_spec: model_type BPE, unk 0, bos 1, eos 2, pad −1.
    let trainer: [UInt8] =
      [0x18, 2, 0xC0, 0x02, 0, 0xC8, 0x02, 1, 0xD0, 0x02, 2, 0xD8, 0x02] + Array(repeating: 0xFF, count: 9) + [1]
    file += [0x12, UInt8(trainer.count)] + trainer
    // normalizer_spec: name, add_dummy_prefix, remove_extra_whitespaces false.
    let normalizer: [UInt8] = [0x0A, 8] + Array("identity".utf8) + [0x18, 1, 0x20, 0]
    return file + [0x1A, UInt8(normalizer.count)] + normalizer
  }()

  /// Llama 3's lines: the bytes, then tokens longer than one.
  static let tiktoken: [UInt8] = {
    var pieces = (0...255).map { [UInt8($0)] }
    pieces += [" a", "ab", " ab", "abc", "bc"].map { Array($0.utf8) }
    let lines = pieces.enumerated().map { "\(Data($1).base64EncodedString()) \($0)\n" }
    return Array(lines.joined().utf8)
  }()
}
