import ArgumentParser
import Foundation

/// What an option says that takes several values, separated by commas; at least one.
struct OptionList {
  private let option: String
  private let text: String

  init(_ option: String, _ text: String) { (self.option, self.text) = (option, text) }

  /// The values, in their order.
  ///
  /// - Parameters:
  ///   - allowed: what a message says is allowed.
  ///   - value: what a word means; nil for one that is not allowed.
  func values<Value>(_ allowed: String, _ value: (String) -> Value?) throws -> [Value] {
    let values = try text.split(separator: ",").map { item in
      let word = item.trimmingCharacters(in: .whitespaces)
      guard let value = value(word) else {
        throw ValidationError("\(option): found '\(word)'; allowed are \(allowed)")
      }
      return value
    }
    if values.isEmpty { throw ValidationError("\(option) is empty; name at least one") }
    return values
  }

  /// Names, in their order.
  ///
  /// - Parameter others: what is allowed besides, for messages.
  func names<Name: RawRepresentable & CaseIterable>(or others: [String] = []) throws -> [Name]
  where Name.RawValue == String {
    try values((others + Name.allCases.map(\.rawValue)).joined(separator: ", ")) { Name(rawValue: $0) }
  }

  /// Lengths in tokens, each once, the shortest first; K is 1,024, M is 1,048,576.
  func lengths(in allowed: ClosedRange<Int>) throws -> [Int] {
    let example = "\(allowed.lowerBound) to \(allowed.upperBound) tokens, such as 4096 or 4K"
    let lengths = try values(example) { word -> Int? in
      let text = word.uppercased(), unit = text.hasSuffix("K") ? 1024 : text.hasSuffix("M") ? 1_048_576 : 1
      let number = Int(unit == 1 ? text : String(text.dropLast())) ?? 0
      let (length, isTooMuch) = number.multipliedReportingOverflow(by: unit)
      return !isTooMuch && allowed.contains(length) ? length : nil
    }
    return Set(lengths).sorted()
  }
}
