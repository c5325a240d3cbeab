extension ConversationReader {
  /// Reads one record again, by the place an earlier pass gave for it.
  ///
  /// - Throws: `sourceChanged` when no such record stands there any more.
  static func conversation(
    at location: RecordLocation, in source: SourceFile, format: ConversationFormat
  ) throws(CorpusError) -> Conversation {
    if format == .text {
      let bytes = try source.bytes(location.bytes)
      if let text = String(validating: bytes, as: UTF8.self), bytes.count == location.bytes.count {
        return Conversation(turns: [Turn(.text, text)], location: location)
      }
    } else if let record = try record(at: location.bytes, in: source), record.problem == nil {
      return record.conversation(at: location)
    }
    throw CorpusError(
      .sourceChanged, file: location.file, line: location.line, byte: location.bytes.lowerBound,
      found: "another content than a moment ago", allowed: "a file that stays as it is while it is read",
      repair: "run again when nothing writes to it")
  }

  /// The record that the bytes are, read and parsed by pieces so that no more than one piece and its events are held.
  private static func record(at place: Range<Int>, in source: SourceFile) throws(CorpusError) -> RecordBuilder.Record? {
    var parser = JSONParser()
    var builder = RecordBuilder(insideArray: false)
    var start = place.lowerBound
    while true {
      let bytes = try source.bytes(start..<min(start + SourceFile.pieceLength, place.upperBound))
      let (events, failure) = bytes.isEmpty ? parser.finish() : parser.parse(bytes.span)
      for event in events {
        if let record = builder.accept(event, base: 0) { return record }
      }
      if failure != nil || bytes.isEmpty { return nil }
      start += bytes.count
    }
  }
}
