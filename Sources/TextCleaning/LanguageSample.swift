/// What a language is told by: letters per script, and small words.
struct LanguageSample {
  /// Bytes looked at so far.
  private(set) var bytes = 0
  /// Letters by script.
  private var letters = Array(repeating: 0, count: Script.allCases.count)
  private var kana = 0, ukrainian = 0, persian = 0
  private var words = 0
  /// Small words met, by the language's place in `smallWords`.
  private var hits = Array(repeating: 0, count: smallWords.count)

  private enum Script: Int, CaseIterable {
    case latin, han, hangul, cyrillic, greek, arabic, hebrew, thai, devanagari
  }

  /// A word of at most eight UTF-8 bytes as one number; longer ones are none of the small words.
  private struct PackedWord {
    var bits: UInt64 = 0
    var count = 0

    mutating func add(_ byte: UInt8) {
      bits = bits << 8 | UInt64(byte)
      count += 1
    }
  }

  /// The commonest small words of languages written in Latin letters.
  private static let smallWords: [(Language, String)] = [
    (
      .english,
      "the of and to in is that it for you with on are this be as or have can your from not an will how what i"
    ),
    (.german, "der die das und ist nicht ein eine zu den von mit sie es auf für im dem ich wie auch sich wird kann"),
    (.french, "le la les de des et est un une que pour dans vous il je qui sur pas avec plus ce sont au du comment"),
    (.spanish, "el la los las de y es un una que para en con por se su como más no puede del al lo si"),
    (.italian, "il la di e che è un una per in con non sono del della le i si come più gli nel alla questo"),
    (.portuguese, "o a os as de e é um uma que para em com não se por do da como mais você no na ou são"),
    (.dutch, "de het een en van is dat in te zijn op voor met niet je ik aan ook als er maar hoe om wordt"),
    (.polish, "i w na z się nie jest do to że jak o dla są po od co może tym przez oraz ale czy"),
    (.turkish, "ve bir bu için ile de da çok ne olarak daha gibi olan en var mı nasıl ama veya sonra"),
    (.swedish, "och att det som en är på för av med till den inte jag har om kan ett du hur men eller"),
    (.indonesian, "yang dan di untuk dengan ini dari pada adalah dalam tidak anda itu atau akan dapat bisa juga saya"),
    (.vietnamese, "và của là có cho không được các một trong với người những này để tôi bạn khi như đã thì"),
  ]
  /// The languages (bits by place in `smallWords`) that have a word of at most eight bytes.
  private static let languages: [UInt64: UInt16] = {
    var table: [UInt64: UInt16] = [:]
    for (place, (_, words)) in smallWords.enumerated() {
      for word in words.split(separator: " ") {
        var packed = PackedWord()
        for byte in word.utf8 { packed.add(byte) }
        precondition(packed.count <= 8, "language sample: \(word) has more than eight bytes")
        table[packed.bits, default: 0] |= 1 << UInt16(place)
      }
    }
    return table
  }()

  /// Counts a text, without what stands between ``` fences.
  mutating func add(_ text: String) {
    var isCode = false
    for part in text.split(separator: "```", omittingEmptySubsequences: false) {
      if !isCode { addWords(of: part) }
      isCode.toggle()
      if bytes >= Language.sampleBytes { return }
    }
  }

  private mutating func addWords(of text: Substring) {
    var word = PackedWord()
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        bytes += 1
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        if (0x61...0x7a).contains(byte | 0x20) {
          word.add(byte | 0x20)
          letters[Script.latin.rawValue] += 1
          continue
        }
      } else {
        bytes += scalar.value < 0x800 ? 2 : 3
        if let script = script(of: scalar) {
          letters[script.rawValue] += 1
          if script == .latin {
            for byte in scalar.properties.lowercaseMapping.utf8 { word.add(byte) }
            continue
          }
        }
      }
      end(&word)
      if bytes >= Language.sampleBytes { return }
    }
    end(&word)
  }

  private mutating func end(_ word: inout PackedWord) {
    if word.count == 0 { return }
    words += 1
    if word.count <= 8, var languages = Self.languages[word.bits] {
      while languages != 0 {
        hits[languages.trailingZeroBitCount] += 1
        languages &= languages - 1
      }
    }
    word = PackedWord()
  }

  private mutating func script(of scalar: Unicode.Scalar) -> Script? {
    switch scalar.value {
    case 0xc0...0xd6, 0xd8...0xf6, 0xf8...0x24f, 0x1e00...0x1eff: return .latin
    case ..<0x370: return nil
    case 0x370...0x3ff: return .greek
    case 0x400...0x52f:
      if [0x404, 0x406, 0x407, 0x454, 0x456, 0x457, 0x490, 0x491].contains(scalar.value) { ukrainian += 1 }
      return .cyrillic
    case 0x590...0x5ff: return .hebrew
    case 0x600...0x6ff, 0x750...0x77f:
      if [0x67e, 0x686, 0x698, 0x6af, 0x6cc, 0x6a9].contains(scalar.value) { persian += 1 }
      return .arabic
    case 0x900...0x97f: return .devanagari
    case 0xe00...0xe7f: return .thai
    case 0x1100...0x11ff, 0x3130...0x318f, 0xac00...0xd7af: return .hangul
    case 0x3040...0x30ff:
      kana += 1
      return .han
    case 0x3400...0x4dbf, 0x4e00...0x9fff, 0x20000...0x2ffff: return .han
    default: return nil
    }
  }

  /// The language, `unknown` where letters or words are too few.
  var language: Language {
    // A letter of these scripts says about as much as three Latin ones.
    func weight(_ script: Script) -> Int {
      letters[script.rawValue] * ([.han, .hangul].contains(script) ? 3 : 1)
    }
    guard let most = Script.allCases.max(by: { weight($0) < weight($1) }), letters[most.rawValue] > 0 else {
      return .unknown
    }
    let count = letters[most.rawValue]
    switch most {
    case .latin: return latin
    case .han: return kana * 10 > count ? .japanese : .chinese
    case .hangul: return .korean
    case .cyrillic: return ukrainian * 50 > count ? .ukrainian : .russian
    case .greek: return .greek
    case .arabic: return persian * 50 > count ? .persian : .arabic
    case .hebrew: return .hebrew
    case .thai: return .thai
    case .devanagari: return .hindi
    }
  }

  /// The language with most small words; at least one in twenty words must be one.
  private var latin: Language {
    guard let most = hits.max(), let place = hits.firstIndex(of: most), most >= 2, most * 20 >= words else {
      return .unknown
    }
    return Self.smallWords[place].0
  }
}
