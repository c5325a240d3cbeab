public import TextCleaning

/// From files of conversations to sequences of exactly a stage's length.
public struct DataRecipe: Equatable, Sendable {
  /// Files to read: ShareGPT, OpenAI, UltraChat or Alpaca records as JSON or JSON Lines, or plain text, each also packed
  /// by gzip. The default is none: `--data` names them.
  public var paths: [String]
  /// Whether parts of one conversation that a data set has cut up are joined again. The default is true.
  public var joinParts: Bool
  /// Whether tokens see the other documents of their sequence. The default is `isolated`.
  public var documentMask: DocumentMask
  /// The order of documents. The default is `longFirst`.
  public var order: Order
  /// What happens to a document longer than the stage's context. The default is `split`.
  public var overLength: OverLength
  /// The share of documents kept for evaluation and never trained on, from 0 to below 1. The default is 0.02.
  public var heldOut: Double
  /// Which tokens the loss counts. The default is `assistant`.
  public var labels: Labels
  /// A chat template: a known name or the path of a Jinja file. The default (nil) is the model's own.
  public var template: String?
  /// The date that a template's `strftime_now` writes, as YYYY-MM-DD. The default (nil) is the day the run begins, which
  /// is then recorded here.
  public var date: String?
  /// How plain text files become documents. The default is `whole`.
  public var text: TextLayout
  /// Which cleaning rules run, and how. The default is none.
  public var cleaning: CleaningOptions

  public enum DocumentMask: String, CaseIterable, Sendable {
    /// Each document attends to itself only, and its positions start at 0.
    case isolated
    /// Tokens attend to everything before them, positions run through.
    case concatenated
  }
  public enum Order: String, CaseIterable, Sendable {
    /// The longest documents first, so that long sequences are filled by long documents.
    case longFirst = "long_first"
    /// By the seed alone.
    case shuffled
  }
  public enum OverLength: String, CaseIterable, Sendable {
    /// Cut into sequences; nothing is lost.
    case split
    /// Keep the beginning.
    case truncate
    /// Leave the document out.
    case drop
    /// Stop before training.
    case error
  }
  public enum Labels: String, CaseIterable, Sendable {
    /// What the assistant says, and its end of turn.
    case assistant
    /// Every token.
    case all
  }

  public init(
    paths: [String] = [], joinParts: Bool = true, documentMask: DocumentMask = .isolated, order: Order = .longFirst,
    overLength: OverLength = .split, heldOut: Double = 0.02, labels: Labels = .assistant, template: String? = nil,
    date: String? = nil, text: TextLayout = .whole, cleaning: CleaningOptions = CleaningOptions()
  ) {
    self.paths = paths
    self.joinParts = joinParts
    self.documentMask = documentMask
    self.order = order
    self.overLength = overLength
    self.heldOut = heldOut
    self.labels = labels
    self.template = template
    self.date = date
    self.text = text
    self.cleaning = cleaning
  }

  static var codec: Codec<DataRecipe> {
    .section(
      DataRecipe(),
      [
        Field("paths", \.paths, Codec.text.list(0...1_000_000, allowsOne: true), or: ["path", "files"]),
        Field("join_parts", \.joinParts, .boolean),
        Field("document_mask", \.documentMask, .word),
        Field("order", \.order, .word),
        Field("over_length", \.overLength, .word, or: ["excess_length_strategy"]),
        Field(
          "held_out", \.heldOut, .number("from 0 to below 1", example: "0.02") { $0 >= 0 && $0 < 1 },
          or: ["val_set_size", "val_size"]),
        Field("labels", \.labels, .word),
        Field("template", \.template, Codec.text.orNull, or: ["chat_template"]),
        Field("date", \.date, Codec.date.orNull),
        Field("text", \.text, .word),
        Field("cleaning", \.cleaning, CleaningOptions.codec),
      ])
  }
}
