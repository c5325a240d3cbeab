import Foundation
import GGUFFormat
import LlamaModel
import ModelFiles
import TestSupport
import Testing

extension ProgramTests {
  @Suite struct ChatTests {
    @Test func chatAnswersLineByLineFromAPipe() throws {
      try Workspace.with { workspace in
        let chat = try workspace.program.run(
          "chat", "model.gguf", "--max-tokens", "5", "--context", "200", "--system", "be brief",
          input: "hello\n\n/nonsense\nand now?\n/save kept.cache\n/reset\nhello\n/quit\nnever read\n")
        #expect(chat.code == 0, "\(chat.errors)")
        let turns = chat.errors.split(separator: "\n").filter { $0.contains("window") }
        #expect(turns.count == 3, "\(chat.errors)")
        #expect(turns.allSatisfy { $0.contains("tok/s") && $0.contains("of 200") }, "\(chat.errors)")
        #expect(chat.errors.contains("no command /nonsense") && chat.errors.contains("tokens in kept.cache"))
        // The same question to the same conversation has the same answer.
        let answers = chat.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(answers.count >= 4, "\(chat.output)")
        let again = try workspace.program.run(
          "chat", "model.gguf", "--max-tokens", "5", "--context", "200", "--system", "be brief", "--load-cache",
          "kept.cache",
          input: "hello\n")
        #expect(again.code == 0, "\(again.errors)")
        #expect(chat.output.hasPrefix(again.output), "\(chat.output) \(again.output)")
      }
    }

    @Test func aConversationThatDoesNotFitIsSaidSoAndGoesOn() throws {
      try Workspace.with { workspace in
        let long = String(repeating: "word ", count: 60)
        let chat = try workspace.program.run(
          "chat", "model.gguf", "--max-tokens", "3", "--context", "100", input: "\(long)\nhi\n"
        )
        #expect(chat.code == 0, "\(chat.errors)")
        #expect(chat.errors.contains("the window has 100") && chat.errors.contains("of 100"), "\(chat.errors)")
      }
    }

    @Test func `what cannot be done is told, and the conversation goes on`() throws {
      try Workspace.with { workspace in
        var metadata = TinyModel.metadata
        metadata["tokenizer.chat_template"] = .string(
          "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
            + "{% if messages[0].content != 'nothing' %}{{ messages[0].content }}{% endif %}")
        let model = Llama.random(TinyModel.configuration, scale: 0.1)
        try export(model, source: metadata, storage: .f32, to: workspace.path("rude.gguf"))
        let chat = try workspace.program.run(
          "chat", "rude.gguf", "--max-tokens", "3",
          input: "nothing\n/system be kind\nhi\n/save\n/save none/x\n/save rude.gguf\nhi\n")
        #expect(chat.code == 3 && !chat.isCrash, "\(chat)")
        for part in [
          "rude.gguf: the chat template makes no text", "rude.gguf: chat template, line 1", "no system here",
          "/save needs the name of a file", "none/x: cannot create the file",
          "rude.gguf: found something else than a saved",
        ] {
          #expect(chat.errors.contains(part), "no \(part) in \(chat.errors)")
        }
        #expect(chat.errors.components(separatedBy: "ended by --max-tokens").count == 3, "\(chat.errors)")
        #expect(try workspace.program.run("inspect", "rude.gguf").code == 0)
      }
    }

    @Test func controlCEndsAnAnswerAndAtThePromptTheProgram() throws {
      try Workspace.with { workspace in
        let keyboard = Pipe()
        let chat = try workspace.program.start(
          ["chat", "model.gguf", "--max-tokens", "100000", "--context", "100000"], pipe: keyboard)
        func said(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        func written() -> Int { (try? Data(contentsOf: URL(filePath: chat.outputPath)).count) ?? 0 }
        /// The tokens written, and those in the window afterwards.
        func turns() -> [(wrote: Int, window: Int)] {
          said(chat.errorPath).matches(of: /wrote (\d+) at .* window (\d+) of/).compactMap { match in
            Int(match.1).flatMap { wrote in Int(match.2).map { (wrote, $0) } }
          }
        }
        // A long answer is ended, then a short one to another question.
        for (turn, least) in [500, 1].enumerated() {
          let before = written()
          try keyboard.fileHandleForWriting.write(contentsOf: Data("question \(turn)\n".utf8))
          chat.wait { written() >= before + least }
          chat.send(SIGINT)
          chat.wait { turns().count == turn + 1 }
        }
        let found = turns()
        try #require(found.count == 2 && chat.process.isRunning, "\(said(chat.errorPath))")
        #expect(said(chat.errorPath).components(separatedBy: "ended by Ctrl-C").count == 3)
        // What was written of the first answer is in the window of the second.
        #expect(found[1].window > found[0].window + found[1].wrote, "\(found)")
        chat.send(SIGINT)
        let end = try chat.wait()
        #expect(!end.isCrash && end.code == 4, "\(end.code)")
        #expect(!end.errors.contains("question"), "\(end.errors)")
      }
    }

    @Test func generateSamplesStopsAndKeepsItsCache() throws {
      try Workspace.with { workspace in
        func run(_ more: String...) throws -> Finished {
          let plain = ["generate", "model.gguf", "--prompt", "the number", "--max-tokens", "20", "--ignore-stop"]
          return try workspace.program.start(plain + more).wait()
        }
        let plain = try run("--save-cache", "k.cache"), loaded = try run("--load-cache", "k.cache")
        #expect(plain.code == 0 && loaded.code == 0, "\(plain.errors)\(loaded.errors)")
        #expect(loaded.output == plain.output)
        #expect(loaded.errors.contains("of them before"), "\(loaded.errors)")
        #expect(try run("--floats").output == plain.output)
        let sampled = try run("--temperature", "1.5", "--seed", "3"),
          same = try run("--temperature", "1.5", "--seed", "3")
        #expect(sampled.output == same.output && sampled.output != plain.output)
        for option in [["--cache", "bf16"], ["--cache", "int8"], ["--precision", "bf16"], ["--stop", "e"]] {
          let other = try workspace.program.start(
            ["generate", "model.gguf", "--prompt", "a", "--max-tokens", "3"] + option
          ).wait()
          #expect(other.code == 0, "\(other.errors)")
        }
        var bytes = try workspace.data("k.cache")
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: workspace.program.folder + "/k.cache"))
        let damaged = try run("--load-cache", "k.cache")
        #expect(damaged.code == 3 && damaged.errors.contains("k.cache"), "\(damaged.errors)")
        #expect(
          damaged.errors.split(separator: "\n").filter { $0.contains("extend: ") }.count == 1, "\(damaged.errors)")
      }
    }
  }
}
