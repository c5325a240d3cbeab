import ChatTemplates
import TestSupport
import Testing

@Suite struct SafetyTests {
  /// Renders; any TemplateError is fine, with a place in the template.
  @discardableResult func attempt(_ source: String, _ conversation: [ChatMessage] = turns("Hi", "Hello"))
    -> TemplateError?
  {
    do {
      _ = try ChatTemplate(source).render(conversation, specials: specials, date: date)
      return nil
    } catch {
      if case .unlabelled = error.kind {
      } else {
        #expect(error.line > 0 && error.column > 0 && !error.message.isEmpty, "\(source.prefix(200))")
      }
      return error
    }
  }

  @Test func `deep nesting is an error, wherever it stands`() {
    let n = 5_000
    func deep(_ open: String, _ middle: String, _ close: String) -> String {
      String(repeating: open, count: n) + middle + String(repeating: close, count: n)
    }
    let sources = [
      "{{ \(deep("(", "1", ")")) }}", "{{ \(deep("[", "1", "]")) }}", "{{ \(deep("{1:", "1", "}")) }}",
      "{{ \(deep("not ", "1", "")) }}",
      "{{ \(deep("-", "1", "")) }}", "{{ \(deep("f(", "1", ")")) }}", "{{ 1\(deep("", "", "+1")) }}",
      "{{ 'a'\(deep("", "", ".a")) }}",
      "{{ 'a'\(deep("", "", "|trim")) }}", "{{ 1\(deep("", "", " is odd")) }}", "{{ a\(deep("", "", "[0]")) }}",
      "{{ 1\(deep("", "", " if 1")) }}",
      "{{ 1\(deep("", "", " if 1 else 1")) }}", "{{ a\(deep("", "", "()")) }}", "{{ 1\(deep("", "", " or 1")) }}",
      "{{ 1\(deep("", "", " ** 1")) }}",
      deep("{% if 1 %}", "x", "{% endif %}"), deep("{% for x in [1] %}", "x", "{% endfor %}"),
      deep("{% set x %}", "x", "{% endset %}"),
      deep("{% macro f() %}", "x", "{% endmacro %}"), "{% set \(deep("(", "a", ")")) = 1 %}",
      "{% for \(deep("(", "a", ")")) in [] %}{% endfor %}",
      deep("{{ ", "", ""), deep("{% ", "", ""), deep("{# ", "", ""), "{{ '" + String(repeating: "\\", count: n),
      deep("{% raw %}", "", ""),
    ]
    for source in sources { #expect(attempt(source) != nil, "\(source.prefix(40))") }
  }

  @Test func `endless work is an error`() throws {
    func again(_ expression: String) -> String { "{% for i in range(20000) %}{{ \(expression) }}{% endfor %}" }
    func names(_ count: Int, _ value: String = "") -> String {
      (0..<count).map { "a\($0)\(value)" }.joined(separator: ",")
    }
    let marks = "{% set ns.x = ns.x + messages[1].content[:0] + messages[3].content[:0] %}"
    let sources = [
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
      "{% set ns = namespace(x='a') %}{% for i in range(99999) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
      "{% set ns = namespace(x='a') %}{% for i in range(99999) %}{% set ns.x = ns.x.replace('a', 'aa') %}{% endfor %}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
      "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}", "{{ 'a' * 9000000000000000000 }}",
      "{{ [1] * 9000000000000000000 }}",
      "{{ 'abc' * 1000000000 }}", "{{ 'a'.center(1000000000) }}", "{{ '%1000000000d' % 1 }}",
      "{{ '%999999d' % 1 * 100 }}", "{{ 'a' | indent(1000000000) }}",
      "{{ range(-9223372036854775807, 9223372036854775807) }}",
      "{{ range(0, 9223372036854775807, 100000000000000) | list }}",
      "{{ 2 ** 9999999999 }}", "{{ 10 ** 20 }}", "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
      "{{ 9223372036854775807 * 2 }}",
      "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}",
      "{{ (-9223372036854775807 - 1) | abs }}",
      "{{ 99999999999999999999 }}", "{{ 1e400 | int }}{{ 1e30 | int }}", "{{ 1 // 0 }}", "{{ 1.0 / 0 }}", "{{ 1 % 0 }}",
      "{{ 2.0 ** 99999 }}",
      "{{ [1] | batch(0) }}", "{{ [1] | slice(999999999) }}", "{{ [1] | batch(999999999, 0) | list }}",
      "{{ {'a': 1} | tojson(indent=100000) }}",
      // Each costs little to say and much to do, again and again.
      "{% set s = 'x' * 1000000 %}{{ range(20000) | list | tojson(separators=(s, ':')) }}",
      "{% set s = range(20000) | list %}\(again("'' ~ 1|tojson(separators=(s, s))"))",
      "{% set it = range(90000) | select %}\(again("'%r' % it"))",
      "{% set s = 'x' * 3000000 %}\(again("s | indent | length"))",
      "{% set s = 'x' * 3000000 %}\(again("s | center(1) | length"))",
      "{% set s = 'é' * 1500000 %}\(again("'a'.strip(s)"))", "{% set s = 'é' * 1500000 %}\(again("'a' | trim(s)"))",
      "{% set s = 'x' * 3000000 %}{{ range(50000) | sort(attribute=s) }}",
      "{% set s = 'x' * 3000000 %}{{ range(50000) | map(attribute=s, default=1) | list }}",
      // Empty texts that still carry the marks of two messages.
      "{% set ns = namespace(x='') %}{% for i in range(6000) %}\(marks){% endfor %}{{ ('a' + ns.x) * 100000 }}",
      "{% set ns = namespace(x='') %}{% for i in range(6000) %}\(marks){% endfor %}\(again("ns.x"))",
      "{% macro f(\(names(20_000)))  %}{% endmacro %}", "{{ f(\(names(20_000, "=1"))) }}",
      String(repeating: "{# a template longer than any #}", count: 10_000),
    ]
    let clock = ContinuousClock()
    for source in sources {
      var error: TemplateError?
      let time = clock.measure { error = attempt(source, turns("Hi", "Hello", "Hi", "Hello")) }
      #expect(error != nil, "\(source)")
      #expect(time < .seconds(5), "\(source) took \(time)")
    }
  }

  @Test func `odd but finite templates render`() throws {
    for source in [
      "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}{{ [ns] }}",
      "{% macro f() %}{{ f }}{% endmacro %}{{ f() }}",
      "{{ 'abc'[-9223372036854775807:9223372036854775807] }}{{ 'abc'[::9223372036854775807] }}{{ 'abc'[::-9223372036854775807] }}",
      "{{ [1, 2][9223372036854775807] }}{{ [1, 2][-9223372036854775807] }}{{ 'a'[9223372036854775807] }}",
      "{{ (-9223372036854775807 - 1) % -1 }}",
      "{{ range(9223372036854775800, 9223372036854775807, 5) | list }}", "{{ ('a' * 99999) | length }}",
      String(repeating: "{% if 1 %}x{% endif %}", count: 5000),
      "{% if 0 %}" + String(repeating: "{% elif 0 %}", count: 5000) + "{% endif %}",
      "{% set ns = namespace(x=1) %}{% for i in range(10000) %}{% set ns.x = namespace(y=ns.x) %}{% endfor %}ok",
    ] {
      #expect(attempt(source, []) == nil, "\(source.prefix(60)): \(String(describing: attempt(source, [])))")
    }
  }

  @Test func `an error names the line and the column`() throws {
    let error = try #require(attempt("line one\n{% if true %}\n  é{{ nothing.x }}\n{% endif %}"))
    #expect((error.line, error.column) == (3, 14))
    let syntax = #expect(throws: TemplateError.self) { try ChatTemplate("a\nb {% if x %}{% endfoo %}") }
    #expect(syntax?.kind == .syntax && syntax?.line == 2 && syntax?.column == 16)
    #expect(syntax?.message.contains("endfoo") ?? false)
    #expect(syntax?.message.contains("endif") ?? false)
    let unclosed = #expect(throws: TemplateError.self) { try ChatTemplate("\n\n {% for x in y %}") }
    #expect(unclosed?.line == 3 && unclosed?.message.contains("endfor") ?? false)
    let raised = try #require(attempt("{{ raise_exception('Only users!') }}"))
    #expect(raised.kind == .raised && raised.message == "Only users!")
    let unknown = try #require(attempt("{{ 'a' | shout }}"))
    #expect(unknown.message.contains("shout") && unknown.message.contains("upper"))
  }

  @Test(arguments: Fixtures.names) func `changed templates never crash or hang`(name: String) throws {
    let source = Array(try Fixtures.source(name).utf8)
    let words = [
      "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "'", "\"", "\\", "|", " ", "\n", ".", ",", "~",
      "*", "**", "//", "%", "0",
      "-1", "99999999999", "messages", "loop", "range(99999)", " if ", " else ", " for x in ",
      "{% for i in messages %}", "{% endfor %}", "{% if 1 %}",
      "{% endif %}", "{% else %}", "{% set x = ", "{% macro f() %}", "{% endmacro %}", "{{ f() }}", " is ", " not ",
      " in ", "|list", "|tojson", "[::-1]",
      "[1:]", ".split()", "none", "true", "{% generation %}", "{% endgeneration %}", "{% break %}", "{% raw %}", "é",
      "\u{0}", "content", "role",
    ].map { Array($0.utf8) }
    var random = SplitMix64(seed: UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) }))
    let conversation = [ChatMessage(role: "system", content: "S")] + turns("Hi", "<think>a</think>Hello", "b", " c ")
    for _ in 0..<300 {
      var bytes = source
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
        case 2: bytes.replaceSubrange(place..<end, with: words.randomElement(using: &random) ?? [])
        default:
          let from = Int.random(in: 0..<source.count, using: &random)
          bytes.insert(contentsOf: source[from..<min(source.count, from + 80)], at: place)
        }
      }
      attempt(String(decoding: bytes, as: UTF8.self), conversation)
    }
  }

  @Test func `a long chat renders in time that grows with its length only`() throws {
    let answer = String(repeating: "Lorem ipsum é dolor. ", count: 20)
    func chat(_ count: Int) -> [ChatMessage] {
      (0..<count).map { ChatMessage(role: $0 % 2 == 0 ? "user" : "assistant", content: answer) }
    }
    let clock = ContinuousClock()
    for name in Fixtures.names {
      let template = try ChatTemplate(try Fixtures.source(name))
      let long = chat(5_000)  // 2.2 MB
      var spans = 0
      let time = try clock.measure {
        spans = try template.render(long, specials: specials, date: date).assistantSpans.count
      }
      #expect(spans == 2_500, "\(name)")
      #expect(time < .seconds(8), "\(name) took \(time)")
    }
  }

  @Test func `a text built turn by turn costs its length`() throws {
    let source =
      "{% set ns = namespace(t='') %}{% for m in messages %}{% set ns.t = ns.t + m.role ~ ': ' ~ m.content ~ '\\n' %}{% endfor %}{{ ns.t }}"
    let conversation = (0..<20_000).map {
      ChatMessage(role: $0 % 2 == 0 ? "user" : "assistant", content: "content \($0) of some length")
    }
    let chat = try ChatTemplate(source).render(conversation)
    #expect(chat.assistantSpans.count == 10_000 && chat.spoken.last == "content 19999 of some length")
  }

  @Test func `rendering message by message ends with an error when the chat is too long for it`() throws {
    let source =
      "{% for m in messages %}<{{ m.role }}>{{ m.content | tojson }}</>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
    let template = try ChatTemplate(source)
    func chat(_ count: Int) -> [ChatMessage] {
      (0..<count).map { ChatMessage(role: $0 % 2 == 0 ? "user" : "assistant", content: "content") }
    }
    #expect(try template.render(chat(200)).assistantSpans.count == 100)
    let error = #expect(throws: TemplateError.self) { try template.render(chat(6_000)) }
    #expect(error?.message.contains("too long") ?? false)
  }
}
