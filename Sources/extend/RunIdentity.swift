import ArgumentParser
import Checkpointing
import Foundation
import GGUFFormat
import HDF5Storage
import LlamaModel
import RecipeFormat
import TensorCore
import Training

/// What a run is made of and never changes; every checkpoint carries it, so that one file is enough to go on or to
/// export.
struct RunIdentity {
  /// The effective recipe.
  var recipe: Recipe
  /// The model before the first stage.
  var configuration: LlamaConfiguration
  /// Metadata of the source file: tokenizer, template, name and licence.
  var source: Metadata
  /// The chat template that the data was rendered with.
  var template: String
  var dataFingerprint: String

  /// Checkpoint and tensors of a state; nothing is copied.
  func checkpoint(_ state: borrowing TrainingState) throws -> (Checkpoint, [CheckpointTensor], [CheckpointCodes]) {
    let position = state.position, stage = recipe.stages[min(position.stage, recipe.stages.count - 1)]
    let checkpoint = Checkpoint(
      position: CheckpointPosition(
        stageIndex: position.stage, stageName: stage.name, stepInStage: position.stepInStage,
        globalStep: position.step, tokensSeen: position.tokens, labelledTokensSeen: position.labelledTokens),
      state: [
        CheckpointKey.optimizerStep: .integer(Int64(state.optimizer.stepCount)),
        CheckpointKey.seed: .integer(Int64(recipe.seed)), CheckpointKey.dataFingerprint: .string(dataFingerprint),
        CheckpointKey.programVersion: .string(Extend.configuration.version),
        CheckpointKey.created: .string(Date().ISO8601Format()),
        CheckpointKey.nonFiniteStreak: .integer(Int64(position.nonFiniteStreak)),
        CheckpointKey.stepsOfEarlierStages: .integers(position.stepsOfEarlierStages.map(Int64.init)),
      ],
      documents: [
        CheckpointKey.recipe: Array(recipe.effectiveYAML.utf8),
        CheckpointKey.model: Array(try encoded(state.model.configuration).utf8),
        CheckpointKey.rope: Array(try encoded(state.model.configuration.rope).utf8),
        CheckpointKey.baseModel: Array(try encoded(configuration).utf8),
        CheckpointKey.chatTemplate: Array(template.utf8),
        CheckpointKey.tokenizer: try GGUFWriter(metadata: source, tensors: []).header,
      ])
    var tensors: [CheckpointTensor] = [], codes: [CheckpointCodes] = []
    for (index, parameter) in state.model.namedParameters.enumerated() {
      let axes = parameter.tensor.shape.extents.count > 1 ? ["output", "input"] : ["feature"]
      tensors.append(CheckpointTensor(.weight, parameter.name, axes: axes, parameter.tensor))
      guard !state.optimizer.settings.hasEightBitState else {
        let moments = state.optimizer.eightBitMoments[index], blocks = Shape(moments.firstScales.count)
        tensors += [
          CheckpointTensor(
            .firstMomentScales, parameter.name, axes: ["block"], Tensor(blocks, moments.firstScales)),
          CheckpointTensor(
            .secondMomentScales, parameter.name, axes: ["block"], Tensor(blocks, moments.secondScales)),
        ]
        codes += [
          CheckpointCodes(.firstMoment, parameter.name, moments.firstCodes),
          CheckpointCodes(.secondMoment, parameter.name, moments.secondCodes),
        ]
        continue
      }
      tensors.append(CheckpointTensor(.firstMoment, parameter.name, axes: axes, state.optimizer.firstMoments[index]))
      tensors.append(CheckpointTensor(.secondMoment, parameter.name, axes: axes, state.optimizer.secondMoments[index]))
    }
    return (checkpoint, tensors, codes)
  }

  /// What a checkpoint says about its run.
  init(_ reader: borrowing CheckpointReader) throws {
    let checkpoint = reader.checkpoint, path = reader.path
    func document(_ name: String) throws -> String {
      guard let text = checkpoint.text(name) else {
        throw InputError("\(path): the document \(name) is missing; use a checkpoint that extend train wrote")
      }
      return text
    }
    recipe = try Recipe(yaml: try document(CheckpointKey.recipe), source: path)
    configuration = try JSONDecoder().decode(
      LlamaConfiguration.self, from: Data(try document(CheckpointKey.baseModel).utf8))
    template = try document(CheckpointKey.chatTemplate)
    source = try GGUFFile(bytes: checkpoint.documents[CheckpointKey.tokenizer] ?? [], name: path).metadata
    dataFingerprint = checkpoint.string(CheckpointKey.dataFingerprint) ?? ""
  }

  init(recipe: Recipe, configuration: LlamaConfiguration, source: Metadata, template: String, dataFingerprint: String) {
    (self.recipe, self.configuration, self.source) = (recipe, configuration, source)
    (self.template, self.dataFingerprint) = (template, dataFingerprint)
  }

  /// The extents of a checkpoint's model, and the positions it was trained with.
  static func configuration(_ reader: borrowing CheckpointReader) throws -> LlamaConfiguration {
    let text = reader.checkpoint.text(CheckpointKey.model) ?? ""
    return try JSONDecoder().decode(LlamaConfiguration.self, from: Data(text.utf8))
  }

  /// The weights of a checkpoint, with the positions they were trained with.
  static func model(_ reader: borrowing CheckpointReader) throws -> Llama {
    try Llama(configuration(reader)) { parameter in
      try Self.tensor(reader, .weight, parameter, isParameter: true)
    }
  }

  /// The whole state of a checkpoint, which is closed then: the run may remove its file.
  func state(_ reader: consuming CheckpointReader) throws -> TrainingState {
    let checkpoint = reader.checkpoint
    var model = try Self.model(reader)
    model.precision = recipe.precision
    // The form is that of the recipe it was written with; a recipe that was changed knowingly may ask for the other.
    let written = try Recipe(yaml: checkpoint.text(CheckpointKey.recipe) ?? "", source: reader.path)
    var optimizer = AdamW(
      AdamW.Settings(written.optimizer), stepCount: checkpoint.integer(CheckpointKey.optimizerStep) ?? 0,
      firstMoments: [], secondMoments: [])
    for parameter in model.configuration.parameters {
      if optimizer.settings.hasEightBitState {
        optimizer.eightBitMoments.append(try Self.moments(reader, parameter))
      } else {
        optimizer.firstMoments.append(try Self.tensor(reader, .firstMoment, parameter))
        optimizer.secondMoments.append(try Self.tensor(reader, .secondMoment, parameter))
      }
    }
    optimizer.adopt(AdamW.Settings(recipe.optimizer), for: model)
    var position = TrainingPosition()
    position.stage = checkpoint.position.stageIndex
    position.stepInStage = checkpoint.position.stepInStage
    position.stepsOfEarlierStages = checkpoint.integers(CheckpointKey.stepsOfEarlierStages) ?? []
    position.step = checkpoint.position.globalStep
    position.tokens = checkpoint.position.tokensSeen
    position.labelledTokens = checkpoint.position.labelledTokensSeen
    position.nonFiniteStreak = checkpoint.integer(CheckpointKey.nonFiniteStreak) ?? 0
    return TrainingState(model: model, optimizer: optimizer, position: position)
  }

  private static func moments(
    _ reader: borrowing CheckpointReader, _ parameter: ParameterDescription
  ) throws -> EightBitMoments {
    let name = parameter.name
    let found = EightBitMoments(
      firstCodes: try reader.codes(.firstMoment, name),
      firstScales: try reader.tensor(.firstMomentScales, name).values,
      secondCodes: try reader.codes(.secondMoment, name),
      secondScales: try reader.tensor(.secondMomentScales, name).values)
    guard let found, found.firstCodes.count == parameter.shape.count else {
      throw InputError(
        "\(reader.path): moments of \(name): found codes and scales that are not those of shape \(parameter.shape), "
          + "which the checkpoint's own model.json gives it. Use an earlier checkpoint")
    }
    return found
  }

  /// A tensor of a checkpoint, of the parameter's shape.
  static func tensor(
    _ reader: borrowing CheckpointReader, _ role: TensorRole, _ parameter: ParameterDescription,
    isParameter: Bool = false
  ) throws -> Tensor {
    let tensor = try reader.tensor(role, parameter.name, isParameter: isParameter)
    guard tensor.shape == parameter.shape else {
      throw InputError(
        "\(reader.path): \(role.group)/\(parameter.name): found shape \(tensor.shape); allowed: \(parameter.shape), "
          + "by the checkpoint's own model.json. Use an earlier checkpoint")
    }
    return tensor
  }
}

extension AdamW.Settings {
  init(_ recipe: OptimizerRecipe) {
    self.init(
      beta1: recipe.beta1, beta2: recipe.beta2, epsilon: recipe.epsilon, weightDecay: recipe.weightDecay,
      hasEightBitState: recipe.state == .eightBit)
  }
}
