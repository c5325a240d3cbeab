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
    #expect(try Self.parsed(text).text == text)
  }

  @Test func `escapes are resolved, control characters written as escapes`() throws {
    let value = try Self.parsed(#""\u0041\ud83d\ude00\/\b\f\n\r\t\u0000""#)
    #expect(value == .string("A😀/\u{8}\u{c}\n\r\t\0"))
    #expect(value.text == #""A😀/\u0008\u000c\n\r\t\u0000""#)
    #expect(try Self.parsed(value.text) == value)
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
    #expect(try Self.parsed(allowed).text.count > 128)
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
        #expect(try JSONValue(parsing: Array(value.text.utf8)) == value)
      } catch {
        #expect(error.position <= bytes.count)
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}
