import ChatTemplates
import Tokenization

extension Verifier {
  /// Renders a short chat as programs do, and looks at its first and last tokens.
  mutating func checkTemplate(_ tokenizer: Tokenizer) {
    let subject = "key tokenizer.chat_template"
    guard let source = tokenizer.description.chatTemplate else {
      return note(
        .warning, subject, found: "no such key", expected: "a chat template, unless this is a base model",
        repair: "Programs guess a template then; write the one the model was trained with.")
    }
    let chat = [ChatMessage(role: "user", content: "Question"), ChatMessage(role: "assistant", content: "Answer")]
    let specials = SpecialTexts(tokenizer.description)
    let rendered: RenderedChat
    do {
      let template = try ChatTemplate(source)
      rendered = try template.render(chat, specials: specials)
    } catch {
      return note(
        .warning, subject, found: "a template that cannot be rendered: \(error)",
        expected: "Jinja as transformers has it",
        repair: "Other programs may fail with it too; simplify the template.")
    }
    checkBeginning(rendered.text, tokenizer, subject)
    guard let answer = rendered.assistantSpans.last?.range.upperBound else { return }
    let rest = String(decoding: Array(rendered.text.utf8)[answer...], as: UTF8.self)
    let next = tokenizer.encode(rest.trimmed, parsingSpecials: true).first
    guard let next, [.control, .userDefined].contains(tokenizer.type(of: next)) else {
      return note(
        .warning, subject, found: "no special token after an answer", expected: "an end-of-turn token",
        repair: "The model may go on speaking for the user; use a template that ends turns.")
    }
    if !tokenizer.stopTokens.contains(next) {
      note(
        .error, subject, found: "answers that end with \"\(tokenizer.description.tokens[Int(next)])\" (\(next))",
        expected: "one of the tokens that end a generation: \(tokenizer.stopTexts.joined(separator: ", "))",
        repair: "The model would never stop; write that token as tokenizer.ggml.eot_token_id.")
    }
  }

  private mutating func checkBeginning(_ text: String, _ tokenizer: Tokenizer, _ subject: String) {
    let description = tokenizer.description
    guard let bos = description.bos else { return }
    let tokens = tokenizer.encode(text, parsingSpecials: true), written = tokens.prefix { $0 == bos }.count
    if written > 1 {
      note(
        .error, subject, found: "\(written) begin-of-text tokens at the beginning", expected: "at most one",
        repair: "Two of them derange many models; remove one from the template.")
    } else if written == 1, description.addsBOS {
      note(
        .note, subject, found: "a begin-of-text token, which tokenizer.ggml.add_bos_token adds too",
        expected: "programs that put it only once, as llama.cpp and this one do",
        repair: "With a program that does not, remove it from the template.")
    }
  }
}

extension String {
  /// Without white space at its beginning.
  fileprivate var trimmed: String { String(drop { $0.isWhitespace }) }
}

extension Tokenizer {
  /// The texts of the tokens that end a generation, by id.
  var stopTexts: [String] { stopTokens.sorted().map { description.tokens[Int($0)] } }
}
