import Foundation
import GGUFFormat
import LlamaModel
import Kernels

extension Verifier {
  /// The angles: what llama.cpp would form, against what the file and the run say they were trained with.
  mutating func checkPositions(_ file: GGUFFile, _ configuration: LlamaConfiguration) {
    let metadata = file.metadata
    let architecture = ((try? metadata.find("general.architecture", as: String.self)) ?? nil) ?? "llama"
    let scaling = architecture + ".rope.scaling."
    let type = (try? metadata.find(scaling + "type", as: String.self)) ?? nil
    if let type, ["yarn", "longrope"].contains(type), metadata[scaling + "original_context_length"] == nil {
      note(
        .error, "key \(scaling)original_context_length", found: "no such key",
        expected: "the original model's context",
        repair: "llama.cpp takes the extended context instead, and forms other angles; write the key.")
    }
    for name in ModelFile.positionTensors.sorted() {
      guard let info = file.find(name) else { continue }
      if info.type != .f32 || info.shape != [configuration.headSize / 2] {
        note(
          .error, "tensor \(name)", found: "\(info.type) of shape \(info.shape)",
          expected: "F32 of shape [\(configuration.headSize / 2)]", repair: "Export the model again.")
      }
    }
    checkOwnCopy(file, configuration)
    checkWindow(configuration, architecture)
    if let expected = expectation?.configuration.rope, expected != configuration.rope {
      note(
        .error, "keys \(architecture).rope.*",
        found: "θ \(configuration.rope.theta), \(configuration.rope.scaling.name), context "
          + "\(configuration.rope.trainedContext)",
        expected: "θ \(expected.theta), \(expected.scaling.name), context \(expected.trainedContext), as the run says",
        repair: "Export the run again.")
    }
  }

  /// What each token sees, which llama.cpp's code of these architectures does not ask for.
  private mutating func checkWindow(_ configuration: LlamaConfiguration, _ architecture: String) {
    let key = "key \(architecture).attention.sliding_window"
    if let expected = expectation?.configuration, expected.slidingWindow != configuration.slidingWindow {
      func text(_ window: Int?) -> String { window.map { "\($0)" } ?? "no window" }
      note(
        .error, key, found: text(configuration.slidingWindow),
        expected: text(expected.slidingWindow) + ", as the run says", repair: "Export the run again.")
    }
    if let window = configuration.slidingWindow, window < configuration.rope.trainedContext {
      note(
        .note, key, found: "\(window) of \(configuration.rope.trainedContext) tokens",
        expected: "a program that keeps to it; llama.cpp passes over it",
        repair: "In texts longer than the window the model runs there otherwise than it was trained.")
    }
  }

  /// `extend.rope` is what the model was trained with; the keys that everyone reads must say the same.
  private mutating func checkOwnCopy(_ file: GGUFFile, _ configuration: LlamaConfiguration) {
    guard let text = (try? file.metadata.find(RoPEDescription.ownKey, as: String.self)) ?? nil else { return }
    guard let own = try? JSONDecoder().decode(RoPEDescription.self, from: Data(text.utf8)) else {
      return note(
        .warning, "key \(RoPEDescription.ownKey)", found: "text that is no description of positions",
        expected: "what extend export writes", repair: "Export the model again.")
    }
    let architecture = configuration.family.ggufArchitecture
    let context = (try? file.metadata.find(architecture + ".context_length", as: Int.self)) ?? nil
    if let context, context != own.trainedContext {
      note(
        .error, "key \(architecture).context_length", found: "\(context)",
        expected: "\(own.trainedContext), the context it was trained with by \(RoPEDescription.ownKey)",
        repair: "Programs take this for the context; write \(own.trainedContext), or export the model again.")
    } else if !own.isWritten(in: file, configuration.family, headSize: configuration.headSize) {
      note(
        .error, "keys \(architecture).rope.*",
        found: "θ \(configuration.rope.theta), \(configuration.rope.scaling.name)",
        expected: "θ \(own.theta), \(own.scaling.name), which it was trained with by \(RoPEDescription.ownKey)",
        repair: "The keys were edited: undo that, or export the model again.")
    }
  }
}
