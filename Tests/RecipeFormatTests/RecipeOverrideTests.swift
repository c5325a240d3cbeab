import LlamaModel
import RecipeFormat
import Testing

private func overridden(_ overrides: String...) throws -> Recipe {
  try Recipe.load("gradient-1m").applying(overrides: overrides)
}

private func failure(_ overrides: String...) throws -> String {
  do throws(RecipeError) {
    _ = try Recipe.load("gradient-1m").applying(overrides: overrides)
    return ""
  } catch {
    return error.description
  }
}

@Suite struct RecipeOverrideTests {
  @Test func valuesAreReplacedByTheirPaths() throws {
    let recipe = try overridden(
      "stages[1].steps=10", "optimizer.weight_decay=0", "stages.2.context=8k", "model=a.gguf", "seed = 7",
      "optimizer.betas[1]=0.999", "data.paths=[x.json, y.json]", "evaluation.passkey.samples=4", "stages[0].lr=1e-4",
      "checkpoints.every_minutes=5")
    #expect(recipe.stages[1].steps == 10 && recipe.stages[0].steps == 30)
    #expect(recipe.optimizer.weightDecay == 0 && recipe.optimizer.beta2 == 0.999)
    #expect(recipe.stages[2].context == 8192 && recipe.model == "a.gguf" && recipe.seed == 7)
    #expect(recipe.data.paths == ["x.json", "y.json"] && recipe.evaluation.passkey?.samples == 4)
    #expect(recipe.stages[0].learningRate == 1e-4 && recipe.checkpoints.everyMinutes == 5)
  }

  @Test func oneOfSeveralKeysTakesThePlaceOfTheOther() throws {
    let recipe = try overridden(
      "stages[0].tokens=4M", "stages[0].rope.theta=critical", "stages[1].rope={yarn: 32}", "stages[2].rope.linear=64",
      "stages[2].schedule.cosine.warmup_ratio=0.1", "stages[3].schedule=linear", "evaluation.passkey=null")
    #expect(recipe.stages[0].length == .tokens(4 << 20) && recipe.stages[0].rope == .theta(.critical))
    #expect(recipe.stages[1].rope == .yarn(YaRN(factor: 32)) && recipe.stages[2].rope == .linear(factor: 64))
    #expect(recipe.stages[2].schedule == .cosine(warmUp: .ratio(0.1), minimumRatio: 0))
    #expect(recipe.stages[3].schedule == .linear(warmUp: .none, minimumRatio: 0))
    #expect(recipe.evaluation.passkey == nil)
  }

  @Test func aSectionGrowsWhereThereWasNone() throws {
    let recipe = try overridden(
      "evaluation.passkey=null", "evaluation.passkey.depths=[0.5]", "stages[0].rope=unchanged"
    ).applying(overrides: ["stages[0].rope.yarn.factor=8"])
    #expect(recipe.evaluation.passkey == PasskeyRecipe(depths: [0.5]))
    #expect(recipe.stages[0].rope == .yarn(YaRN(factor: 8)))
  }

  @Test func nothingToReplaceChangesNothing() throws {
    #expect(try overridden() == Recipe.load("gradient-1m"))
  }

  @Test func mistakesNameTheOverrideAndTheRepair() throws {
    #expect(try failure("stages[9].steps=1").contains("stages has 4 entries — use an index from 0 to 3"))
    #expect(try failure("stages[0].stpes=1").contains("did you mean steps?"))
    #expect(try failure("stages[0].steps=ten").contains("--set stages[0].steps=ten: stages[0].steps: found \"ten\""))
    #expect(try failure("stages.steps=1").contains("write stages[0].steps=… for the first"))
    #expect(try failure("seed").contains("an override is path=value"))
    #expect(try failure("=1").contains("an override is path=value"))
    #expect(try failure("seed=").contains("write seed=null for none"))
    #expect(try failure("seed[0]=1").contains("seed is not a list"))
    #expect(try failure("stages[x].steps=1").contains("list indices in brackets"))
    #expect(try failure("stages[-1].steps=1").contains("has 4 entries"))
    #expect(try failure("a..b=1").contains("list indices in brackets"))
    #expect(try failure("seed=[").contains("not YAML"))
    let all = try failure("seed=x", "stages[0].steps=0", "optimizer.kind=adam", "nonsense", "b[=1")
    for part in ["5 problems", "seed=x", "steps=0", "write adamw", "nonsense", "b["] {
      #expect(all.contains(part), "\(all)")
    }
  }
}
