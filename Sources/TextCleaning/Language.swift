/// A language that texts are told to be in; the raw value is its ISO 639-1 code.
///
/// Told by script where the script decides (Korean, Japanese, Chinese, Russian, Ukrainian, Greek, Arabic, Persian,
/// Hebrew, Thai, Hindi), and for Latin letters by the commonest small words. This is a sorter for whole conversations,
/// no linguist: languages not listed come out as `unknown` or as a neighbour, and code or numbers alone as `unknown`.
public enum Language: String, CaseIterable, Sendable, Codable {
  case english = "en", german = "de", french = "fr", spanish = "es", italian = "it", portuguese = "pt"
  case dutch = "nl", polish = "pl", turkish = "tr", swedish = "sv", indonesian = "id", vietnamese = "vi"
  case korean = "ko", japanese = "ja", chinese = "zh", russian = "ru", ukrainian = "uk", greek = "el"
  case arabic = "ar", persian = "fa", hebrew = "he", thai = "th", hindi = "hi"
  /// Too little to tell.
  case unknown

  /// How many bytes of a conversation are looked at, fenced code left out.
  public static let sampleBytes = 32_768

  /// The language most of the texts is in.
  public init(of texts: [String]) {
    var sample = LanguageSample()
    for text in texts {
      if sample.bytes >= Self.sampleBytes { break }
      sample.add(text)
    }
    self = sample.language
  }
}
