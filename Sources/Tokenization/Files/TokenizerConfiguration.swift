import JSONText

/// What of `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja` changes anything here.
struct TokenizerConfiguration {
  private(set) var bos: String?
  private(set) var eos: String?
  private(set) var unknown: String?
  private(set) var padding: String?
  private(set) var addsBOS: Bool?
  private(set) var addsEOS: Bool?
  private(set) var chatTemplate: String?
  private(set) var tokenizerClass: String?

  init() {}

  /// Adds what a file says and an earlier one did not.
  mutating func add(_ bytes: [UInt8], file: String) throws(TokenizerFileError) {
    var key = ""
    do throws(JSONError) {
      var cursor = JSONCursor(bytes, mostValues: .max)
      try cursor.object { (name, cursor) throws(JSONError) in
        key = name
        switch name {
        case "bos_token": Self.set(&bos, Self.text(try cursor.part()))
        case "eos_token": Self.set(&eos, Self.text(try cursor.part()))
        case "unk_token": Self.set(&unknown, Self.text(try cursor.part()))
        case "pad_token": Self.set(&padding, Self.text(try cursor.part()))
        case "add_bos_token": Self.set(&addsBOS, try cursor.part().bool)
        case "add_eos_token": Self.set(&addsEOS, try cursor.part().bool)
        case "tokenizer_class": Self.set(&tokenizerClass, try cursor.part().string)
        case "chat_template": Self.set(&chatTemplate, Self.template(try cursor.part()))
        default: try cursor.skip()
        }
      }
      try cursor.end()
    } catch {
      throw TokenizerFileError(error, file: file, key: key)
    }
  }

  private static func set<Value>(_ place: inout Value?, _ value: Value?) {
    if place == nil { place = value }
  }

  /// A special token is a text, or an object with its `content`.
  private static func text(_ value: JSONValue) -> String? { value.string ?? value["content"].string }

  /// A template is a text, or a list of named ones, of which the one called `default` counts, or else the first.
  private static func template(_ value: JSONValue) -> String? {
    if let text = value.string { return text }
    let named = value.array ?? []
    return (named.first { $0["name"].string == "default" } ?? named.first)?["template"].string
  }

  mutating func setChatTemplate(_ text: String) { chatTemplate = text }
}
