/// The record of one LongEval topics test (LongChat, Li et al. 2023): conversations, of which the first topic is asked.
public struct LongEvalTopics: Equatable, Sendable {
  /// One conversation on a topic, turns of USER and ASSISTANT.
  public struct Conversation: Codable, Equatable, Sendable {
    public var topic: String
    public var conversation: String

    public init(topic: String, conversation: String) { (self.topic, self.conversation) = (topic, conversation) }
  }
  public var conversations: [Conversation]

  public init(_ conversations: [Conversation]) { self.conversations = conversations }

  /// The question for the first topic, in the words of the files with up to ten topics.
  public var prompt: Prompt {
    Prompt(
      user: "Below is a record of our previous conversation on \(conversations.count) different topics. You are the "
        + "ASSISTANT, and I am the USER. At the beginning of each topic, the USER will say 'I would like to discuss "
        + "the topic of <TOPIC>'. Memorize each <TOPIC>. At the end of the record, I will ask you to retrieve the "
        + "first topic. Now the record start. " + conversations.map(\.conversation).joined()
        + " Now the record ends. What is the first topic we discussed? Only give me the topic name. "
        + "Do not summarize yourself.",
      plainEnd: "\n ASSISTANT: The first topic is")
  }
}
