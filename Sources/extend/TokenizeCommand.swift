import ArgumentParser
import Foundation
import ModelFiles
import Tokenization

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Prints the token ids and pieces of a text, as the model's tokenizer cuts it.")

  @Argument(help: "A model: a GGUF file or a Hugging Face folder.") var model: String
  @Argument(help: "A UTF-8 text file; - for standard input.") var file: String
  @Flag(help: "One JSON object: {\"tokens\": [ids], \"pieces\": [texts]}.") var json = false
  @Flag(name: .customLong("plain"), help: "Take special tokens such as <|im_end|> as ordinary text.") var plain = false
  @Flag(
    name: .customLong("json-lines"),
    help: "Each input line is a JSON string; each output line is the JSON list of its token ids.")
  var jsonLines = false

  func run() throws {
    try reportingFailures {
      let tokenizer = try Tokenizer(of: ModelFile(path: model))
      let data = try readInput(file)
      if jsonLines { return try printLines(data, tokenizer) }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw InputError("\(file): found bytes that are not UTF-8; allowed is UTF-8 text; convert it with iconv")
      }
      let ids = tokenizer.encode(text, parsingSpecials: !plain)
      if json {
        let pieces = ids.map { tokenizer.decode([$0], keepingSpecials: true) }
        Console.print(try encoded(TokenizedText(tokens: ids, pieces: pieces)))
      } else {
        for id in ids {
          let piece = tokenizer.decode([id], keepingSpecials: true)
          Console.print("\(id)\t\(piece.debugDescription)")
        }
        Console.print("\(ids.count) tokens")
      }
      return .done
    }
  }

  private func printLines(_ data: Data, _ tokenizer: Tokenizer) throws -> Outcome {
    for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let text = try? JSONDecoder().decode(String.self, from: line) else {
        throw InputError("\(file):\(number + 1): found no JSON string; allowed is one a line")
      }
      Console.stream(
        "[" + tokenizer.encode(text, parsingSpecials: !plain).map(String.init).joined(separator: ",") + "]\n")
    }
    return .done
  }
}

private struct TokenizedText: Encodable {
  var tokens: [TokenID]
  var pieces: [String]
}
