import LlamaModel
import ArgumentParser
import Checkpointing
import Corpus
import LlamaModel
import Logging
import ModelFiles
import RecipeFormat
import Tokenization
import Training

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Continues an interrupted run from its newest whole checkpoint, bit for bit.",
    discussion: """
      A checkpoint that is damaged is set aside and the one before is taken. A recipe or data set that has changed since
      is refused with a list of the differences; --accept-changes goes on with them knowingly.
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run")) var folder: String
  @Flag(name: .customLong("accept-changes"), help: "Go on although recipe.yaml or the data have changed.")
  var acceptsChanges = false
  @OptionGroup var options: RunOptions

  func run() throws {
    try options.run {
      let run = try RunFolder.resume(at: folder)
      let recipe = try Recipe(yaml: try run.folder.recipe(), source: run.folder.recipePath)
      let checkpoints = run.folder.checkpoints(keep: recipe.checkpoints.keepLast)
      guard let reader = try checkpoints.recover(warn: { log.warning("\($0)") }) else {
        Console.print("no whole checkpoint; the run starts at its beginning")
        let file = try ModelFile(startOf: recipe)
        var curriculum = try CurriculumRun(beginning: recipe, from: file, cacheFolder: options.cache.folder)
        curriculum.costs = .cached(file.configuration, recipe.precision, options.cache)
        curriculum.scratch = options.scratch
        return try curriculum.begin(with: file, in: run)
      }
      var identity = try RunIdentity(reader)
      let changes = recipe.diff(from: identity.recipe)
      if !changes.isEmpty {
        let list = changes.map { "  \($0)" }.joined(separator: "\n")
        guard acceptsChanges else {
          throw UsageError(
            "\(run.folder.recipePath) differs from the recipe of the newest checkpoint:\n\(list)\n"
              + "put it back, or go on with the changes: extend resume \(folder) --accept-changes")
        }
        Console.print("accepted changes:\n\(list)")
        identity.recipe = recipe
      }
      let tokenizer = try Tokenizer(
        TokenizerDescription(
          source: identity.source, vocabularySize: identity.configuration.vocabularySize))
      let data = try TrainingData(
        recipe, tokenizer: tokenizer, template: identity.template, cacheFolder: options.cache.folder)
      if data.corpus.fingerprint != identity.dataFingerprint {
        guard acceptsChanges else {
          throw UsageError(
            "the data have changed since the newest checkpoint (fingerprint \(data.corpus.fingerprint), was "
              + "\(identity.dataFingerprint)); put back \(recipe.data.paths.joined(separator: ", ")), or go on with "
              + "the changes: extend resume \(folder) --accept-changes")
        }
        identity.dataFingerprint = data.corpus.fingerprint
      }
      Console.print("resuming \(run.folder.path) from \(reader.path)")
      var state = try identity.state(reader)
      var curriculum = CurriculumRun(identity, tokenizer: tokenizer, data: data)
      curriculum.costs = .cached(identity.configuration, recipe.precision, options.cache)
      curriculum.scratch = options.scratch
      return try curriculum.carryOn(&state, in: run)
    }
  }
}
