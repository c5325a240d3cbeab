// The one door to libyajl. Unsafe code is confined to this file: C callbacks and borrowed byte pointers.
import CYajl

/// One step of a JSON text, as the parser meets it.
enum JSONEvent: Equatable, Sendable {
  case null, startObject, endObject, startArray, endArray
  case bool(Bool)
  case number(String)
  case string(String)
  case key(String)
}

/// An event and the byte just behind it, counted from the parser's first byte.
struct PlacedJSONEvent: Equatable, Sendable {
  var event: JSONEvent
  var end: Int
}

/// Where and why a JSON text breaks.
struct JSONFailure: Error, Equatable, Sendable {
  /// Bytes from the parser's first byte to the place the parser stopped at.
  var byte: Int
  var reason: String
}

/// A push parser: bytes go in by pieces of any size, events come out, memory holds one piece and one string.
struct JSONParser: ~Copyable {
  /// Deeper nesting is refused: no conversation needs it, and hostile input could otherwise grow the stack.
  static let maximumDepth = 256

  private let sink: Sink
  private var consumed = 0

  init() {
    sink = Sink()
    unsafe sink.handle = unsafe yajl_alloc(Sink.callbacks, nil, Unmanaged.passUnretained(sink).toOpaque())
  }

  deinit { unsafe yajl_free(sink.handle) }

  /// Takes the next piece of text; gives its events, and the failure that ended them, if any.
  mutating func parse(_ bytes: borrowing Span<UInt8>) -> (events: [PlacedJSONEvent], failure: JSONFailure?) {
    sink.begin(at: consumed)
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe yajl_parse(sink.handle, $0.baseAddress, $0.count) }
    let failure = failure(after: status)
    consumed += bytes.count
    return (sink.takeEvents(), failure)
  }

  /// Ends the text; a failure here means that it ends early.
  mutating func finish() -> (events: [PlacedJSONEvent], failure: JSONFailure?) {
    sink.begin(at: consumed)
    let status = unsafe yajl_complete_parse(sink.handle)
    var failure = failure(after: status)
    failure?.byte = consumed
    return (sink.takeEvents(), failure)
  }

  private func failure(after status: yajl_status) -> JSONFailure? {
    if status == yajl_status_ok { return nil }
    let byte = unsafe consumed + yajl_get_bytes_consumed(sink.handle)
    if status == yajl_status_client_canceled {
      return JSONFailure(byte: byte, reason: "nested deeper than \(Self.maximumDepth) levels")
    }
    guard let text = unsafe yajl_get_error(sink.handle, 0, nil, 0) else {
      return JSONFailure(byte: byte, reason: "syntax error")
    }
    defer { unsafe yajl_free_error(sink.handle, text) }
    let reason = unsafe String(cString: text).split(separator: "\n").first.map(String.init) ?? "syntax error"
    return JSONFailure(byte: byte, reason: reason)
  }
}

/// What the C callbacks write into; lives as long as its parser.
@safe private final class Sink {
  var handle: yajl_handle?
  var events: [PlacedJSONEvent] = []
  var base = 0
  var depth = 0

  func begin(at base: Int) { self.base = base }

  func takeEvents() -> [PlacedJSONEvent] {
    defer { events = [] }
    return events
  }

  private func add(_ event: JSONEvent) -> Int32 {
    // Inside a callback yajl has already counted the token it reports.
    unsafe events.append(PlacedJSONEvent(event: event, end: base + yajl_get_bytes_consumed(handle)))
    switch event {
    case .startObject, .startArray: depth += 1
    case .endObject, .endArray: depth -= 1
    default: break
    }
    return depth > JSONParser.maximumDepth ? 0 : 1
  }

  private static func add(_ context: UnsafeMutableRawPointer?, _ event: JSONEvent) -> Int32 {
    guard let context = unsafe context else { return 0 }
    return unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue().add(event)
  }

  private static func text(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
    unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// Made once, kept for ever, only ever read: yajl holds on to the address.
  nonisolated(unsafe) static let callbacks: UnsafePointer<yajl_callbacks> = {
    let table = UnsafeMutablePointer<yajl_callbacks>.allocate(capacity: 1)
    unsafe table.initialize(to: functions)
    return unsafe UnsafePointer(table)
  }()

  private static var functions: yajl_callbacks {
    unsafe yajl_callbacks(
      yajl_null: { unsafe Sink.add($0, .null) },
      yajl_boolean: { unsafe Sink.add($0, .bool($1 != 0)) },
      yajl_integer: nil, yajl_double: nil,
      yajl_number: { context, bytes, count in
        unsafe Sink.add(
          context, .number(String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)))
      },
      yajl_string: { unsafe Sink.add($0, .string(Sink.text($1, $2))) },
      yajl_start_map: { unsafe Sink.add($0, .startObject) },
      yajl_map_key: { unsafe Sink.add($0, .key(Sink.text($1, $2))) },
      yajl_end_map: { unsafe Sink.add($0, .endObject) },
      yajl_start_array: { unsafe Sink.add($0, .startArray) },
      yajl_end_array: { unsafe Sink.add($0, .endArray) })
  }
}
