import Inference
import Tokenization

extension Session {
  /// As `read(exactly:)`; says on standard error how far it is, where that takes long.
  ///
  /// - Parameter goesOn: asked after each tile of the text; false ends the reading.
  mutating func readSayingSo(
    exactly text: [TokenID], goesOn: () -> Bool = { true }
  ) -> (isWhole: Bool, reused: Int) {
    let heartbeat = Heartbeat(leavesOutputAlone: true)
    defer { heartbeat.stop() }
    heartbeat.begin("reading \(text.count) tokens")
    return read(exactly: text) { done in
      heartbeat.advance(to: Double(done) / Double(text.count), "reading, \(done) of \(text.count) tokens")
      return goesOn()
    }
  }
}
