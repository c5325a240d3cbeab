/// Reads conversations from a file of any size, one after the other, in constant memory.
///
/// - Format: guessed from the content, see `ConversationFormat`; the shape of each record from its keys.
/// - Broken input: malformed records are counted in `report` with line, byte and reason and left out; one bad line of
///   JSON Lines does not stop the file; a syntax error inside a JSON array, or a file cut off at its end, gives every
///   whole record before it and an `ending` in the report.
/// - Turns come as they stand in the file: empty, repeated and leading ones are `ConversationRules`' business.
final class ConversationReader {
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

  /// Opens a file and guesses its format.
  ///
  /// - Throws: `missingFile`, `unreadable`, `emptyFile` or `unknownFormat`.
  init(file: String) throws(CorpusError) {
    source = try SourceFile(path: file)
    piece = try source.next()
    skipped = piece.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0  // a byte order mark
    let format = try ConversationFormat.guess(piece[skipped...], file: file)
    report = ReadingReport(file: file, format: format)
    builder = RecordBuilder(insideArray: format == .array)
    parserStart = skipped
  }

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

  /// Reads one record again, by the place an earlier pass gave for it.
  ///
  /// - Throws: `sourceChanged` when no such record stands there any more.
  static func conversation(at location: RecordLocation, in source: SourceFile) throws(CorpusError) -> Conversation {
    let bytes = try source.bytes(location.bytes)
    var parser = JSONParser()
    var builder = RecordBuilder(insideArray: false)
    let events = parser.parse(bytes.span).events + parser.finish().events
    for event in events {
      if let record = builder.accept(event, base: 0), record.problem == nil {
        return Conversation(id: record.id, turns: record.allTurns, location: location)
      }
    }
    throw CorpusError(
      .sourceChanged, file: location.file, line: location.line, byte: location.bytes.lowerBound,
      found: "another content than a moment ago", allowed: "a file that stays as it is while it is read",
      repair: "run again when nothing writes to it")
  }

  // MARK: Pieces

  private func readPiece() throws(CorpusError) {
    switch report.format {
    case .array: parse(from: skipped, to: piece.count)
    case .lines: parseLines()
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
    guard let failure else { return }
    let byte = min(parserStart + failure.byte, pieceStart + to)
    lines.advance(to: byte, in: piece, startingAt: pieceStart)
    if report.format == .lines {
      isLineBroken = true
      return note(RecordProblem(.syntax, "byte \(byte): \(failure.reason)"), bytes: recordStart..<byte)
    }
    report.bytes = byte
    report.ending = .broken(byte: byte, line: lines.line, record: report.records + 1, reason: failure.reason)
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
    case .array:
      let (events, failure) = parser.finish()
      take(events)
      if failure != nil { cutOff(recordStart: builder.isInsideRecord ? recordStart : nil) }
    case .lines:
      guard hasBegun, !isLineBroken else { return }
      let (events, failure) = parser.finish()
      take(events)
      if failure != nil { cutOff(recordStart: recordStart) } else if let lineRecord { finish(lineRecord) }
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
    report.turns += record.turns.count
    let location = location(record.bytes, record: report.records)
    for turn in record.emptyTurns {
      report.note(RecordProblem(.emptyTurn, "turn \(turn) of \(record.turns.count) is empty"), at: location)
    }
    ready.append(Conversation(id: record.id, turns: record.allTurns, location: location))
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
  /// The turns, with the text of a `system` key in front.
  var allTurns: [Turn] {
    guard let system, !system.isEmpty, turns.first?.role != .system else { return turns }
    return [Turn(.system, system)] + turns
  }
}
