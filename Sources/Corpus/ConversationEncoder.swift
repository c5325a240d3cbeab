import ChatTemplates
import Tokenization

/// A document as the model reads it, with a label for each token.
struct EncodedDocument: Equatable, Sendable {
  var id: String
  var tokens: [TokenID]
  /// 1 where the token is to be learned, else 0; as many as `tokens`.
  var labelled: [UInt8]
  var turns: Int
  /// Learned assistant turns, and those whose end of turn is labelled.
  var assistantTurns: Int
  var endedTurns: Int
  /// Tokens half inside an assistant's words.
  var straddlingTokens: Int
  /// Whether the tokenizer's begin-of-text token was put in front.
  var hasAddedBOS: Bool
  /// Whether the words contain a control token's text; it is encoded as words.
  var hasControlText: Bool
}

/// Renders conversations by the model's own template and labels what the assistant says.
///
/// A token is labelled if it lies wholly inside a learned assistant turn's words, as the rendering itself places them.
/// So is the one stop token behind them, be it the padding token too, with white space that the template puts between
/// (Llama 2 writes `words </s>`). A token half inside is not labelled, and counted. A control token's text that somebody
/// wrote among the words stays words: it neither ends a turn nor is it learned as one.
struct ConversationEncoder: Sendable {
  /// Why a conversation has no document.
  enum Refusal: Error, Equatable, Sendable {
    /// The template's own words.
    case template(String)
    /// Not one token is labelled.
    case noLabels
    /// A control token's text among the words, and U+10FA57 too, which is used to tell it from a true one.
    case unwritable
    /// A chat, and there is no chat template.
    case noTemplate
  }

  let tokenizer: Tokenizer
  private let template: ChatTemplate?
  private let specials: SpecialTexts
  private let controlTexts: ControlTexts
  /// What the template's `strftime_now` writes; nil where it asks for no date.
  let date: CalendarDate?

  /// Parses the template once; without one only plain texts can be encoded.
  init(tokenizer: Tokenizer, template: String?, date: CalendarDate? = nil) throws(TemplateError) {
    self.tokenizer = tokenizer
    if let template { self.template = try ChatTemplate(template) } else { self.template = nil }
    self.date = self.template?.usesDate == true ? date : nil
    specials = SpecialTexts(tokenizer.description)
    controlTexts = ControlTexts(tokenizer)
  }

  /// One conversation's tokens and labels.
  func encode(_ conversation: Conversation) throws(Refusal) -> EncodedDocument {
    if conversation.isText { return try encodeText(conversation) }
    guard let template else { throw .noTemplate }
    var hasControlText = false
    let messages = conversation.turns.map { turn in
      let shielded = controlTexts.shielded(turn.content)
      hasControlText = hasControlText || shielded != nil
      return ChatMessage(role: turn.role.rawValue, content: shielded ?? turn.content, isTrained: turn.isTrained)
    }
    if hasControlText, conversation.turns.contains(where: { $0.content.contains(ControlTexts.shield) }) {
      throw .unwritable
    }
    var chat: RenderedChat
    var forged: [Int] = []
    do throws(TemplateError) { chat = try template.render(messages, specials: specials, date: date) } catch {
      throw .template(error.description)
    }
    if hasControlText {
      let shielded = ShieldedChat(chat)
      (chat, forged) = (shielded.chat, shielded.forged)
    }
    let encoded = encode(chat.text, forged: forged)
    var document = EncodedDocument(
      id: conversation.id, tokens: encoded.map(\.id), labelled: Array(repeating: 0, count: encoded.count),
      turns: conversation.turns.count, assistantTurns: 0, endedTurns: 0, straddlingTokens: 0, hasAddedBOS: false,
      hasControlText: hasControlText)
    label(chat, encoded, &document)
    guard document.labelled.contains(1) else { throw .noLabels }
    addBOS(&document)
    return document
  }

  /// A plain text's tokens and the end of text behind them, all labelled; control tokens' texts are words in it.
  private func encodeText(_ conversation: Conversation) throws(Refusal) -> EncodedDocument {
    var tokens: [TokenID] = []
    var hasControlText = false
    for turn in conversation.turns {
      tokens += tokenizer.encode(turn.content, parsingSpecials: false)
      hasControlText = hasControlText || controlTexts.shielded(turn.content) != nil
    }
    if tokens.isEmpty { throw .noLabels }
    if let eos = tokenizer.description.eos { tokens.append(eos) }
    var document = EncodedDocument(
      id: conversation.id, tokens: tokens, labelled: Array(repeating: 1, count: tokens.count),
      turns: conversation.turns.count, assistantTurns: 0, endedTurns: 0, straddlingTokens: 0, hasAddedBOS: false,
      hasControlText: hasControlText)
    addBOS(&document)
    return document
  }

  /// Labels each span, then the stop token behind it.
  private func label(_ chat: RenderedChat, _ encoded: [EncodedToken], _ document: inout EncodedDocument) {
    let text = chat.text.utf8.span
    var index = 0
    var ended: [Int: Bool] = [:]
    for span in chat.assistantSpans {
      let range = span.range
      while index < encoded.count, encoded[index].range.upperBound <= range.lowerBound { index += 1 }
      // An added space has an empty range, which stands before the words it belongs to.
      if index > 0, encoded[index - 1].range == range.lowerBound..<range.lowerBound { index -= 1 }
      var labelled: Range<Int>?
      while index < encoded.count, encoded[index].range.lowerBound < range.upperBound {
        let token = encoded[index].range
        if token.lowerBound >= range.lowerBound, token.upperBound <= range.upperBound {
          document.labelled[index] = 1
          labelled = (labelled?.lowerBound ?? index)..<index + 1
        } else {
          document.straddlingTokens += 1
        }
        index += 1
      }
      // A template's own block may count the end of turn to the words, and even what stands behind it.
      if let labelled, let stop = labelled.last(where: { tokenizer.stopTokens.contains(encoded[$0].id) }),
        isBlank(text, encoded[stop].range.upperBound..<range.upperBound)
      {
        for token in stop + 1..<labelled.upperBound { document.labelled[token] = 0 }
        ended[span.messageIndex] = true
        continue
      }
      let stop = stopToken(behind: range.upperBound, from: index, encoded, text)
      if let stop { for token in index...stop { document.labelled[token] = 1 } }
      ended[span.messageIndex] = stop != nil
    }
    document.assistantTurns = ended.count
    document.endedTurns = ended.values.count { $0 }
  }

  /// The stop token that follows a place with at most white space between.
  private func stopToken(behind end: Int, from start: Int, _ encoded: [EncodedToken], _ text: Span<UInt8>) -> Int? {
    var index = start
    var place = end
    while index < encoded.count {
      let token = encoded[index]
      if tokenizer.stopTokens.contains(token.id) { return isBlank(text, place..<token.range.lowerBound) ? index : nil }
      guard isBlank(text, place..<max(place, token.range.upperBound)) else { return nil }
      place = max(place, token.range.upperBound)
      index += 1
    }
    return nil
  }

  private func isBlank(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    range.allSatisfy { text[$0] == 0x20 || (0x09...0x0d).contains(text[$0]) }
  }

  /// Begin of text stands in front exactly once, if the tokenizer asks for it.
  private func addBOS(_ document: inout EncodedDocument) {
    guard let bos = tokenizer.description.bos, tokenizer.description.addsBOS else { return }
    if document.tokens.first != bos {
      document.tokens.insert(bos, at: 0)
      document.labelled.insert(0, at: 0)
      document.hasAddedBOS = true
    }
    while document.tokens.count > 1, document.tokens[1] == bos {
      document.tokens.remove(at: 1)
      document.labelled.remove(at: 1)
    }
  }
}
