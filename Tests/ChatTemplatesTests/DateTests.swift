import ChatTemplates
import Testing

@Suite struct DateTests {
  @Test(arguments: [
    (2000, 2, 29, "Tuesday 060 2 2"), (1970, 1, 1, "Thursday 001 4 4"), (2024, 12, 31, "Tuesday 366 2 2"),
    (2023, 12, 31, "Sunday 365 0 7"),
    (1900, 3, 1, "Thursday 060 4 4"),
  ]) func `weekdays and days of the year are right`(year: Int, month: Int, day: Int, text: String) throws {
    let date = CalendarDate(year: year, month: month, day: day)
    #expect(try ChatTemplate("{{ strftime_now('%A %j %w %u') }}").render([], date: date).text == text)
  }

  @Test func `days are written and read, and counted from 1970`() throws {
    for (days, text) in [
      (0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_156, "2025-03-09"),
      (-25_508, "1900-03-01"),
    ] {
      let date = CalendarDate(daysSince1970: days)
      #expect(date.dayText == text && CalendarDate(day: text) == date)
    }
    for text in ["", "2025-3-09", "2025-13-01", "2025-01-32", "0000-01-01", "2025-01-0a", "2025-01-01-", "20250101"] {
      #expect(CalendarDate(day: text) == nil, "\(text)")
    }
  }

  @Test func `a template says whether it asks for the date`() throws {
    #expect(try ChatTemplate("{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% endif %}").usesDate)
    #expect(try !ChatTemplate("{{ 'strftime_now' }}").usesDate)
    #expect(try ChatTemplate(Fixtures.source("llama32")).usesDate)
  }

  @Test func `an unknown directive is an error`() throws {
    #expect(throws: TemplateError.self) { try ChatTemplate("{{ strftime_now('%Q') }}").render([], date: date) }
    #expect(throws: TemplateError.self) { try ChatTemplate("{{ strftime_now('%') }}").render([], date: date) }
  }
}
