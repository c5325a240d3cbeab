import AtomicFiles
import Foundation
import HDF5Storage
import Inference
import Kernels
import LlamaModel
import TensorCore
import TestSupport
import Testing
import Tokenization

/// Sessions: branches, prefixes, scores, files.
struct SessionTests {
  static let model = Llama.random(.tiny(), scale: 0.5)
  static func text(_ count: Int, seed: UInt64) -> [TokenID] {
    var random = SplitMix64(seed: seed)
    return random.tokens(count, below: 31)
  }
  static let document = text(600, seed: 1)

  @Test func `questions about one document read it once, and are answered as if each had read it`() {
    var whole = Session(Self.model, context: 800)
    whole.read(Self.document)
    for seed in 2..<6 as Range<UInt64> {
      let prompt = Self.document + Self.text(20, seed: seed)
      var branch = whole
      let (isWhole, reused) = branch.read(exactly: prompt)
      #expect(isWhole && reused == 600)
      var alone = Session(Self.model, context: 800)
      alone.read(prompt)
      let options = GenerationOptions(maximumTokens: 12)
      let (one, two) = (branch.generate(options).tokens, alone.generate(options).tokens)
      #expect(one.map(\.id) == two.map(\.id))
      for (a, b) in zip(one, two) { #expect(abs(a.logProbability - b.logProbability) < 1e-4) }
      #expect(branch.tokens == prompt + one.dropLast().map(\.id))
    }
    #expect(whole.tokens == Self.document)
  }

  @Test func `a session moves to any text, keeping what it begins with`() {
    var session = Session(Self.model, context: 700)
    for (text, reused) in [
      (Self.document, 0), (Array(Self.document.prefix(300)), 299), (Array(Self.document.prefix(300)), 300),
      (Array(Self.document.prefix(250)) + [1, 2, 3], 250), (Self.text(10, seed: 9), 0),
      (Array(Self.document.prefix(1)), 0),
    ] as [([TokenID], Int)] {
      let expected = text.isEmpty ? 0 : zip(session.tokens, text).prefix { $0 == $1 }.count
      let result = session.read(exactly: text)
      #expect(result.isWhole && result.reused <= max(reused, expected))
      #expect(session.tokens == text)
      var fresh = Session(Self.model, context: 700)
      fresh.read(text)
      #expect(zip(session.logits ?? [], fresh.logits ?? []).allSatisfy { abs($0 - $1) < 1e-4 })
      #expect(session.logits?.count == 31)
    }
  }

  @Test func `the scores of an answer are those of the whole text`() {
    var session = Session(Self.model, context: 700)
    session.read(Array(Self.document.prefix(100)))
    let answer = Array(Self.document[100..<180]), before = session.logits
    let scores = session.logProbabilities(ofAnswer: answer)
    let logits = Self.model.frozen().logits(tokens: Array(Self.document.prefix(180))).values
    for (i, token) in answer.enumerated() {
      let row = logits[(99 + i) * 31..<(100 + i) * 31].map(Double.init), most = row.max() ?? 0
      let expected = row[Int(token)] - most - log(row.reduce(0) { $0 + exp($1 - most) })
      #expect(abs(scores[i] - expected) < 1e-4)
    }
    #expect(session.logits == before && session.tokens.count == 100)
    #expect(session.logProbabilities(ofAnswer: []).isEmpty)
  }

  @Test(arguments: CachePrecision.allCases, Precision.allCases)
  func `scores that begin with earlier ones have the bits of a text read at once`(
    cache: CachePrecision, precision: Precision
  ) throws {
    var model = Self.model
    model.precision = precision
    let document = Self.text(2500, seed: 8)
    func session() -> Session { Session(model, context: 2700, cachePrecision: cache) }
    var kept = session()
    for (common, length, top, seed, reuses) in [
      (300, 10, 2, 20, false), (300, 40, 2, 21, true), (300, 7, 1, 22, true), (250, 100, 1, 23, true),
      // More alternatives than are known, then a text too short to be read in two parts.
      (250, 100, 3, 24, false), (20, 3, 1, 25, false), (2450, 50, 1, 26, false), (2450, 30, 1, 27, true),
    ] as [(Int, Int, Int, UInt64, Bool)] {
      let text = Array(document.prefix(common)) + Self.text(length, seed: seed)
      var fresh = session()
      let whole = fresh.readScoring(text, top: top), told = kept.readScoring(exactly: text, top: top)
      let (expected, found) = (try #require(whole), try #require(told))
      #expect(found.scores == expected && expected.count == text.count - 1)
      #expect(kept.logits?.bits == fresh.logits?.bits && kept.tokens == text)
      #expect((found.reused > 0) == reuses && found.reused <= common, "\(found.reused) of \(common)")
      // What is written afterwards, token by token, is not what a text read at once has; nor is it taken for that.
      let written = kept.generate(GenerationOptions(maximumTokens: 3)).tokens.map(\.id)
      var again = kept
      let longer = text + written + Self.text(64, seed: 99)
      var alone = session()
      let (one, other) = (again.readScoring(exactly: longer, top: top), alone.readScoring(longer, top: top))
      #expect(one != nil && one?.scores == other)
    }
    // The same text once more.
    let text = Array(document.prefix(500))
    let first = kept.readScoring(exactly: text), second = kept.readScoring(exactly: text)
    #expect(first?.scores == second?.scores && second?.reused ?? 0 >= 500 - 32 - 192)
    let ended = kept.readScoring(exactly: text) { _ in false }
    #expect(ended == nil)
  }

  @Test func `reading can be ended between tiles, and goes on from there`() {
    let long = Self.text(5000, seed: 3)
    var session = Session(Self.model, context: 5000), calls: [Int] = []
    let isWhole = session.read(long) { done in
      calls.append(done)
      return calls.count < 2
    }
    #expect(!isWhole && session.logits == nil)
    #expect(session.tokens == Array(long.prefix(calls.last ?? 0)) && calls.count == 2 && session.tokens.count < 5000)
    #expect(session.read(exactly: long).isWhole)
    var fresh = Session(Self.model, context: 5000)
    fresh.read(long)
    #expect(session.logits?.bits == fresh.logits?.bits)
  }

  @Test(arguments: CachePrecision.allCases) func `a saved session is the same session`(precision: CachePrecision) throws
  {
    try withTemporaryDirectory { folder in
      let path = folder + "/document.cache"
      var session = Session(Self.model, context: 640, cachePrecision: precision)
      session.read(Self.document)
      try session.save(to: path)
      var loaded = try Session(Self.model, loading: path)
      #expect(loaded.tokens == Self.document && loaded.context == 640 && loaded.cachePrecision == precision)
      let question = Self.document + [3, 1, 4]
      session.read(exactly: question)
      #expect(loaded.read(exactly: question).reused == 600)
      #expect(loaded.logits?.bits == session.logits?.bits)
      #expect(try Session(Self.model, loading: path, context: 1000).context == 1000)
    }
  }

  @Test func `a wrong or damaged file gets one clear error`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/document.cache"
      var session = Session(Self.model, context: 640)
      session.read(Self.document)
      try session.save(to: path)
      func problem(_ model: Llama = Self.model, _ path: String = path, context: Int? = nil) -> String? {
        do {
          _ = try Session(model, loading: path, context: context)
          return nil
        } catch { return "\(error)" }
      }
      #expect(problem() == nil)
      #expect(problem(Llama.random(.tiny(), seed: 2))?.contains("another model") == true)
      #expect(problem(context: 500)?.contains("larger context") == true)
      #expect(problem(Self.model, folder + "/none")?.contains("none") == true)
      let bytes = try Data(contentsOf: URL(filePath: path))
      for place in stride(from: 3, to: bytes.count, by: bytes.count / 40) {
        var damaged = bytes
        damaged[place] ^= 0x10
        try damaged.write(to: URL(filePath: folder + "/damaged"))
        #expect(problem(Self.model, folder + "/damaged")?.hasPrefix(folder + "/damaged: found") == true)
        try bytes.prefix(place).write(to: URL(filePath: folder + "/short"))
        #expect(problem(Self.model, folder + "/short") != nil)
      }
      try Data("not a cache".utf8).write(to: URL(filePath: folder + "/text"))
      #expect(problem(Self.model, folder + "/text") != nil)
    }
  }

  @Test func `a session replaces a saved session, and no other file`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/document.cache", other = folder + "/model.gguf", checkpoint = folder + "/checkpoint.h5"
      var session = Session(Self.model, context: 640)
      session.read(Array(Self.document.prefix(10)))
      try session.save(to: path)
      session.read([1, 2])
      try session.save(to: path)
      #expect(try Session(Self.model, loading: path).tokens.count == 12)
      try Data("GGUF".utf8).write(to: URL(filePath: other))
      let sealed = try HDF5File(creating: checkpoint, sealable: true)
      try sealed.write([Int32(1)].span, shape: [1], to: "weights")
      try sealed.closeSealed(notes: [:])
      for file in [other, checkpoint] {
        let before = try Data(contentsOf: URL(filePath: file))
        let error = #expect(throws: SessionFileError.self) { try session.save(to: file) }
        #expect(error?.description.hasPrefix("\(file): found something else than a saved session") == true)
        #expect(try Data(contentsOf: URL(filePath: file)) == before)
      }
      #expect(throws: FileError.self) { try Session.check(savingTo: folder + "/none/document.cache") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }

  @Test func `an engine begins with what it has kept, within its memory`() throws {
    let tokenizer = try ByteTokenizer.make()
    var random = SplitMix64(seed: 4)
    let model = Llama.random(.tiny(vocabularySize: tokenizer.tokenCount), scale: 0.5)
    let texts = (0..<3).map { _ in random.tokens(500, below: 259) }
    let engine = InferenceEngine(model, tokenizer, context: 700, keptBytes: Int.max / 2)
    for text in texts {
      let (session, isWhole, reused) = engine.session(reading: text)
      #expect(isWhole && reused <= 2)
      engine.keep(session)
    }
    for text in texts { #expect(engine.session(reading: text + [7, 8]).reused == 500) }
    var one = Session(model, context: 700)
    one.read(texts[0])
    let small = InferenceEngine(model, tokenizer, context: 700, keptBytes: one.byteCount)
    for text in texts { small.keep(small.session(reading: text).session) }
    #expect(small.session(reading: texts[2] + [1]).reused == 500)
    #expect(small.session(reading: texts[0] + [1]).reused <= 2)
    let ended = engine.session(reading: random.tokens(600, below: 259)) { _ in false }
    #expect(ended.session.tokens.count <= 600)
  }
}
