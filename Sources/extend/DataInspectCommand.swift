import ArgumentParser
import Corpus
import Foundation
import RecipeFormat
import Tokenization

struct DataInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Shows formats, roles, languages, broken records and lengths of data files.",
    discussion: """
      With a model, lengths are those of the rendered chats in its tokens, as training would see them. The last table
      tells how many chats are as long as each context: the stages' of a recipe, or the lengths given.
      """)

  @OptionGroup var source: DataSourceOptions
  @Option(help: "The recipe whose stages' contexts are counted by; a file or a built-in name.") var recipe: String?
  @Option(help: "Context lengths to count by, such as 4096,64K. (default: powers of four from 1K to 1M)")
  var lengths: String?
  @Option(help: "The chat template: a known name or a Jinja file. (default: the model's own)") var template: String?
  @Flag(help: "One JSON object instead of tables.") var json = false

  func validate() throws {
    _ = try chosenLengths()
    if lengths != nil, recipe != nil { throw ValidationError("--lengths and --recipe exclude each other") }
  }

  func run() throws {
    try reportingFailures {
      let tokenizer = try source.tokenizer()
      let inspector = try DataInspector(
        files: source.files, rules: ConversationRules(joinsParts: !source.separateParts, text: source.text),
        tokenizer: tokenizer, template: try templateSource(tokenizer), lengths: try contexts())
      let progress = DataProgress()
      let inspection = try inspector.inspect(progress: progress.show)
      if json { inspection.warnings.forEach { Console.error("\($0)") } }
      Console.print(json ? try encoded(inspection) : "\(inspection)")
      return .done
    }
  }

  private func templateSource(_ tokenizer: Tokenizer?) throws -> String? {
    try template.map { try templateText(named: $0, by: "--template") } ?? tokenizer?.description.chatTemplate
  }

  private func contexts() throws -> [Int] {
    if let recipe { return Set(try Recipe.load(recipe).stages.map(\.context)).sorted() }
    return try chosenLengths() ?? [1024, 4096, 16_384, 65_536, 262_144, 1_048_576]
  }

  private func chosenLengths() throws -> [Int]? {
    try lengths.map { try OptionList("--lengths", $0).lengths(in: InferenceOptions.counts) }
  }
}
