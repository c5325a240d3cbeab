import TextCleaning

/// Reads conversations from a file of any size, one after the other, in constant memory.
///
/// - Format: guessed from the content, see `ConversationFormat`; the shape of each record from its keys. Gzip data are
///   unpacked on the way; places are then those of the unpacked bytes.
/// - Broken input: malformed records are counted in `report` with line, byte and reason and left out; one bad line of
///   JSON Lines does not stop the file; a syntax error inside a JSON array, or a file cut off at its end, gives every
///   whole record before it and an `ending` in the report.
/// - Turns come as they stand in the file: empty, repeated and leading ones are `ConversationRules`' business.
final class ConversationReader {
  /// Bytes of the longest record; a text of 4 million tokens has about 20 MB. What is longer is left out and counted,
  /// and what stands behind it in a JSON array with it.
  static let largestRecord = 64 << 20

  /// What has been met so far; complete once `next()` has given nil.
  private(set) var report: ReadingReport

  private let source: SourceFile
  private var ready: [Conversation] = []
  private var nextReady = 0
  private var isAtEnd = false

  private var piece: [UInt8]
  private var pieceStart = 0
  private var skipped = 0
  private var lines = LineCounter()
  private var parser = JSONParser()
  private var parserStart: Int
  private var builder: RecordBuilder
  private var hasBegun = false, isLineBroken = false
  private var recordLine = 1, recordStart = 0
  /// A line's record waits here until the line has ended well.
  private var lineRecord: RecordBuilder.Record?
  /// The place behind the last event: what begins there is under way.
  private var lastEnd = 0
  private var splitter: TextSplitter

  /// Opens a file and guesses its format.
  ///
  /// - Parameter text: how a plain text becomes documents.
  /// - Throws: `missingFile`, `unreadable`, `emptyFile` or `unknownFormat`.
  init(file: String, text: TextLayout = .whole) throws(CorpusError) {
    source = try SourceFile(path: file)
    piece = try source.next()
    skipped = piece.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0  // a byte order mark
    let format = try ConversationFormat.guess(piece[skipped...], file: file)
    report = ReadingReport(file: file, format: format, isPacked: source.isPacked)
    builder = RecordBuilder(insideArray: format == .array)
    parserStart = skipped
    splitter = TextSplitter(text, start: skipped)
  }

  /// How far the file has been read: bytes of it as it stands on the disk, and how many it has.
  var progress: (done: Int, of: Int) { (source.position, source.byteCount) }

  /// The next whole, well-formed conversation; nil at the end.
  func next() throws(CorpusError) -> Conversation? {
    while nextReady == ready.count {
      if isAtEnd { return nil }
      (ready, nextReady) = ([], 0)
      if piece.isEmpty { finish() } else { try readPiece() }
    }
    nextReady += 1
    return ready[nextReady - 1]
  }

  // MARK: Pieces

  private func readPiece() throws(CorpusError) {
    switch report.format {
    case .array: parse(from: skipped, to: piece.count)
    case .lines: parseLines()
    case .text: for document in splitter.add(piece[skipped...]) { finish(document) }
    }
    skipped = 0
    if isAtEnd { return }
    lines.advance(to: pieceStart + piece.count, in: piece, startingAt: pieceStart)
    pieceStart += piece.count
    report.bytes = pieceStart
    piece = try source.next()
  }

  /// Feeds a part of the piece to the parser and its events to the builder.
  private func parse(from: Int, to: Int) {
    let (events, failure) = parser.parse(piece.span.extracting(from..<to))
    take(events)
    if let event = events.last { lastEnd = parserStart + event.end }
    let reached = pieceStart + to
    let length = reached - (builder.isInsideRecord || report.format == .lines ? recordStart : lastEnd)
    if failure == nil, length > Self.largestRecord { return refuseLongRecord(length, at: reached) }
    guard let failure else { return }
    let byte = min(parserStart + failure.byte, reached)
    lines.advance(to: byte, in: piece, startingAt: pieceStart)
    if report.format == .lines {
      isLineBroken = true
      return note(RecordProblem(.syntax, "byte \(byte): \(failure.reason)"), bytes: recordStart..<byte)
    }
    report.bytes = byte
    report.ending = .broken(byte: byte, line: lines.line, record: report.records + 1, reason: failure.reason)
    isAtEnd = true
  }

  private func refuseLongRecord(_ length: Int, at byte: Int) {
    let reason = "the record has more than \(Self.largestRecord) bytes"
    parser = JSONParser()  // what it holds goes
    if report.format == .lines {
      isLineBroken = true
      return note(RecordProblem(.tooLong, reason), bytes: recordStart..<byte)
    }
    report.bytes = byte
    report.ending = .broken(byte: byte, line: lines.line, record: report.records + 1, reason: reason)
    isAtEnd = true
  }

  private func parseLines() {
    var from = skipped
    while from < piece.count {
      let feed = piece[from...].firstIndex(of: UInt8(ascii: "\n"))
      let to = feed ?? piece.count
      if !hasBegun, let first = piece[from..<to].firstIndex(where: { !Self.isBlank($0) }) {
        beginLine(at: first)
        from = first
      }
      if hasBegun, !isLineBroken { parse(from: from, to: to) }
      if feed != nil { endLine(at: pieceStart + to) }
      from = to + 1
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

  private func beginLine(at index: Int) {
    recordStart = pieceStart + index
    parserStart = recordStart
    lines.advance(to: recordStart, in: piece, startingAt: pieceStart)
    recordLine = lines.line
    parser = JSONParser()
    builder = RecordBuilder(insideArray: false)
    (hasBegun, isLineBroken, lineRecord) = (true, false, nil)
  }

  /// Closes the line's parser; its end inside a record is a broken line.
  private func endLine(at end: Int) {
    defer { hasBegun = false }
    guard hasBegun, !isLineBroken else { return }
    let (events, failure) = parser.finish()
    take(events)
    if failure != nil {
      note(RecordProblem(.syntax, "the line ends inside the record"), bytes: recordStart..<end)
    } else if let lineRecord {
      finish(lineRecord)
    }
  }

  private func finish() {
    isAtEnd = true
    switch report.format {
    case .text:
      for document in splitter.finish() { finish(document) }
    case .array:
      let (events, failure) = parser.finish()
      take(events)
      if failure != nil { cutOff(recordStart: builder.isInsideRecord ? recordStart : nil) }
    case .lines:
      guard hasBegun, !isLineBroken else { break }
      let (events, failure) = parser.finish()
      take(events)
      if failure != nil { cutOff(recordStart: recordStart) } else if let lineRecord { finish(lineRecord) }
    }
    if source.packingFailure == .cutOff, report.ending == .whole { cutOff(recordStart: nil) }
    if case .damaged(let reason)? = source.packingFailure {
      report.ending = .broken(
        byte: pieceStart, line: lines.line, record: report.records + 1, reason: "the gzip data are damaged: \(reason)")
    }
  }

  private func cutOff(recordStart: Int?) {
    report.ending = .cutOff(byte: pieceStart, line: lines.line, record: report.records + 1, recordStart: recordStart)
  }

  // MARK: Records

  private func take(_ events: [PlacedJSONEvent]) {
    for event in events {
      let wasInside = builder.isInsideRecord
      let record = builder.accept(event, base: parserStart)
      if !wasInside, builder.isInsideRecord, report.format == .array {
        recordStart = parserStart + event.end - 1
        lines.advance(to: recordStart, in: piece, startingAt: pieceStart)
        recordLine = lines.line
      }
      guard let record else { continue }
      if report.format == .lines { lineRecord = record } else { finish(record) }
    }
  }

  private func finish(_ record: RecordBuilder.Record) {
    if let problem = record.problem { return note(problem, bytes: record.bytes) }
    report.records += 1
    report.conversations += 1
    report.count(record.allTurns)
    if let shape = record.shape { report.shapes[shape.rawValue, default: 0] += 1 }
    let location = location(record.bytes, record: report.records)
    for turn in record.emptyTurns {
      report.note(RecordProblem(.emptyTurn, "turn \(turn) of \(record.turns.count) is empty"), at: location)
    }
    if record.hasToolDefinitions {
      report.note(
        RecordProblem(.toolDefinitions, "tools that no turn uses are defined; they are left out"), at: location)
    }
    ready.append(record.conversation(at: location))
  }

  private func finish(_ document: TextSplitter.Document) {
    recordLine = document.line
    switch document.text {
    case .failure(let problem): note(problem, bytes: document.bytes)
    case .success(let text):
      var record = RecordBuilder.Record()
      (record.turns, record.bytes, record.shape) = ([Turn(.text, text)], document.bytes, .text)
      finish(record)
    }
  }

  private func note(_ problem: RecordProblem, bytes: Range<Int>) {
    report.records += 1
    report.note(problem, at: location(bytes, record: report.records))
  }

  private func location(_ bytes: Range<Int>, record: Int) -> RecordLocation {
    RecordLocation(file: report.file, bytes: bytes, line: recordLine, record: record)
  }
}

extension RecordBuilder.Record {
  func conversation(at location: RecordLocation) -> Conversation {
    Conversation(id: id, turns: allTurns, location: location, hasPlugins: hasPlugins)
  }

  /// The turns, with the text of a `system` key in front.
  var allTurns: [Turn] {
    guard let system, !system.isEmpty, turns.first?.role != .system else { return turns }
    return [Turn(.system, system)] + turns
  }
}
