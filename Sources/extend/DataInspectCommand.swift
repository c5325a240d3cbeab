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
  @Option(help: "Context lengths to count by, such as 4096,65536. (default: powers of four from 1024 to 1048576)")
  var lengths: String?
  @Option(help: "The chat template: a known name or a Jinja file. (default: the model's own)") var template: String?
  @Flag(help: "One JSON object instead of tables.") var json = false

  func validate() throws {
    if let lengths, Self.numbers(lengths) == nil {
      throw ValidationError(
        "--lengths must be whole numbers above 0 with commas between, such as 4096,65536; got \(lengths)")
    }
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
    return lengths.flatMap(Self.numbers) ?? [1024, 4096, 16_384, 65_536, 262_144, 1_048_576]
  }

  private static func numbers(_ text: String) -> [Int]? {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ ($0 ?? 0) > 0 }) else { return nil }
    return Set(numbers.compactMap { $0 }).sorted()
  }
}
