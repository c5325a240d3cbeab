import Testing

@testable import Metrics

struct ProcessMemoryTests {
  @Test func thePeakIsReadFromTheStatusOfTheProcess() {
    #expect(ProcessMemory.peakResidentBytes(status: "Name:\textend\nVmPeak:\t 9 kB\nVmHWM:\t  2048 kB\n") == 2_097_152)
    #expect(ProcessMemory.peakResidentBytes(status: "VmHWM:\t many kB\n") == nil)
    #expect(ProcessMemory.peakResidentBytes(status: "") == nil)
  }

  #if os(Linux)
    @Test func thePeakOfThisProcessGrowsWithWhatItTouches() throws {
      let before = try #require(ProcessMemory.peakResidentBytes())
      let touched = [UInt8](repeating: 1, count: before + 50_000_000)
      let after = try #require(ProcessMemory.peakResidentBytes())
      #expect(after >= touched.count)
    }
  #endif
}
