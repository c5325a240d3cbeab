public import ArgumentParser
public import Corpus
import ModelFiles
public import TextCleaning
import Tokenization

/// Which files a data command reads, and how.
struct DataSourceOptions: ParsableArguments {
  @Argument(help: "Files of conversations or plain text, also packed by gzip.") var files: [String]
  @Option(help: "A model (GGUF or Hugging Face folder), in whose tokens lengths are. (default: lengths in characters)")
  var model: String?
  @Option(help: "How a plain text file becomes documents: whole, blank_lines or end_of_text (at <|endoftext|>).")
  var text: TextLayout = .whole
  @Flag(name: .customLong("separate-parts"), help: "Leave parts of one chat (ids NAME_0, NAME_12, …) as they are.")
  var separateParts = false

  /// The model's tokenizer; nil without a model.
  func tokenizer() throws -> Tokenizer? {
    try model.map { try Tokenizer(of: ModelFile(path: $0)) }
  }
}

extension TextLayout: ExpressibleByArgument {}
extension NearDuplicateOptions.Unit: ExpressibleByArgument {}
extension ConversationForm: ExpressibleByArgument {}
