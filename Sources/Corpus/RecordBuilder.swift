/// Turns JSON events into records; whatever it does not know it steps over.
///
/// Shapes, told apart by their keys, record by record:
/// `conversations: [{from, value}]` (ShareGPT), `messages: [{role, content}]` (OpenAI; content is a text or a list of
/// `{type: "text", text}`), `data: [text, …]` (UltraChat; user and assistant in turn), with optional `id`, `system`,
/// and per turn `train` (bool) or `weight` (number; 0 means not trained). Where there is no such list: `instruction`,
/// `input`, `output` (Alpaca), `prompt` and `completion`, or `text` (a plain text); see `RecordShape`.
struct RecordBuilder {
  /// More turns are refused: a turn takes more memory than the shortest text of one.
  static let maximumTurns = 65_536

  /// A record as it stands in the file, or why it cannot be used.
  struct Record: Equatable {
    var id = ""
    var turns: [Turn] = []
    /// The text of a `system` key beside the turns.
    var system: String?
    var problem: RecordProblem?
    /// Turns (one-based) without words.
    var emptyTurns: [Int] = []
    var bytes = 0..<0
    var shape: RecordShape?
    /// Whether lists named `plugins`, or `tools` or `functions`, have anything in them.
    var hasPlugins = false, hasToolDefinitions = false
  }

  private enum Frame { case outerArray, record, listRecord, turnList, turn, parts, part, skipped, noted, toolCalls }

  private let isInArray: Bool
  private var frames: [Frame] = []
  private var record = Record()
  private var recordKey = "", turnKey = "", partKey = ""
  private var hasTurnList = false, isTextList = false
  private var keys: [String] = []
  private var role: Role?, content: String?, isTrained = true
  /// Whether the turn's content is null, and whether it calls a tool.
  private var isNull = false, callsTool = false
  /// The texts of the shapes without a list of turns.
  private var texts: [String: String] = [:]
  private var start = 0

  /// - Parameter insideArray: records are the elements of one top-level array; otherwise each is a top-level value.
  init(insideArray: Bool) { isInArray = insideArray }

  /// Whether a record has begun and not ended.
  var isInsideRecord: Bool { frames.last.map { $0 != .outerArray } ?? false }

  /// Takes one event; gives a record when the event ends one.
  mutating func accept(_ placed: PlacedJSONEvent, base: Int) -> Record? {
    let end = base + placed.end
    switch frames.last {
    case nil where isInArray: if placed.event == .startArray { frames = [.outerArray] }
    case nil, .outerArray: return beginRecord(placed.event, end: end)
    case .record: return inRecord(placed.event, end: end)
    case .listRecord:
      if placed.event == .endArray { return finishRecord(end: end) }
      nest(placed.event)
    case .turnList: inTurnList(placed.event)
    case .turn: inTurn(placed.event)
    case .parts: inParts(placed.event)
    case .part: inPart(placed.event)
    case .skipped: nest(placed.event)
    case .noted:
      if placed.event != .endArray { note(recordKey) }
      nest(placed.event)
    case .toolCalls:
      if placed.event != .endArray { callsTool = true }
      nest(placed.event)
    }
    return nil
  }

  /// Remembers that a list of the record is not empty.
  private mutating func note(_ key: String) {
    switch key {
    case "plugins": record.hasPlugins = true
    case "history": fail(.wrongType, "the record has a history beside its instruction, which is not read")
    default: record.hasToolDefinitions = true
    }
  }

  // MARK: Frames

  private mutating func beginRecord(_ event: JSONEvent, end: Int) -> Record? {
    record = Record()
    (start, hasTurnList, isTextList, keys, texts) = (end - 1, false, false, [], [:])
    switch event {
    case .startObject: frames.append(.record)
    case .startArray:
      record.problem = RecordProblem(.notAnObject, "the record is a list; it must be an object")
      frames.append(.listRecord)
    case .endArray: frames = []  // the outer array ends
    default:
      record.bytes = start..<end
      record.problem = RecordProblem(.notAnObject, "the record is \(event.kindName); it must be an object")
      return record
    }
    return nil
  }

  private mutating func inRecord(_ event: JSONEvent, end: Int) -> Record? {
    switch event {
    case .key(let name):
      recordKey = name
      if keys.count < 8 { keys.append(String(name.prefix(40))) }
    case .endObject: return finishRecord(end: end)
    case .startArray where ["conversations", "conversation", "messages", "data"].contains(recordKey):
      if hasTurnList { fail(.wrongType, "there are two lists of turns; the second is \(recordKey)") }
      (hasTurnList, isTextList) = (true, recordKey == "data")
      record.shape = RecordShape(listNamed: recordKey)
      frames.append(.turnList)
    case .startArray where ["plugins", "tools", "functions", "history"].contains(recordKey): frames.append(.noted)
    case .string(let text) where recordKey == "id": record.id = text
    case .number(let text) where recordKey == "id": record.id = text
    case .string(let text) where recordKey == "system": record.system = text
    case .string(let text) where RecordShape.textKeys.contains(recordKey): texts[recordKey] = text
    case .null where recordKey == "input": break
    default:
      if RecordShape.textKeys.contains(recordKey) { texts[recordKey] = nil }
      nest(event)
    }
    return nil
  }

  private mutating func inTurnList(_ event: JSONEvent) {
    switch event {
    case .startObject where !isTextList:
      (role, content, isTrained, turnKey, isNull, callsTool) = (nil, nil, true, "", false, false)
      frames.append(.turn)
    case .string(let text) where isTextList:
      add(Turn(record.turns.count.isMultiple(of: 2) ? .user : .assistant, text))
    case .endArray: frames.removeLast()
    default:
      fail(.wrongType, "\(turnName) is \(event.kindName); it must be \(isTextList ? "a text" : "an object")")
      nest(event)
    }
  }

  private mutating func inTurn(_ event: JSONEvent) {
    switch (turnKey, event) {
    case (_, .key(let name)): turnKey = name
    case (_, .endObject):
      frames.removeLast()
      finishTurn()
    case ("from", .string(let name)), ("role", .string(let name)):
      role = Role(named: name)
      if role == nil, Role.isTool(name) {
        fail(.toolUse, "\(turnName) has the role \"\(name.prefix(40))\"; chats with tools are not read")
      } else if role == nil {
        fail(.unknownRole, "\(turnName) has the role \"\(name.prefix(40))\"; known: \(Role.knownNames)")
      }
    case ("value", .string(let text)), ("content", .string(let text)): content = text
    case ("content", .startArray):
      content = ""
      frames.append(.parts)
    case ("content", .null), ("value", .null): isNull = true
    case ("tool_calls", .startArray): frames.append(.toolCalls)
    case ("function_call", .startObject):
      callsTool = true
      nest(event)
    case ("train", .bool(let flag)): isTrained = flag
    case ("weight", .number(let text)): isTrained = Double(text) != 0
    case ("train", .null), ("weight", .null): break
    case ("from", _), ("role", _), ("value", _), ("content", _), ("train", _), ("weight", _):
      fail(.wrongType, "\(turnName) has \(event.kindName) as its \(turnKey)")
      nest(event)
    default: nest(event)
    }
  }

  private mutating func inParts(_ event: JSONEvent) {
    switch event {
    case .startObject:
      partKey = ""
      frames.append(.part)
    case .string(let text): content? += text
    case .endArray: frames.removeLast()
    default:
      fail(.wrongType, "\(turnName) has \(event.kindName) among its content parts; text parts only")
      nest(event)
    }
  }

  private mutating func inPart(_ event: JSONEvent) {
    switch (partKey, event) {
    case (_, .key(let name)): partKey = name
    case (_, .endObject): frames.removeLast()
    case ("text", .string(let text)): content? += text
    case ("type", .string("text")): break
    case ("type", let value):
      fail(.wrongType, "\(turnName) has a content part of type \(value.shown); text parts only")
      nest(event)
    default: nest(event)
    }
  }

  /// Steps over a value that nobody asked for, however deep.
  private mutating func nest(_ event: JSONEvent) {
    switch event {
    case .startObject, .startArray: frames.append(.skipped)
    case .endObject, .endArray: frames.removeLast()
    default: break
    }
  }

  // MARK: Ends

  private mutating func finishTurn() {
    guard record.problem == nil else { return }
    if callsTool { return fail(.toolUse, "\(turnName) calls a tool; chats with tools are not read") }
    if isNull { return fail(.wrongType, "\(turnName) has null as its content") }
    guard let role else { return fail(.missingField, "\(turnName) has no role (from or role)") }
    guard let content else { return fail(.missingField, "\(turnName) has no content (value or content)") }
    add(Turn(role, content, isTrained: isTrained))
  }

  private mutating func add(_ turn: Turn) {
    guard record.problem == nil else { return }
    guard record.turns.count < Self.maximumTurns else {
      return fail(.tooLong, "the record has more than \(Self.maximumTurns) turns")
    }
    record.turns.append(turn)
    if turn.isEmpty { record.emptyTurns.append(record.turns.count) }
  }

  private mutating func finishRecord(end: Int) -> Record {
    frames.removeLast()
    record.bytes = start..<end
    if !hasTurnList, record.problem == nil { finishTexts() }
    if record.turns.isEmpty { fail(.noTurns, "the list of turns is empty") }
    return record
  }

  /// Takes the turns from the record's own texts.
  private mutating func finishTexts() {
    guard let shape = RecordShape(textsNamed: texts.keys) else {
      let found = keys.isEmpty ? "no keys" : "the keys \(keys.joined(separator: ", "))"
      return fail(
        .noTurnList,
        "no list named conversations, messages or data, and no texts instruction and output, prompt and "
          + "completion, or text; found \(found)")
    }
    record.shape = shape
    for turn in shape.turns(from: texts) { add(turn) }
  }

  private var turnName: String { "turn \(record.turns.count + 1)" }

  private mutating func fail(_ kind: RecordProblem.Kind, _ detail: String) {
    if record.problem == nil { record.problem = RecordProblem(kind, detail) }
  }
}

extension JSONEvent {
  /// The value's type in words, for messages.
  var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a true or false"
    case .number: "a number"
    case .string: "a text"
    case .key: "a key"
    case .startObject, .endObject: "an object"
    case .startArray, .endArray: "a list"
    }
  }

  /// A short text's own words, otherwise the type.
  fileprivate var shown: String { if case .string(let text) = self { "\"\(text.prefix(40))\"" } else { kindName } }
}
