import ChatTemplates
import Foundation
public import LlamaModel
public import Tokenization

/// What `ollama create` needs beside a GGUF: the template in Go's language, every stop token, the context.
public struct OllamaModelfile: Sendable {
  /// The whole file.
  public var text: String
  /// Whether the chat template could be written in Go's language.
  public var hasTemplate: Bool

  /// - Parameters:
  ///   - model: the GGUF's file name, in the same folder.
  ///   - description: a line about the model, or nil.
  public init(model: String, description: String?, configuration: LlamaConfiguration, tokenizer: Tokenizer) {
    let context = configuration.rope.trainedContext, source = tokenizer.description.chatTemplate
    let specials = SpecialTexts(tokenizer.description)
    let format = source.flatMap { try? ChatTemplate($0) }.flatMap { TurnFormat($0, specials: specials) }
    var lines = ["# Run it with: ollama create NAME -f THIS-FILE && ollama run NAME"]
    if let description { lines.append("# " + description.split(whereSeparator: \.isNewline).joined(separator: " ")) }
    lines += ["FROM ./" + model, ""]
    if let format {
      let template = format.goTemplate(without: tokenizer.description.addsBOS ? specials.bos : nil)
      lines += ["TEMPLATE \"\"\"" + template + "\"\"\"", ""]
      if format.beforeSystem == nil { lines += ["# The model was trained without system messages.", ""] }
    } else if source != nil {
      lines += ["# The chat template does more than Go's language can say; Ollama uses the one in the GGUF.", ""]
    } else {
      lines += ["# No chat template: a base model, which continues text.", "TEMPLATE \"{{ .Prompt }}\"", ""]
    }
    lines += tokenizer.stopTexts.map { "PARAMETER stop \(Self.quoted($0))" }
    let bytes = Self.gibibytes(configuration.cacheBytes(context: context))
    lines += [
      "", "# The context it was trained with; its keys and values take \(bytes) of memory in F16, beside the weights.",
      "# A smaller number takes proportionally less; OLLAMA_KV_CACHE_TYPE=q8_0 takes about half.",
      "PARAMETER num_ctx \(context)", "",
    ]
    (text, hasTemplate) = (lines.joined(separator: "\n"), format != nil)
  }

  private static func quoted(_ text: String) -> String {
    text.contains("\"") ? "\"\"\"\(text)\"\"\"" : "\"\(text)\""
  }

  private static func gibibytes(_ bytes: Double) -> String {
    bytes >= 0x1p30 ? String(format: "%.1f GiB", bytes / 0x1p30) : String(format: "%.0f MiB", max(1, bytes / 0x1p20))
  }
}

extension LlamaConfiguration {
  /// Bytes of the keys and values of so many tokens, in F16.
  fileprivate func cacheBytes(context: Int) -> Double {
    4 * Double(layerCount) * Double(context) * Double(keyHeadCount * headSize)
  }
}
