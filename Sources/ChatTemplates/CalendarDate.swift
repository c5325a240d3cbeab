/// A date and time of day, as `strftime_now` of a template writes it.
public struct CalendarDate: Sendable, Equatable {
  public var year: Int
  /// 1…12.
  public var month: Int
  /// 1…31.
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int

  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    precondition(
      (1...9999).contains(year) && (1...12).contains(month) && (1...31).contains(day)
        && (0...23).contains(hour) && (0...59).contains(minute) && (0...60).contains(second),
      "CalendarDate: needs year 1…9999, month 1…12, day 1…31 and a time of day; got "
        + "\(year)-\(month)-\(day) \(hour):\(minute):\(second)")
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// A day as YYYY-MM-DD, at midnight; nil if the text is none.
  public init?(day text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
      let day = Int(parts[2]), year > 0, (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Days since the first day of 1970, as YYYY-MM-DD is formed from them (Hinnant's civil_from_days).
  public init(daysSince1970 days: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * march + 2) / 5 + 1)
  }

  /// The day as YYYY-MM-DD.
  public var dayText: String { formatted("%Y-%m-%d") ?? "" }

  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// Days since Sunday, by Sakamoto's method.
  private var weekday: Int {
    let shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1]
    let year = month < 3 ? self.year - 1 : self.year
    return (year + year / 4 - year / 100 + year / 400 + shift + day) % 7
  }

  /// Days since the first of January, from 1.
  private var dayOfYear: Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] + day + (isLeap && month > 2 ? 1 : 0)
  }

  /// The date written as C's `strftime` does in the C locale; nil at a directive that is not known.
  func formatted(_ format: String) -> String? {
    var result = ""
    var scalars = Substring(format).unicodeScalars
    while let scalar = scalars.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      var isPadded = true
      if scalars.first == "-" {
        isPadded = false
        scalars.removeFirst()
      }
      guard let directive = scalars.popFirst(), let text = field(directive, isPadded: isPadded) else { return nil }
      result += text
    }
    return result
  }

  private func field(_ directive: Unicode.Scalar, isPadded: Bool) -> String? {
    func number(_ value: Int, _ width: Int, _ pad: String = "0") -> String {
      let digits = String(value)
      return isPadded ? String(repeating: pad, count: max(0, width - digits.count)) + digits : digits
    }
    let hour12 = (hour + 11) % 12 + 1
    return switch directive {
    case "Y": String(year)
    case "y": number(year % 100, 2)
    case "C": number(year / 100, 2)
    case "m": number(month, 2)
    case "d": number(day, 2)
    case "e": number(day, 2, " ")
    case "H": number(hour, 2)
    case "I": number(hour12, 2)
    case "M": number(minute, 2)
    case "S": number(second, 2)
    case "f": "000000"
    case "j": number(dayOfYear, 3)
    case "w": String(weekday)
    case "u": String((weekday + 6) % 7 + 1)
    case "p": hour < 12 ? "AM" : "PM"
    case "A": Self.weekdays[weekday]
    case "a": String(Self.weekdays[weekday].prefix(3))
    case "B": Self.months[month - 1]
    case "b", "h": String(Self.months[month - 1].prefix(3))
    case "F": formatted("%Y-%m-%d")
    case "T", "X": formatted("%H:%M:%S")
    case "R": formatted("%H:%M")
    case "D", "x": formatted("%m/%d/%y")
    case "c": formatted("%a %b %e %H:%M:%S %Y")
    case "n": "\n"
    case "t": "\t"
    case "%": "%"
    default: nil
    }
  }
}
