import ChatTemplates
import Tokenization

extension ConversationEncoder {
  /// A rendered chat, and the places inside words that look like a control token: each between its first and second
  /// character.
  struct ShieldedChat {
    var chat: RenderedChat
    var forged: [Int]

    /// Takes the shields out of a rendered text and moves the spans.
    init(_ rendered: RenderedChat) {
      let shield = Array(ControlTexts.shield.utf8)
      let bytes = Array(rendered.text.utf8)
      var text: [UInt8] = []
      var places: [Int] = []
      forged = []
      var index = 0
      while index < bytes.count {
        if bytes[index] == shield[0], bytes[index...].starts(with: shield) {
          forged.append(text.count)
          places.append(index)
          index += shield.count
        } else {
          text.append(bytes[index])
          index += 1
        }
      }
      func moved(_ place: Int) -> Int { place - shield.count * places.countAscending(below: place) }
      chat = RenderedChat(
        text: String(decoding: text, as: UTF8.self),
        assistantSpans: rendered.assistantSpans.map { span in
          RenderedChat.AssistantSpan(
            messageIndex: span.messageIndex, range: moved(span.range.lowerBound)..<moved(span.range.upperBound))
        })
    }
  }

  /// Encodes a text in which control tokens count, except the forged ones.
  ///
  /// What stands between two true control tokens is encoded as ordinary text if a forged one is in it.
  func encode(_ text: String, forged: [Int]) -> [EncodedToken] {
    let tokens = tokenizer.encodeWithRanges(text, parsingSpecials: true)
    if forged.isEmpty { return tokens }
    let bytes = Array(text.utf8)
    var result: [EncodedToken] = []
    var run: ArraySlice<EncodedToken> = []
    var isForged = false
    var next = 0
    func flush(until end: Int) {
      if isForged, let first = run.first {
        let start = first.range.lowerBound
        let plain = tokenizer.encodeWithRanges(
          String(decoding: bytes[start..<end], as: UTF8.self), parsingSpecials: false)
        result += plain.map {
          EncodedToken(id: $0.id, range: $0.range.lowerBound + start..<$0.range.upperBound + start)
        }
      } else {
        result += run
      }
      (run, isForged) = ([], false)
    }
    for token in tokens {
      let isControl = [.control, .unknown].contains(tokenizer.type(of: token.id))
      while next < forged.count, forged[next] <= token.range.lowerBound { next += 1 }
      let isInside = next < forged.count && forged[next] < token.range.upperBound
      if isControl, !isInside {
        flush(until: token.range.lowerBound)
        result.append(token)
      } else {
        isForged = isForged || (isControl && isInside)
        run.append(token)
      }
    }
    flush(until: bytes.count)
    return result
  }
}

extension [Int] {
  /// How many elements are below a value, where they ascend.
  fileprivate func countAscending(below value: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
