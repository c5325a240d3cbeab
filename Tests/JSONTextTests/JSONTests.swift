import JSONText
import TestSupport
import Testing

/// JSON text into values and out again.
struct JSONTests {
  static func parsed(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test func `members keep their order and numbers their spelling`() throws {
    let text = """
      {
        "b": 1e-05,
        "a": [
          8.0,
          8,
          -0.5E+3
        ],
        "c": {},
        "d": [],
        "e": "tab\\t \\"quote\\" \\\\ é 😀",
        "f": null,
        "g": true,
        "h": false
      }
      """
    #expect(try Self.parsed(text).text() == text)
  }

  @Test func `escapes are resolved, control characters written as escapes`() throws {
    let value = try Self.parsed(#""\u0041\ud83d\ude00\/\b\f\n\r\t\u0000""#)
    #expect(value == .string("A😀/\u{8}\u{c}\n\r\t\0"))
    #expect(value.text() == #""A😀/\b\f\n\r\t\u0000""#)
    #expect(try Self.parsed(value.text()) == value)
  }

  @Test func `every style writes what json.dumps does with the same choices`() {
    let value: JSONValue = ["a": [1, "é😀\u{7f}\u{1f}\"\\"], "b": [:]]
    #expect(value.text(.line) == #"{"a": [1, "é😀"# + "\u{7f}" + #"\u001f\"\\"], "b": {}}"#)
    #expect(value.text(.compact) == #"{"a":[1,"é😀"# + "\u{7f}" + #"\u001f\"\\"],"b":{}}"#)
    #expect(
      value.text(JSONStyle(escapesNonASCII: true)) == #"{"a": [1, "\u00e9\ud83d\ude00\u007f\u001f\"\\"], "b": {}}"#)
    #expect(JSONValue.array([1, ["a": 2]]).text(JSONStyle(indent: "\t")) == "[\n\t1,\n\t{\n\t\t\"a\": 2\n\t}\n]")
    var bytes = Array("x".utf8)
    value["b"].write(to: &bytes, .line)
    #expect(bytes == Array("x{}".utf8))
  }

  @Test(arguments: [
    ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), ("{\"a\"}", 4), ("{\"a\":1,}", 7), ("{\"a\":1,\"a\":2}", 7),
    ("01", 1),
    ("1.", 2), ("1e", 2), ("-", 1), ("+1", 0), ("NaN", 0), ("Infinity", 0), ("tru", 0), ("\"\n\"", 1), ("\"\\x\"", 2),
    ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"abc", 4), ("1 1", 2), ("[\"\\u12g4\"]", 6), ("{1:2}", 1), ("'a'", 0),
  ]) func `what is no JSON is refused at its byte`(text: String, position: Int) throws {
    let error = try #require(throws: JSONError.self) { _ = try Self.parsed(text) }
    #expect(error.position == position, "\(error)")
    #expect(!error.found.isEmpty && !error.allowed.isEmpty)
  }

  @Test func `bytes that are not UTF-8 are refused`() throws {
    #expect(throws: JSONError.self) { _ = try JSONValue(parsing: [0x22, 0xff, 0x22]) }
    #expect(throws: JSONError.self) { _ = try JSONValue(parsing: [0x22, 0xed, 0xa0, 0x80, 0x22]) }
  }

  @Test func `deep nesting and floods of values are refused, not run into`() throws {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(try #require(throws: JSONError.self) { _ = try Self.parsed(deep) }.position == JSONCursor.greatestDepth)
    #expect(throws: JSONError.self) { _ = try Self.parsed("[" + String(repeating: "0,", count: 300_000) + "0]") }
    let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try Self.parsed(allowed).text().count > 128)
  }

  @Test func `an object's values are found, replaced and removed by key`() throws {
    guard case .object(var object) = try Self.parsed(#"{"a": 1, "b": 2}"#) else {
      Issue.record("no object")
      return
    }
    object["a"] = .bool(true)
    object["c"] = .float(3)
    object["b"] = nil
    #expect(object.members.map(\.key) == ["a", "c"])
    #expect(object["c"] == .number("3.0"))
    #expect(JSONValue.float(.infinity) == .null)
  }

  @Test func `keys differ by their bytes, not by how they look`() throws {
    let value = try Self.parsed("{\"\u{e9}\": 1, \"e\u{301}\": 2}")
    #expect(value["\u{e9}"] == 1 && value["e\u{301}"] == 2 && value["e"] == .null)
    var cursor = JSONCursor(Array(#"{"a":1,"a":2}"#.utf8))
    var counts: [Int] = []
    try cursor.object(allowsRepeatedKeys: true) { (_, cursor) throws(JSONError) in counts.append(try cursor.count()) }
    #expect(counts == [1, 2])
  }

  @Test func `a byte order mark is passed over, a second one is not`() throws {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    #expect(try JSONValue(parsing: mark + Array("[true]".utf8)) == [true])
    #expect(try #require(throws: JSONError.self) { _ = try JSONValue(parsing: mark + mark) }.position == 3)
  }

  @Test func `what is skipped is checked, and a copy of the cursor reads it afterwards`() throws {
    var cursor = JSONCursor(Array(#"[{"a": ["x\n", -1e5, null]}, true, null]"#.utf8))
    try cursor.array { (cursor) throws(JSONError) in
      var copy = cursor
      try cursor.skip()
      let place = cursor.position
      _ = try copy.value()
      #expect(copy.position == place)
    }
    try cursor.end()
    for text in [#"{"a": tru}"#, #"["\x"]"#, "[1 2]", "[\"\u{1}\"]", #"{"a" 1}"#, "[01]", "[\"abc"] {
      var cursor = JSONCursor(Array(text.utf8))
      #expect(throws: JSONError.self, "\(text)") { try cursor.skip() }
    }
  }

  @Test func `a value of the wrong kind is told from a broken text`() throws {
    func error(_ text: String, _ read: (inout JSONCursor) throws -> Void) throws -> JSONError {
      var cursor = JSONCursor(Array(text.utf8))
      return try #require(throws: JSONError.self) { try read(&cursor) }
    }
    let wrong = try error(" [1, 2]") { _ = try $0.count() }
    #expect(wrong.kind == .value && wrong.position == 1 && wrong.found == "\"[1, 2]\"")
    #expect(try error("1") { _ = try $0.bool() }.kind == .value)
    #expect(try error("1") { _ = try $0.string() }.kind == .value)
    #expect(try error("-1") { _ = try $0.count() }.kind == .value)
    #expect(try error("@") { _ = try $0.string() }.kind == .syntax)
    #expect(try error("") { _ = try $0.bool() }.kind == .syntax)
    #expect(try error("nul") { _ = try $0.bool() }.kind == .syntax)
  }

  @Test func `a part may hold fewer values than the text`() throws {
    var cursor = JSONCursor(Array("[[1, 2], [3, 4, 5, 6]]".utf8), mostValues: .max)
    var read: [JSONValue] = []
    let error = try #require(throws: JSONError.self) {
      try cursor.array { (cursor) throws(JSONError) in
        read.append(try cursor.limited(to: 4) { (cursor) throws(JSONError) in try cursor.value() })
      }
    }
    #expect(read == [[1, 2]] && error.position == 19 && error.allowed == "at most 4 values")
    var outer = JSONCursor(Array("[[1, 2], [3], 4]".utf8), mostValues: 5)
    #expect(throws: JSONError.self) {
      try outer.array { (cursor) throws(JSONError) in
        _ = try cursor.limited(to: 4) { (cursor) throws(JSONError) in try cursor.value() }
      }
    }
  }

  @Test func `random damage is refused or read, never crashed on`() throws {
    var random = SplitMix64(seed: 5)
    let whole = Array(#"{"a": [1, -2.5e3, "x\u00e9\n", null, true, {"b": {}}], "c": "\ud83d\ude00"}"#.utf8)
    var refused = 0
    for _ in 0..<5000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(JSONError) {
        let value = try JSONValue(parsing: bytes)
        #expect(try JSONValue(parsing: value.bytes()) == value)
      } catch {
        #expect(error.position <= bytes.count)
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}
