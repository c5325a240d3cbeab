import Foundation
import LlamaModel
import RecipeFormat
import Testing

/// The project's top folder.
private let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

@Suite struct BuiltInRecipeTests {
  @Test func everyFileOfTheFolderRecipesIsBuiltInAsItIs() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: top.appending(path: "Recipes").path)
    #expect(Set(files) == Set(BuiltInRecipe.all.map { "\($0.name).yaml" }))
    for builtIn in BuiltInRecipe.all {
      let file = top.appending(path: "Recipes/\(builtIn.name).yaml")
      #expect(try String(contentsOf: file, encoding: .utf8) == builtIn.text)
    }
  }

  @Test func everyBuiltInRecipeIsValidAndSaysWhatItDoesCostsAndIsRunWith() throws {
    for builtIn in BuiltInRecipe.all {
      #expect(try Recipe(yaml: builtIn.text, source: builtIn.name).name == builtIn.name)
      let header = builtIn.text.split(separator: "\n").prefix { $0.hasPrefix("#") }
      #expect(builtIn.summary.hasSuffix(".") && builtIn.summary.count > 20)
      #expect(header.contains { $0.hasPrefix("# Costs ") })
      #expect(header.contains { $0.contains("extend train --recipe \(builtIn.name)") })
    }
  }

  @Test func recipesAreFoundByNameOrPathAndMissesAreExplained() throws {
    #expect(try Recipe.load("gradient-1m") == Recipe.load("gradient-1m.yaml"))
    #expect(try Recipe.load(top.appending(path: "Recipes/quickstart.yaml").path) == Recipe.load("quickstart"))
    for (name, part) in [
      ("gradient-1n", "did you mean gradient-1m?"), ("nothing", "built in are quickstart"),
      (top.path, "this is a folder"), ("/dev/zero", "/dev/zero: 1 problem"),
    ] {
      do throws(RecipeError) {
        _ = try Recipe.load(name)
        Issue.record("\(name) was loaded")
      } catch {
        #expect(error.description.contains(part))
      }
    }
  }

  @Test func gradientsNumbersAreThoseOfItsCard() throws {
    let recipe = try Recipe.load("gradient-1m")
    #expect(recipe.stages.map(\.context) == [65_536, 262_144, 524_288, 1_048_576])
    #expect(recipe.stages.map(\.tokens) == [62_914_560, 100_663_296, 419_430_400, 838_860_800])
    #expect(recipe.stages.allSatisfy { $0.learningRate == 2e-5 && $0.schedule == .constant(warmUp: .none) })
    let llama = RoPEDescription(originalContext: 8192, originalTheta: 500_000)
    let positions = try recipe.positions(startingFrom: llama, headSize: 128)
    #expect(positions.map(\.theta) == [15_296_098, 207_112_184, 1_062_356_830, 2_804_339_835])
    #expect(positions.map(\.trainedContext) == recipe.stages.map(\.context))
  }

  @Test func quickstartIsGradientsCurriculumAtASixtyFourth() throws {
    let (quick, full) = (try Recipe.load("quickstart"), try Recipe.load("gradient-1m"))
    #expect(quick.stages.map { $0.context * 64 } == full.stages.map(\.context))
    let tiny = RoPEDescription(originalContext: 128, originalTheta: 10_000)
    let thetas = try quick.positions(startingFrom: tiny, headSize: 32).map(\.theta)
    #expect(zip(thetas, thetas.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func easyContextsTokensAddUp() throws {
    let recipe = try Recipe.load("easycontext-512k")
    #expect(recipe.stages.map(\.tokens).reduce(0, +) == 3_674_112_000)
    #expect(recipe.stages.map(\.learningRate) == [2e-5, 2e-5, 2e-5, 2e-5, 2e-5, 2e-5, 1e-5])
    let llama2 = RoPEDescription(originalContext: 4096, originalTheta: 10_000)
    #expect(try recipe.positions(startingFrom: llama2, headSize: 128).last?.theta == 250_000_000)
  }

  @Test func longChatTrainsThreeEpochsOfItsEightyThousandConversations() throws {
    let recipe = try Recipe.load("longchat-16k")
    let stage = recipe.stages[0]
    #expect(stage.steps == 80_000 * 3 / 8 && stage.schedule.warmUp.steps(of: stage.steps) == 900)
    let llama = RoPEDescription(originalContext: 2048, originalTheta: 10_000)
    #expect(try recipe.positions(startingFrom: llama, headSize: 128)[0].scaling == .linear(factor: 8))
  }

  @Test func yarnReaches128KFromTheOriginalContext() throws {
    let llama2 = RoPEDescription(originalContext: 4096, originalTheta: 10_000)
    let positions = try Recipe.load("yarn-128k").positions(startingFrom: llama2, headSize: 128)
    #expect(positions.map(\.reach) == [65_536, 131_072])
    #expect(positions.map(\.trainedContext) == [65_536, 65_536])
  }

  @Test func smolLM2sThetasAreThoseOfTheComment() throws {
    let smol = RoPEDescription(originalContext: 8192, originalTheta: 100_000)
    let thetas = try Recipe.load("smollm2-32k").positions(startingFrom: smol, headSize: 64).map(\.theta)
    #expect(thetas == [120_810, 191_704, 304_202, 925_387])
  }

  @Test func aModelThatCannotTakeAStageIsNamedWithTheStage() throws {
    let linear = RoPEDescription(originalContext: 4096, originalTheta: 10_000, scaling: .linear(factor: 4))
    do throws(RecipeError) {
      _ = try Recipe.load("yarn-128k").positions(startingFrom: linear, headSize: 128)
      Issue.record("YaRN on linear was accepted")
    } catch {
      #expect(error.problems.map(\.path) == ["stages[0].rope"] && error.description.contains("linear"))
    }
  }

  @Test func everyKeyIsDocumented() throws {
    let document = try String(contentsOf: top.appending(path: "Docs/Recipes.md"), encoding: .utf8)
    let documented = Set(
      document.split(separator: "\n").compactMap { line -> String? in
        guard line.hasPrefix("| `") else { return nil }
        return line.dropFirst(3).split(separator: "`").first.map(String.init)
      })
    #expect(Recipe.keys.count > 60)
    #expect(Recipe.keys.filter { !documented.contains($0) } == [])
    #expect(documented.filter { !Recipe.keys.contains($0) } == [])
  }
}
