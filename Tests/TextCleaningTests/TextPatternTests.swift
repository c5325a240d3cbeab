import Testing

@testable import TextCleaning

@Suite struct TextPatternTests {
  @Test(arguments: [
    ("as an OpenAI model", true), ("ChatGPT", true), ("x chatgpt", true), ("open ai, chat GPT", false),
    ("opena", false),
    ("", false), ("OPENAI", true),
  ])
  func vendorsAreFoundInAnyCase(text: String, isFound: Bool) { #expect(TextPattern.namesVendor(text) == isFound) }

  @Test(arguments: [
    ("a\n1. x\n1. y", true), ("\n1. x\n2. y\n1. z", false), ("\n1. x\n\n1. y", true), ("1. x\n1. y", false),
    ("\n1. 2 \n1. a\n1. b", true), ("\n1.x\n1. y", false), ("\n\n1. a\n1. b", true),
  ])
  func aListThatCountsOneTwiceIsFound(text: String, isFound: Bool) {
    #expect(TextPattern.countsOneTwice(text) == isFound)
  }

  @Test(arguments: [
    ("111111111", true), ("a 000000000 b", true), ("11111111 1", false), ("1111111122", false), ("12222222223", true),
  ])
  func nineEqualDigitsAreFound(text: String, isFound: Bool) { #expect(TextPattern.repeatsADigit(text) == isFound) }

  @Test(arguments: [
    ("\u{200b}a", true), ("a", false), (" a", false), ("\u{0}", true), ("é", false), ("\u{e000}", true), ("", false),
  ])
  func unprintableBeginningsAreFound(text: String, isFound: Bool) {
    #expect(TextPattern.beginsUnprintably(text) == isFound)
  }

  @Test func rateLimitNoticesAreFastChatsTwo() {
    #expect(TextPattern.isRateLimitNotice("Too many requests in 1 hour. Try again later."))
    #expect(TextPattern.isRateLimitNotice("Too many requests in 1 hour. Try again later! x"))
    #expect(!TextPattern.isRateLimitNotice("It says: Too many requests in 1 hour. Try again later."))
  }

  @Test(arguments: [
    ("2 / 3\n\nHello", "Hello"), ("2 / 3 is less than one", "2 / 3 is less than one"), ("1 / 1", ""),
    ("```pythonCopy codeprint(1)\n```", "```python\nprint(1)\n```"),
    ("```Copy code\nls\n```", "```\nls\n```"), ("a ```Copy code``` b", "a  b"),
    ("so Copy120 chars / 20 words it", "so  it"), (" x \n", "x"), ("Copy code is a button", "Copy code is a button"),
    ("```swift\nlet a = 1\n```", "```swift\nlet a = 1\n```"), ("", ""), ("Copy1 chars / words", "Copy1 chars / words"),
  ])
  func aPagesOwnWordsAreTakenOut(text: String, cleaned: String) {
    #expect(InterfaceText.removed(from: text) == cleaned)
  }
}
