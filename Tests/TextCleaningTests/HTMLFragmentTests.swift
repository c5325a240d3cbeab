import Testing

@testable import TextCleaning

@Suite struct HTMLFragmentTests {
  @Test(arguments: [
    ("<p>Hello <b>you</b> &amp; <em>me</em></p><p>Second</p>", "Hello **you** & *me*\n\nSecond"),
    ("<div class=\"markdown\"><h2>Title</h2>\n<p>a\n  b</p></div>", "## Title\n\na b"),
    ("<ul><li>one</li><li>two<ul><li>three</li></ul></li></ul>", "- one\n- two\n   - three"),
    ("<ol start=\"3\"><li>c</li><li><p>d</p></li></ol>", "3. c\n4. d"),
    (
      "<pre><div>python<button>Copy code</button></div><code class=\"hljs language-python\">if a &lt; b:\n    pass\n</code></pre>",
      "```python\nif a < b:\n    pass\n```"
    ),
    (
      "<p>Use <code>x &gt; 1</code><br>then <a href=\"http://a/?b=1&amp;c\">go</a></p>",
      "Use `x > 1`\nthen [go](http://a/?b=1&c)"
    ),
    (
      "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "| a | b |\n| --- | --- |\n| 1 | 2 |"
    ),
    ("<blockquote><p>said</p></blockquote><p>so</p>", "> said\n\nso"),
    ("<p>a<script>alert('<p>')</script>b<!-- c --></p>", "ab"),
    ("<p>5 < 6 & 7 &unknown; &#228;&#x1F600;</p>", "5 < 6 & 7 &unknown; ä😀"),
  ])
  func aFragmentBecomesMarkdown(html: String, markdown: String) {
    #expect(HTMLFragment(html)?.markdown == markdown)
  }

  @Test(arguments: [
    "plain", "a <b>bold</b> word", "<html><body><p>x</p></body></html>", "<!DOCTYPE html><p>x</p>", "<p>unfinished", "",
    "<", "<div", "Use `<div>` so:\n```html\n<div></div>\n```", "<|im_end|>",
  ])
  func whatIsNoFragmentStaysAsItIs(text: String) { #expect(HTMLFragment(text) == nil) }

  @Test func hostileNestingIsReadInTimeAndMemoryOfItsLength() {
    for tag in ["<ul>", "<blockquote>", "<div>", "<a href='", "<pre><code>", "<table><tr><td>", "<p &#", "<!--"] {
      let text = "<p>" + String(repeating: tag, count: 3000) + ">"
      let markdown = HTMLFragment(text)?.markdown ?? ""
      #expect(markdown.utf8.count <= 8 * text.utf8.count, "\(tag)")
    }
  }
}
