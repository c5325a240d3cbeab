extension ConversationReader {
  /// Reads one record again, by the place an earlier pass gave for it.
  ///
  /// - Throws: `sourceChanged` when no such record stands there any more.
  static func conversation(
    at location: RecordLocation, in source: SourceFile, format: ConversationFormat
  ) throws(CorpusError) -> Conversation {
    let bytes = try source.bytes(location.bytes)
    if format == .text {
      if let text = String(validating: bytes, as: UTF8.self), bytes.count == location.bytes.count {
        return Conversation(turns: [Turn(.text, text)], location: location)
      }
    } else if let record = record(in: bytes), record.problem == nil {
      return record.conversation(at: location)
    }
    throw CorpusError(
      .sourceChanged, file: location.file, line: location.line, byte: location.bytes.lowerBound,
      found: "another content than a moment ago", allowed: "a file that stays as it is while it is read",
      repair: "run again when nothing writes to it")
  }

  /// The record that the bytes are, parsed by pieces so that no more than one piece's events are held.
  private static func record(in bytes: [UInt8]) -> RecordBuilder.Record? {
    var parser = JSONParser()
    var builder = RecordBuilder(insideArray: false)
    var start = 0
    while start <= bytes.count {
      let end = min(start + SourceFile.pieceLength, bytes.count)
      let (events, failure) =
        start < bytes.count ? parser.parse(bytes.span.extracting(start..<end)) : parser.finish()
      for event in events {
        if let record = builder.accept(event, base: 0) { return record }
      }
      if failure != nil || start == bytes.count { return nil }
      start = end
    }
    return nil
  }
}
