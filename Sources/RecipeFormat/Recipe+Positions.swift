public import LlamaModel

extension Recipe {
  /// The positions of each stage, for a model that is now as `model` says.
  ///
  /// - Throws: `RecipeError` that names the first stage whose change the model cannot take.
  public func positions(
    startingFrom model: RoPEDescription, headSize: Int
  ) throws(RecipeError) -> [RoPEDescription] {
    var descriptions: [RoPEDescription] = []
    for (index, stage) in stages.enumerated() {
      do throws(RoPEError) {
        let before = descriptions.last ?? model
        descriptions.append(try before.applying(stage.rope, context: stage.context, headSize: headSize))
      } catch {
        throw RecipeError(
          source: name,
          problems: [
            RecipeProblem(
              path: "stages[\(index)].rope", found: stage.rope.name, rule: "the model cannot take it",
              repair: error.description)
          ])
      }
    }
    return descriptions
  }
}
