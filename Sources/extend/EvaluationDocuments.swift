import Corpus
import EvaluationSuites
import Foundation
import AtomicFiles
import ModelFiles

/// The user's texts.
enum EvaluationDocuments {
  /// The documents of a file or folder: `.jsonl` gives the "text" of each line, anything else is one text.
  static func read(_ path: String) throws -> [String] {
    if ModelFile.isFolder(path) {
      let names: [String]
      do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
        throw InputError("\(path): cannot be listed: \(FileError.reason(of: error))")
      }
      let texts = names.sorted().filter { $0.hasSuffix(".txt") || $0.hasSuffix(".md") }
      if texts.isEmpty { throw InputError("\(path): found no .txt or .md file in this folder; put texts there") }
      return try texts.flatMap { try read(path + "/" + $0) }
    }
    if ConversationFiles.hasChats(path) {
      throw InputError(
        "\(path): found conversations; allowed here are texts, a folder of them, or JSON lines with a \"text\" each")
    }
    let bytes = try readInput(path)
    if path.hasSuffix(".jsonl") {
      struct Line: Decodable { var text: String }
      return try lines(bytes, path, "an object with a \"text\"") { (line: Line) in line.text }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InputError("\(path): found bytes that are not UTF-8; allowed is UTF-8 text")
    }
    if !text.contains(where: { !$0.isWhitespace }) { throw InputError("\(path): found no text") }
    return [text]
  }

  /// Files of conversations between a user and an assistant; what cannot be read of them is told. Nil without any.
  static func chats(_ paths: [String]) throws -> ConversationFiles? {
    if paths.isEmpty { return nil }
    let files = try ConversationFiles(paths, progress: DataProgress().show)
    for warning in files.warnings { Console.error(warning) }
    return files
  }

  /// Conversations of LongEval topics.
  ///
  /// - Parameter path: for messages.
  static func conversations(_ bytes: Data, _ path: String) throws -> [LongEvalTopics.Conversation] {
    let list = try lines(bytes, path, "an object with \"topic\" and \"conversation\"") {
      (line: LongEvalTopics.Conversation) in line
    }
    if list.count < 2 { throw InputError("\(path): found \(list.count) conversations; at least two are needed") }
    return list
  }

  private static func lines<T: Decodable, U>(
    _ bytes: Data, _ path: String, _ form: String, _ value: (T) -> U
  ) throws -> [U] {
    try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
      number, line in
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { return nil }
      do { return value(try JSONDecoder().decode(T.self, from: Data(line))) } catch {
        throw InputError("\(path):\(number + 1): found something else than \(form); repair or remove the line")
      }
    }
  }
}
