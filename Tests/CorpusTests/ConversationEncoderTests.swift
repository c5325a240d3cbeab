import ChatTemplates
import Testing
import Tokenization

@testable import Corpus

@Suite struct ConversationEncoderTests {
  /// The labelled tokens as text, runs of them apart.
  private func labelledRuns(_ document: EncodedDocument, _ tokenizer: Tokenizer) -> [String] {
    var runs: [[TokenID]] = []
    for (index, token) in document.tokens.enumerated() where document.labelled[index] == 1 {
      if index > 0, document.labelled[index - 1] == 1 {
        runs[runs.count - 1].append(token)
      } else {
        runs.append([token])
      }
    }
    return runs.map { tokenizer.decode($0, keepingSpecials: true) }
  }

  @Test func labelledTokensAreTheLearnedAnswersAndTheirEndsOfTurn() throws {
    let tokenizer = try Toy.byteLevel()
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: Toy.chatML)
    for seed in UInt64(0)..<300 {
      let turns = Toy.conversation(seed: seed)
      let answers = turns.filter { $0.role == .assistant && $0.isTrained }.map { $0.content + "<|im_end|>" }
      guard !answers.isEmpty else {
        #expect(throws: ConversationEncoder.Refusal.noLabels) { try encoder.encode(conversation("", turns)) }
        continue
      }
      let document = try encoder.encode(conversation("", turns))
      #expect(labelledRuns(document, tokenizer) == answers)
      #expect(document.straddlingTokens == 0)
      #expect(document.assistantTurns == answers.count && document.endedTurns == answers.count)
      let text = turns.map { "<|im_start|>\($0.role.rawValue)\n\($0.content)<|im_end|>\n" }.joined()
      #expect(tokenizer.decode(document.tokens, keepingSpecials: true) == text)
      #expect(document.tokens == tokenizer.encode(text, parsingSpecials: true))
    }
  }

  @Test func sentencePieceAnswersAreLabelledWithTheSpaceBeforeTheStopToken() throws {
    let tokenizer = try Toy.sentencePiece()
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: Toy.llama2)
    let turns = [Turn(.user, "he"), Turn(.assistant, "hello "), Turn(.user, "o"), Turn(.assistant, "he 日")]
    let document = try encoder.encode(conversation("", turns))
    // The space in front belongs to the template, but SentencePiece writes it and "hel" as one token.
    let runs = labelledRuns(document, tokenizer)
    #expect(document.endedTurns == 2)
    #expect(runs.count == 2)
    #expect(runs[0].hasSuffix("lo </s>") && runs[1].hasSuffix("日 </s>"), "\(runs)")
    #expect(document.straddlingTokens == 2)
    #expect(document.tokens.count { $0 == 1 } == 2 && document.tokens[0] == 1 && !document.hasAddedBOS)
  }

  @Test func aTokenHalfInsideAnAnswerIsCountedAndNotLabelled() throws {
    let tokenizer = try Toy.byteLevel()
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: Toy.chatML)
    let document = try encoder.encode(conversation("", [Turn(.user, "q"), Turn(.assistant, "\n\nhel")]))
    // The template's line feed and the answer's first are one token.
    #expect(document.straddlingTokens == 1)
    #expect(labelledRuns(document, tokenizer) == ["\nhel<|im_end|>"])
  }

  @Test func beginOfTextStandsInFrontExactlyOnce() throws {
    let turns = [Turn(.user, "q"), Turn(.assistant, "a")]
    for (addsBOS, template, isAdded) in [
      (true, Toy.chatML, true), (false, Toy.chatML, false), (true, "{{ bos_token }}" + Toy.chatML, false),
      (true, "{{ bos_token + bos_token }}" + Toy.chatML, false),
    ] {
      let tokenizer = try Toy.byteLevel(addsBOS: addsBOS)
      let bos = try #require(tokenizer.description.bos)
      let document = try ConversationEncoder(tokenizer: tokenizer, template: template).encode(conversation("", turns))
      #expect(document.tokens.count { $0 == bos } == (addsBOS ? 1 : 0))
      #expect((document.tokens.first == bos) == addsBOS)
      #expect(document.hasAddedBOS == isAdded)
      #expect(document.labelled.count == document.tokens.count)
      #expect(labelledRuns(document, tokenizer) == ["a<|im_end|>"])
    }
  }

  @Test func aGenerationBlockThatHoldsTheEndOfTurnLabelsItOnce() throws {
    let tokenizer = try Toy.byteLevel()
    let template =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' %}{% generation %}"
      + "{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}"
      + "{{ '\\n' }}{% endfor %}<|im_end|>"
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: template)
    let document = try encoder.encode(conversation("", [Turn(.user, "q"), Turn(.assistant, "hel")]))
    #expect(labelledRuns(document, tokenizer) == ["hel<|im_end|>"])
    #expect(document.endedTurns == 1 && document.assistantTurns == 1)
  }

  @Test func aStopTokenBehindOtherWordsIsNotTheAnswersEnd() throws {
    let template =
      "{% for m in messages %}{{ m.role + ':' + m.content + ' (end) <|im_end|>' }}{% endfor %}"
    let encoder = try ConversationEncoder(tokenizer: Toy.byteLevel(), template: template)
    let document = try encoder.encode(conversation("", [Turn(.user, "q"), Turn(.assistant, "a")]))
    #expect(document.assistantTurns == 1 && document.endedTurns == 0)
    #expect(document.labelled.count { $0 == 1 } == 1)
  }

  @Test func wordsThatForgeAControlTokenStayWords() throws {
    let tokenizer = try Toy.byteLevel()
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: Toy.chatML)
    let question = "say <<|im_end|> <s><s> the <|im_en"
    let answer = "hel<|im_start|>hello 日<|im_end|>"
    let document = try encoder.encode(
      conversation("", [Turn(.user, question), Turn(.assistant, answer), Turn(.user, "q"), Turn(.assistant, "a")]))
    #expect(document.hasControlText)
    #expect(labelledRuns(document, tokenizer) == [answer + "<|im_end|>", "a<|im_end|>"])
    #expect(document.endedTurns == 2 && document.straddlingTokens == 0)
    // As if only the template's own control tokens were parsed.
    func plain(_ text: String) -> [TokenID] { tokenizer.encode(text, parsingSpecials: false) }
    let start = try #require(tokenizer.id(of: "<|im_start|>"))
    let end = try #require(tokenizer.id(of: "<|im_end|>"))
    let first = [start] + plain("user\n" + question) + [end] + plain("\n")
    let second = [start] + plain("assistant\n" + answer) + [end] + plain("\n")
    let rest = tokenizer.encode(
      "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\na<|im_end|>\n", parsingSpecials: true)
    #expect(document.tokens == first + second + rest)
    #expect(throws: ConversationEncoder.Refusal.unwritable) {
      try encoder.encode(conversation("", [Turn(.user, "<s>\u{10fa57}"), Turn(.assistant, "a")]))
    }
  }

  @Test func manyForgedControlTokensAreFoundInOnePass() throws {
    let tokenizer = try Toy.byteLevel()
    let encoder = try ConversationEncoder(tokenizer: tokenizer, template: Toy.chatML)
    let forged = String(repeating: "<|im_end|>", count: 100_000)
    let document = try encoder.encode(conversation("", [Turn(.user, forged), Turn(.assistant, forged)]))
    let end = try #require(tokenizer.id(of: "<|im_end|>"))
    #expect(document.tokens.count { $0 == end } == 2)
    #expect(labelledRuns(document, tokenizer) == [forged + "<|im_end|>"])
  }

  @Test func theTemplatesOwnRefusalIsPassedOn() throws {
    let encoder = try ConversationEncoder(tokenizer: Toy.sentencePiece(), template: Toy.llama2)
    let error = #expect(throws: ConversationEncoder.Refusal.self) {
      try encoder.encode(conversation("", [Turn(.system, "s"), Turn(.user, "q"), Turn(.assistant, "a")]))
    }
    guard case .template(let words)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.contains("no system turns"))
  }

  @Test func encodingOnManyThreadsGivesTheSameInTheSameOrder() throws {
    let encoder = try ConversationEncoder(tokenizer: Toy.byteLevel(), template: Toy.chatML)
    let conversations = (0..<200).map { conversation("c\($0)", Toy.conversation(seed: UInt64($0))) }
    let parallel = encoder.encode(conversations)
    #expect(parallel.count == conversations.count)
    for (result, item) in zip(parallel, conversations) {
      #expect(result == Result { () throws(ConversationEncoder.Refusal) in try encoder.encode(item) })
    }
  }
}
