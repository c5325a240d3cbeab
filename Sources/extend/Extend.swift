import ArgumentParser
import Foundation

/// The root of the command line.
@main struct Extend: ParsableCommand {
  static let version = "0.1.0"
  static let configuration = CommandConfiguration(
    commandName: "extend",
    abstract: "Gives a Llama-family model a longer context window, and proves that it works.",
    discussion: """
      A recipe names stages; each trains the model at one context length after changing its rotary positions.
      The model comes from a GGUF file or a Hugging Face folder and leaves as either. Everything runs on the CPU, in one binary.

        extend recipes                                   what is built in
        extend plan --recipe smollm2-32k --model M.gguf  stages, memory and hours, before anything runs
        extend train --recipe quickstart                 a whole curriculum in a few minutes, no download
        extend data inspect chats.json.gz                what is in a data set, before anything is trained
        extend resume RUN                                after Ctrl-C, a crash or a power cut: bit for bit
        extend evaluate BASE.gguf TUNED.gguf --out E     what of its window each can use, and what was lost
        extend serve M.gguf                              for Open WebUI, lm-eval and other programs
        extend report RUN                                curves, heat maps and tables in one HTML file
        extend export RUN --quantization q8_0            a GGUF that llama.cpp, Ollama and LM Studio run
        extend verify M.gguf                             would they really, and would the model stop

      Exit codes: 0 done, 2 usage or recipe error, 3 bad input file, 4 interrupted but resumable,
      5 stopped by a gate that failed, by a loss that was not finite or by data without labels; all is saved.
      """,
    version: version,
    subcommands: [
      TrainCommand.self, ResumeCommand.self, PlanCommand.self, CheckCommand.self, RecipesCommand.self,
      StatusCommand.self, DataCommand.self, EvaluateCommand.self, ReportCommand.self, GenerateCommand.self,
      ChatCommand.self,
      ServeCommand.self, TokenizeCommand.self, ExportCommand.self, VerifyCommand.self, InspectCommand.self,
      DoctorCommand.self,
      BenchCommand.self,
    ])

  /// Runs the command line; a usage error ends with 2, as a recipe error does, instead of the parser's 64.
  static func main() {
    StandardStreams.secure()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      try? FileHandle.standardError.write(contentsOf: Data((fullMessage(for: error) + "\n").utf8))
      exit(withError: ExitCode(Outcome.usage.rawValue))
    }
  }
}
