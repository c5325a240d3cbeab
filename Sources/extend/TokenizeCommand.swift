import ArgumentParser
import ChatTemplates
import Corpus
import Foundation
import AtomicFiles
import ModelFiles
import Tokenization

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Prints the token ids and pieces of a text, as the model's tokenizer cuts it.")

  @Argument(help: "A model file (GGUF), a Hugging Face folder, a tokenizer.json or a tokenizer.model.")
  var model: String
  @Argument(help: "A UTF-8 text file; - for standard input.") var file: String
  @Flag(help: "One JSON object: {\"tokens\": [ids], \"pieces\": [texts]}.") var json = false
  @Flag(name: .customLong("plain"), help: "Take special tokens such as <|im_end|> as ordinary text.") var plain = false
  @Flag(
    name: .customLong("json-lines"),
    help: "Each input line is a JSON string; each output line is the JSON list of its token ids.")
  var jsonLines = false
  @Flag(
    name: .customLong("decode"),
    help:
      "The other way: each input line is a JSON list of token ids; each output line is the JSON string of their text.")
  var decodes = false
  @Option(
    help: """
      Take FILE as conversations: render them by the model's chat template (ChatML where it has none), and keep the \
      tokens in this folder as training does; prints what became of them.
      """)
  var cache: String?
  @Option(
    name: .customLong("save-tokenizer"),
    help: "Also write the tokenizer into this folder as transformers reads it (tokenizer.json and its companions).")
  var savedTokenizer: String?

  func run() throws {
    try reportingFailures {
      let tokenizer = try Self.tokenizer(model)
      if let savedTokenizer { try save(tokenizer, savedTokenizer) }
      if let cache { return try keepTokens(tokenizer, cache) }
      let data = try readInput(file)
      if decodes { return try printTexts(data, tokenizer) }
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

  /// The tokenizer of whatever `path` is.
  private static func tokenizer(_ path: String) throws -> Tokenizer {
    let name = URL(filePath: path).lastPathComponent
    if name == "tokenizer.json" || name == "tokenizer.model" {
      let bytes = try TokenizerDescription.bytes(ofFile: path)
      return try Tokenizer(
        name == "tokenizer.json"
          ? TokenizerDescription(tokenizerJSON: bytes, file: path)
          : TokenizerDescription(tokenizerModel: bytes, file: path))
    }
    if ModelFile.isFolder(path) {
      return try Tokenizer(TokenizerDescription(huggingFaceFolder: path))
    }
    return try Tokenizer(of: ModelFile(path: path))
  }

  private func save(_ tokenizer: Tokenizer, _ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, bytes) in tokenizer.description.huggingFaceFiles() {
      try AtomicFile.write(String(decoding: bytes, as: UTF8.self), to: folder + "/" + name)
    }
  }

  private func keepTokens(_ tokenizer: Tokenizer, _ folder: String) throws -> Outcome {
    let template = tokenizer.description.chatTemplate ?? ChatTemplate.knownSources["chatml"] ?? ""
    let builder = try CorpusBuilder(files: [file], tokenizer: tokenizer, template: template, cacheFolder: folder)
    let corpus = try builder.build { progress in
      if Console.isTerminal { Console.progress("\(progress)") }
    }
    Console.print("\(corpus.report)")
    return .done
  }

  private func printTexts(_ data: Data, _ tokenizer: Tokenizer) throws -> Outcome {
    for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let ids = try? JSONDecoder().decode([TokenID].self, from: line),
        ids.allSatisfy({ (0..<TokenID(tokenizer.tokenCount)).contains($0) })
      else {
        throw InputError(
          "\(file):\(number + 1): found no JSON list of token ids; allowed are numbers from 0 to \(tokenizer.tokenCount - 1)"
        )
      }
      Console.stream(try encoded(tokenizer.decode(ids, keepingSpecials: true)) + "\n")
    }
    return .done
  }

  private func printLines(_ data: Data, _ tokenizer: Tokenizer) throws -> Outcome {
    for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let text = try? JSONDecoder().decode(String.self, from: line) else {
        throw InputError("\(file):\(number + 1): found no JSON string; allowed is one a line")
      }
      let ids = try JSONEncoder().encode(tokenizer.encode(text, parsingSpecials: !plain))
      Console.stream(String(decoding: ids, as: UTF8.self) + "\n")
    }
    return .done
  }
}

private struct TokenizedText: Encodable {
  var tokens: [TokenID]
  var pieces: [String]
}
