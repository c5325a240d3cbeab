import AtomicFiles
import JSONText
import Kernels

/// Writes tensors as one safetensors file, or as several with an index, as `transformers` names them.
///
/// The model is never held: the caller supplies each tensor when its turn comes. Every file appears under its name
/// only when it is whole, the index last.
public struct SafetensorsWriter: Sendable {
  /// The files in order, with what each is to hold.
  public let shards: [(name: String, plans: [SafetensorsPlan])]
  /// Bytes of all tensors.
  public let byteCount: Int
  private let metadata: [String: String]

  /// Names of the files of a model folder.
  public static let singleName = "model.safetensors", indexName = "model.safetensors.index.json"
  /// Five gigabytes of tensors a file, as `transformers` 4 cuts them.
  public static let usualShardBytes = 5_000_000_000

  /// Plans the files: a shard is closed before the tensor that would make it larger than `shardBytes`; a tensor that
  /// is larger alone has a shard of its own.
  public init(
    _ plans: [SafetensorsPlan], shardBytes: Int = usualShardBytes, metadata: [String: String] = ["format": "pt"]
  ) {
    require(Set(plans.map(\.name)).count == plans.count, "SafetensorsWriter: a tensor is planned twice")
    var groups: [[SafetensorsPlan]] = [[]]
    var size = 0
    for plan in plans {
      if size > 0, size + plan.byteCount > shardBytes {
        groups.append([])
        size = 0
      }
      groups[groups.count - 1].append(plan)
      size += plan.byteCount
    }
    let count = groups.count
    func padded(_ number: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)" }
    shards = groups.enumerated().map { index, plans in
      (count == 1 ? Self.singleName : "model-\(padded(index + 1))-of-\(padded(count)).safetensors", plans)
    }
    byteCount = plans.reduce(0) { $0 + $1.byteCount }
    self.metadata = metadata
  }

  /// Writes the files into `folder`; `supply` is called once for every plan, in order, and appends that tensor's values.
  ///
  /// - Throws: ``SafetensorsError``, and whatever `supply` throws.
  public func write(into folder: String, supply: (SafetensorsPlan, inout SafetensorsSink) throws -> Void) throws {
    for shard in shards {
      let header = SafetensorsPlan.header(shard.plans, metadata: metadata)
      let size = shard.plans.reduce(header.count) { $0 + $1.byteCount }
      var sink = SafetensorsSink(
        try OutputFile(replacing: folder + "/" + shard.name, byteCount: size, failing: SafetensorsError.init))
      try sink.file.append(header.span)
      for plan in shard.plans {
        sink.begin(plan)
        try supply(plan, &sink)
        try sink.end()
      }
      try sink.file.commit()
    }
    guard shards.count > 1 else { return }
    let index = self.index.bytes()
    var file = try OutputFile(
      replacing: folder + "/" + Self.indexName, byteCount: index.count, failing: SafetensorsError.init)
    try file.append(index.span)
    try file.commit()
  }

  /// Which file holds which tensor.
  private var index: JSONValue {
    var places = JSONObject(), metadata = JSONObject(), index = JSONObject()
    let all = shards.flatMap { shard in shard.plans.map { ($0.name, shard.name) } }
    for (name, file) in all.sorted(by: { $0 < $1 }) { places.append(name, .string(file)) }
    metadata["total_size"] = .integer(byteCount)
    index["metadata"] = .object(metadata)
    index["weight_map"] = .object(places)
    return .object(index)
  }
}
