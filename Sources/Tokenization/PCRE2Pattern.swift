// The door to libpcre2-8, and the only file of this module with unsafe code: it hands pointers to C.

internal import CPCRE2
import Diagnostics

/// A compiled pattern; immutable after creation and shared by all threads.
///
/// `@unchecked Sendable`: PCRE2 documents compiled code as thread-safe when nobody writes to it, and the one call that
/// does write (JIT compilation) happens in `init`, before anyone else can have a reference.
@safe final class PCRE2Pattern: @unchecked Sendable {
  fileprivate let code: OpaquePointer
  let coversAllText: Bool

  /// Compiles for UTF-8 with Unicode classes, with the JIT compiler where the machine allows it.
  init(_ step: SplitStep) throws(TokenizerError) {
    let flags = PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | (step.coversAllText ? PCRE2_ANCHORED : 0)
    var failure: CInt = 0
    var offset = 0
    let pattern = Array(step.pattern.utf8)
    let compiled = unsafe pattern.withUnsafeBufferPointer {
      unsafe pcre2_compile_8($0.baseAddress, $0.count, flags, &failure, &offset, nil)
    }
    guard let compiled = unsafe compiled else {
      throw .patternRejected(pattern: step.pattern, offset: offset, reason: PCRE2Pattern.message(failure))
    }
    // Without JIT (a machine that forbids executable memory) the interpreter gives the same matches, slower.
    _ = unsafe pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE)
    unsafe code = compiled
    coversAllText = step.coversAllText
  }

  deinit { unsafe pcre2_code_free_8(code) }

  fileprivate static func message(_ code: CInt) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = unsafe buffer.withUnsafeMutableBufferPointer {
      unsafe pcre2_get_error_message_8(code, $0.baseAddress, $0.count)
    }
    return length > 0 ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "PCRE2 error \(code)"
  }
}

/// The memory that matching writes to; one per encoding call, never shared.
@safe struct PCRE2Matcher: ~Copyable {
  private let match: OpaquePointer?
  private let context: OpaquePointer?

  init() {
    unsafe match = pcre2_match_data_create_8(1, nil)
    unsafe context = pcre2_match_context_create_8(nil)
    // The patterns step back over one class at a time, which is linear; the default limit would refuse long runs.
    _ = unsafe pcre2_set_match_limit_8(context, .max)
  }

  deinit {
    unsafe pcre2_match_data_free_8(match)
    unsafe pcre2_match_context_free_8(context)
  }

  /// The first match of `pattern` in `range` of valid UTF-8, which the pattern sees as the whole text.
  mutating func firstMatch(of pattern: PCRE2Pattern, in text: Span<UInt8>, range: Range<Int>) -> Range<Int>? {
    guard range.lowerBound >= 0 && range.upperBound <= text.count else {
      stop("firstMatch: \(range) is outside 0..<\(text.count)")
    }
    let found = unsafe text.withUnsafeBufferPointer { bytes in
      unsafe run(pattern, bytes, range, PCRE2_NO_UTF_CHECK)
    }
    guard found != PCRE2_ERROR_NOMATCH else { return nil }
    guard found > 0 else {
      stop("encode: PCRE2 failed on \(range.count) bytes of text: \(PCRE2Pattern.message(found))")
    }
    let ends = unsafe pcre2_get_ovector_pointer_8(match)
    return unsafe ends.map { unsafe Int($0[0])..<Int($0[1]) }
  }

  private func run(
    _ pattern: PCRE2Pattern, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ options: UInt32
  ) -> CInt {
    let found = unsafe pcre2_match_8(
      pattern.code, bytes.baseAddress, range.upperBound, range.lowerBound, options, match, context)
    guard found == PCRE2_ERROR_JIT_STACKLIMIT else { return found }
    return unsafe pcre2_match_8(
      pattern.code, bytes.baseAddress, range.upperBound, range.lowerBound, options | PCRE2_NO_JIT, match, context)
  }
}
