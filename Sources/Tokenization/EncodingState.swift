/// Where encoding puts its tokens, with their ranges if somebody wants them.
struct TokenSink {
  private(set) var ids: [TokenID] = []
  private(set) var ranges: [Range<Int>] = []
  private let keepsRanges: Bool

  init(keepsRanges: Bool) { self.keepsRanges = keepsRanges }

  mutating func reserve(_ count: Int) {
    ids.reserveCapacity(count)
    if keepsRanges { ranges.reserveCapacity(count) }
  }

  mutating func append(_ id: TokenID, _ range: Range<Int>) {
    ids.append(id)
    if keepsRanges { ranges.append(range) }
  }

  /// Lets the last token stand for the text up to `end` as well.
  mutating func extendLast(to end: Int) {
    if keepsRanges, let last = ranges.popLast() { ranges.append(last.lowerBound..<end) }
  }
}

/// The memory that one encoding call works in.
struct EncodingState: ~Copyable {
  var workspace = MergeWorkspace()
  var matcher = PCRE2Matcher()
  var sink: TokenSink

  init(keepsRanges: Bool) { sink = TokenSink(keepsRanges: keepsRanges) }
}
