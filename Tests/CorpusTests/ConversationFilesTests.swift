import Testing
import Tokenization

@testable import Corpus

@Suite struct ConversationFilesTests {
  private static let chats = """
    [{"id": "q_0", "conversations": [{"from": "human", "value": "u0"}, {"from": "gpt", "value": "a1"}]},
     {"id": "other", "conversations": [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "the"}]},
     {"id": "q_1", "conversations": [{"from": "gpt", "value": "a1"}, {"from": "human", "value": "u2"}, {"from": "gpt", "value": "a3"}]},
     {"id": "again", "conversations": [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "the"}]},
     {"id": "mute", "conversations": [{"from": "human", "value": "x"}]},
     {"id": "last", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "z"}]}]
    """
  private let folder: TemporaryFolder
  private let tokenizer: Tokenizer

  init() throws { (folder, tokenizer) = (try TemporaryFolder(), try Toy.byteLevel()) }

  private func encoded(_ files: ConversationFiles, _ template: String?, most: Int = .max) throws -> [[TokenID]] {
    var chats: [[TokenID]] = []
    try files.encode(tokenizer, template: template) { tokens in
      chats.append(tokens)
      return chats.count < most
    }
    return chats
  }

  @Test(arguments: [false, true]) func conversationsComeAsTrainingEncodesThemAndNoMoreThanAreWanted(packed: Bool) throws
  {
    let bytes = Array(Self.chats.utf8), path = try folder.file("chats", packed ? gzipped(bytes) : bytes)
    #expect(ConversationFiles.hasChats(path))
    let files = try ConversationFiles([path])
    let all = try encoded(files, Toy.chatML)
    let corpus = try CorpusBuilder(
      files: [path], tokenizer: tokenizer, template: Toy.chatML, cacheFolder: folder.path + "/cache"
    ).build()
    #expect(all == (try (0..<corpus.cache.documentCount).map { try corpus.cache.document($0).tokens }))
    #expect(all.count == 3)
    #expect(try encoded(files, Toy.chatML, most: 2) == Array(all.prefix(2)))
    #expect(files.warnings.isEmpty)
  }

  @Test func withoutATemplateTheWordsFollowEachOther() throws {
    let texts = try encoded(ConversationFiles([folder.file("chats", Self.chats)]), nil).map { tokenizer.decode($0) }
    #expect(texts == ["u0\n\na1\n\nu2\n\na3", "hello\n\nthe", "q\n\nz"])
  }

  @Test func whatIsNotReadIsTold() throws {
    let cut = try folder.file("cut", Self.chats.utf8.dropLast(40))
    let files = try ConversationFiles([cut])
    #expect(files.warnings.count == 1 && files.warnings[0].contains("cut off at byte"), "\(files.warnings)")
    #expect(try encoded(files, Toy.chatML).count == 2)
    let lines = try folder.file(
      "lines", "{\"messages\": 7}\n{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}\n")
    #expect(ConversationFiles.hasChats(lines))
    #expect(try ConversationFiles([lines]).warnings == ["records of conversations with faults: 1 with noTurnList"])
    #expect(try ConversationFiles([cut]).fingerprint != ConversationFiles([lines]).fingerprint)
  }

  @Test func whatHoldsNoChatIsToldApart() throws {
    for text in ["It was a day.\n", "{\"text\": \"It was a day.\"}\n", "[1, 2]", "", "a,b\n1,2\n", "{\"a\": 1"] {
      #expect(!ConversationFiles.hasChats(try folder.file("f", text)), "\(text)")
    }
    #expect(!ConversationFiles.hasChats(folder.path) && !ConversationFiles.hasChats(folder.path + "/none"))
  }
}
