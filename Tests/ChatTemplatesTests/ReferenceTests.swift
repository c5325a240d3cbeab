import ChatTemplates
import Testing

/// Renderings against those of Jinja2 itself, set up as Hugging Face does it.
@Suite struct ReferenceTests {
  @Test(arguments: Fixtures.names) func `a model's template renders as Jinja2 renders it`(name: String) throws {
    let fixture = try Fixtures.templates()
    let template = try ChatTemplate(try Fixtures.source(name))
    let renderings = try #require(fixture.renderings[name])
    #expect(renderings.count == fixture.conversations.count)
    for (conversation, fields) in fixture.conversations {
      // Some conversations cannot be labelled in some templates; their text must be right all the same.
      let untrained = messages(fields).map {
        ChatMessage(role: $0.role, content: $0.content, isTrained: false, fields: $0.fields)
      }
      for (index, reference) in try #require(renderings[conversation]).enumerated() {
        let found = Result { () throws(TemplateError) in
          try template.render(untrained, addingGenerationPrompt: index == 1, specials: specials, date: date).text
        }
        switch (reference, found) {
        case (.text(let text), .success(let own)): #expect(own == text, "\(name), \(conversation)")
        case (.error(kind: "TemplateError", let message), .failure(let error)):
          #expect(error.kind == .raised && error.message == message && error.line > 0, "\(name), \(conversation)")
        case (.error, .failure(let error)):
          #expect(error.kind == .evaluation && error.line > 0, "\(name), \(conversation)")
        case (_, .success(let own)):
          Issue.record("\(name), \(conversation): rendered \(own), Jinja2 refuses: \(reference)")
        case (_, .failure(let error)): Issue.record("\(name), \(conversation): \(error), Jinja2 gives \(reference)")
        }
      }
    }
  }

  @Test func `the fixtures cover every template file`() throws {
    #expect(Set(try Fixtures.templates().renderings.keys) == Set(Fixtures.names))
  }

  @Test func `small templates give what Jinja2 gives, and fail where it fails`() throws {
    let fixture = try Fixtures.expressions()
    #expect(fixture.cases.count > 300)
    let conversation = messages(fixture.messages).map {
      ChatMessage(role: $0.role, content: $0.content, isTrained: false)
    }
    for each in fixture.cases {
      let found = Result { () throws(TemplateError) in
        try ChatTemplate(each.template).render(conversation, specials: specials, date: date).text
      }
      switch (each.result, found) {
      case (.text(let text), .success(let own)): #expect(own == text, "\(each.template)")
      case (.error(let kind, _), .failure(let error)):
        #expect(error.line > 0 && error.column > 0, "\(each.template)")
        #expect(
          (kind == "TemplateSyntaxError") == (error.kind == .syntax) || kind == "SyntaxError",
          "\(each.template): \(kind), \(error)")
      case (_, .success(let own)):
        Issue.record("\(each.template) gives \(own.debugDescription); Jinja2: \(each.result)")
      case (_, .failure(let error)): Issue.record("\(each.template): \(error); Jinja2: \(each.result)")
      }
    }
  }
}
