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

  @Test func `an unknown directive is an error`() throws {
    #expect(throws: TemplateError.self) { try ChatTemplate("{{ strftime_now('%Q') }}").render([], date: date) }
    #expect(throws: TemplateError.self) { try ChatTemplate("{{ strftime_now('%') }}").render([], date: date) }
  }
}
