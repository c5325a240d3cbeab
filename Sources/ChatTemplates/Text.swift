/// A stretch of text that came from one message.
struct Mark: Equatable {
  var lower: Int
  var upper: Int
  /// Index of the message in the conversation.
  var message: Int
  /// Whether a `{% generation %}` block says so, rather than the content's own way through the template.
  var isGeneration = false
}

/// Bytes that only grow, and the marks on them: sorted, without overlap.
struct MarkedBytes {
  private(set) var bytes: [UInt8] = []
  private(set) var marks: [Mark] = []

  init() {}

  init(_ bytes: [UInt8], message: Int? = nil) {
    self.bytes = bytes
    if let message { marks = [Mark(lower: 0, upper: bytes.count, message: message)] }
  }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func append(_ more: String) { bytes.append(contentsOf: more.utf8) }

  mutating func append(_ text: Text) {
    let shift = bytes.count - text.lower
    text.forEachMark { mark in
      append(
        Mark(
          lower: mark.lower + shift, upper: mark.upper + shift, message: mark.message,
          isGeneration: mark.isGeneration))
    }
    bytes.append(contentsOf: text.bytes)
  }

  /// Adds a mark behind all others, joined to the last where both touch and say the same.
  private mutating func append(_ mark: Mark) {
    if let last = marks.last, last.upper == mark.lower, last.message == mark.message, !last.isGeneration,
      !mark.isGeneration
    {
      marks[marks.count - 1].upper = mark.upper
    } else {
      marks.append(mark)
    }
  }

  /// Puts one mark over everything from a byte on, in place of the marks there.
  mutating func mark(from lower: Int, message: Int) {
    while let last = marks.last, last.lower >= lower { marks.removeLast() }
    if let last = marks.last, last.upper > lower { marks[marks.count - 1].upper = lower }
    marks.append(Mark(lower: lower, upper: bytes.count, message: message, isGeneration: true))
  }

  /// The message that the last mark at or behind a byte names.
  func message(markedFrom lower: Int) -> Int? {
    guard let last = marks.last, last.lower >= lower else { return nil }
    return last.message
  }
}

/// Storage that texts look into; texts see only their range of it, so appending behind all of them is safe.
final class TextStorage {
  var content: MarkedBytes
  /// Whether this render made it and may append to it.
  let isOpen: Bool

  init(_ content: MarkedBytes, isOpen: Bool) {
    self.content = content
    self.isOpen = isOpen
  }
}

/// A string of the interpreter: a range of shared bytes, always whole Unicode scalars, with its marks.
///
/// Slices and trims move the bounds only. Joining to a text that ends its storage appends in place, so that a text
/// built piece by piece costs its length, not its square.
struct Text {
  let storage: TextStorage
  let lower: Int
  let upper: Int

  init(storage: TextStorage, lower: Int, upper: Int) {
    self.storage = storage
    self.lower = lower
    self.upper = upper
  }

  init(_ content: MarkedBytes, isOpen: Bool = true) {
    self.init(storage: TextStorage(content, isOpen: isOpen), lower: 0, upper: content.bytes.count)
  }

  init(_ string: some StringProtocol) { self.init(MarkedBytes(Array(string.utf8)), isOpen: false) }

  var count: Int { upper - lower }
  var isEmpty: Bool { upper == lower }
  var bytes: ArraySlice<UInt8> { storage.content.bytes[lower..<upper] }
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// The text between two positions of the storage.
  func slice(_ lower: Int, _ upper: Int) -> Text { Text(storage: storage, lower: lower, upper: upper) }

  /// What going through the text costs: its bytes, and 32 for each mark on it.
  var weight: Int { count + 32 * touchingMarks.count }

  /// The marks that overlap this range or end at its bounds.
  private var touchingMarks: ArraySlice<Mark> {
    let marks = storage.content.marks
    if marks.isEmpty { return [] }
    /// The first mark that is not `before`, as all behind it are not.
    func first(not before: (Mark) -> Bool) -> Int {
      var (low, high) = (0, marks.count)
      while low < high {
        let middle = (low + high) / 2
        if before(marks[middle]) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return marks[first { $0.upper < lower }..<first { $0.lower <= upper }]
  }

  /// Calls with every mark of this range, clipped to it, in the storage's positions.
  func forEachMark(_ body: (Mark) -> Void) {
    for var mark in touchingMarks {
      let wasEmpty = mark.lower == mark.upper
      mark.lower = max(mark.lower, lower)
      mark.upper = min(mark.upper, upper)
      // A text cut down to nothing keeps an empty mark; a mere neighbour's mark does not leak in.
      if mark.lower < mark.upper || wasEmpty || isEmpty { body(mark) }
    }
  }

  /// The message whose content covers the whole text.
  var wholeMessage: Int? {
    var found: Int?
    forEachMark { mark in
      if mark.lower == lower, mark.upper == upper, !mark.isGeneration { found = mark.message }
    }
    return found
  }

  /// A text made from this one as a whole: it keeps the mark if one message's content is all of it.
  func replaced(by bytes: [UInt8]) -> Text { Text(MarkedBytes(bytes, message: wholeMessage)) }

  static func + (left: Text, right: Text) -> Text {
    if left.storage.isOpen, left.upper == left.storage.content.bytes.count, right.storage !== left.storage {
      left.storage.content.append(right)
      return Text(storage: left.storage, lower: left.lower, upper: left.storage.content.bytes.count)
    }
    var content = MarkedBytes()
    content.reserve(left.count + right.count)
    content.append(left)
    content.append(right)
    return Text(content)
  }

  static func == (left: Text, right: Text) -> Bool { left.count == right.count && left.bytes == right.bytes }

  static func < (left: Text, right: Text) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
