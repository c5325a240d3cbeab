/// A piece of HTML or SVG. Texts and attributes are escaped by being put in, so that no name of a file or model can be
/// taken for markup.
public struct Markup: Equatable, Sendable {
  /// As it is written to a file.
  public let source: String

  private init(source: String) { self.source = source }

  /// Text.
  public static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

  /// Text whose per cent signs stay on the line of their numbers.
  static func prose(_ text: String) -> Markup { .text(text.replacing(" %", with: "\u{A0}%")) }

  /// An element without attributes that are given as nil.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: [Markup] = []
  ) -> Markup {
    Markup(source: void(name, attributes).source + children.map(\.source).joined() + "</\(name)>")
  }

  /// An element that HTML knows without an end, such as `meta`.
  static func void(_ name: String, _ attributes: KeyValuePairs<String, String?>) -> Markup {
    let list = attributes.compactMap { key, value in value.map { " \(key)=\"\(escaped($0))\"" } }.joined()
    return Markup(source: "<\(name)\(list)>")
  }

  /// A style sheet: our own text, which is not escaped, since browsers read it as it stands.
  static func style(_ sheet: String) -> Markup { Markup(source: "<style>\(sheet)</style>") }

  /// Several pieces, one after another.
  static func all(_ pieces: [Markup]) -> Markup { Markup(source: pieces.map(\.source).joined(separator: "\n")) }

  /// The text with the five signs that markup uses replaced, and those that XML forbids taken out.
  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\t", "\n", "\r": result.append(scalar)
      case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
