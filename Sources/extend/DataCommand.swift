import ArgumentParser
import Foundation
import TextCleaning

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Looks through data sets, and cleans them.",
    discussion: """
      Read are JSON arrays, JSON Lines and plain text, each also packed by gzip, told apart by their content. Records
      are ShareGPT, OpenAI messages, UltraChat, Alpaca, prompt and completion, or {"text"}. Training reads the same
      files by itself; the rules that prepare runs can be named in a recipe too (data.cleaning).

        extend data inspect chats.json --model M.gguf
        extend data prepare chats.json more.jsonl.gz -o clean.jsonl --rules all --keep-languages en
      """,
    subcommands: [DataInspectCommand.self, DataPrepareCommand.self, Rules.self])

  struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rules", abstract: "Lists the cleaning rules in the order they run.")

    func run() throws {
      try reportingFailures {
        let width = (CleaningRule.allCases.map(\.rawValue.count).max() ?? 0) + 2
        for rule in CleaningRule.allCases {
          Console.print(rule.rawValue.padding(toLength: width, withPad: " ", startingAt: 0) + rule.summary)
        }
        Console.print()
        for group in RuleGroup.allCases {
          Console.print("\(group.rawValue): " + group.rules.map(\.rawValue).joined(separator: ", "))
        }
        Console.print("languages: " + Language.allCases.map(\.rawValue).joined(separator: ", "))
        return .done
      }
    }
  }
}
