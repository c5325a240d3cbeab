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
    var cursor = JSONCursor(bytes, file: file)
    try cursor.object { (cursor, name) throws(TokenizerFileError) in
      cursor.key = name
      switch name {
      case "bos_token": Self.set(&bos, Self.text(try JSONValue(reading: &cursor)))
      case "eos_token": Self.set(&eos, Self.text(try JSONValue(reading: &cursor)))
      case "unk_token": Self.set(&unknown, Self.text(try JSONValue(reading: &cursor)))
      case "pad_token": Self.set(&padding, Self.text(try JSONValue(reading: &cursor)))
      case "add_bos_token": Self.set(&addsBOS, try JSONValue(reading: &cursor).bool)
      case "add_eos_token": Self.set(&addsEOS, try JSONValue(reading: &cursor).bool)
      case "tokenizer_class": Self.set(&tokenizerClass, try JSONValue(reading: &cursor).string)
      case "chat_template": Self.set(&chatTemplate, Self.template(try JSONValue(reading: &cursor)))
      default: try cursor.skip()
      }
    }
    try cursor.finish()
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
