import ArgumentParser
import Foundation
import AtomicFiles
import RecipeFormat

struct RecipesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes", abstract: "Lists the built-in recipes, shows one, or copies one to a file.",
    subcommands: [List.self, Show.self, Copy.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "One line for each recipe.")
    func run() throws {
      try reportingFailures {
        let width = BuiltInRecipe.all.map(\.name.count).max() ?? 0
        for recipe in BuiltInRecipe.all {
          Console.print(recipe.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + recipe.summary)
        }
        return .done
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Prints a recipe as it is written.")
    @Argument(help: "The name of a built-in recipe.") var name: String
    func run() throws {
      try reportingFailures {
        Console.stream(try Recipe.text(of: name).text)
        return .done
      }
    }
  }

  struct Copy: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "copy", abstract: "Copies a recipe to a file, to change it there.")
    @Argument(help: "The name of a built-in recipe.") var name: String
    @Argument(help: "The file to make. An existing file is not overwritten.") var file: String
    func run() throws {
      try reportingFailures {
        let text = try Recipe.text(of: name).text
        if FileManager.default.fileExists(atPath: file) {
          throw UsageError("\(file) exists already; name another file or remove it")
        }
        do {
          try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
        } catch {
          throw UsageError("\(file) cannot be written: \(FileError.reason(of: error))")
        }
        Console.print("copied \(name) to \(file); run it with: extend train --recipe \(file)")
        return .done
      }
    }
  }
}
