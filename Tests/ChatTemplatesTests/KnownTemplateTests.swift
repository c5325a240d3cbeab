import ChatTemplates
import Testing

@Suite struct KnownTemplateTests {
  /// The model's own template that each built-in one must equal.
  static let originals = [
    "chatml": "chatml", "smollm2": "smollm2", "qwen2": "qwen2", "llama-2": "llama2", "llama-3": "llama3",
    "mistral": "mistral-v01", "vicuna": "vicuna", "zephyr": "zephyr", "tinyllama": "tinyllama", "phi-3": "phi3",
    "gemma": "gemma", "deepseek": "deepseek-v2",
  ]

  @Test func `every built-in template has an original`() {
    #expect(Set(ChatTemplate.knownSources.keys) == Set(Self.originals.keys))
  }

  @Test(arguments: originals.keys.sorted())
  func `a built-in template renders as the model's own`(name: String) throws {
    let fixture = try Fixtures.templates()
    let template = try ChatTemplate(#require(ChatTemplate.knownSources[name]))
    let renderings = try #require(fixture.renderings[Self.originals[name] ?? ""])
    for (conversation, fields) in fixture.conversations {
      for (index, reference) in try #require(renderings[conversation]).enumerated() {
        let found = try? template.render(messages(fields), addingGenerationPrompt: index == 1, specials: specials).text
        switch reference {
        case .text(let text): #expect(found == text, "\(name), \(conversation)")
        case .error: #expect(found == nil, "\(name), \(conversation)")
        }
      }
    }
  }
}
