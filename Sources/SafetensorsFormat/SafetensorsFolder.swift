import FoundationEssentials
import JSONText

/// The tensors of a model folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
public struct SafetensorsFolder: Sendable {
  public let path: String
  /// The opened files, by name.
  public let files: [SafetensorsFile]
  private let places: [String: Int]

  /// More bytes of index than any model has.
  private static let mostIndexBytes = 1 << 24

  /// Opens and checks every file.
  ///
  /// - Throws: ``SafetensorsError``: neither file is there, the index is malformed or names a file outside the folder, a
  ///   tensor of the index is not in the file it names, or two files hold the same tensor.
  public init(path: String) throws(SafetensorsError) {
    self.path = path
    let single = path + "/" + SafetensorsWriter.singleName, index = path + "/" + SafetensorsWriter.indexName
    var names = [SafetensorsWriter.singleName], listed: [(tensor: String, file: String)] = []
    if !FileManager.default.fileExists(atPath: single) {
      guard FileManager.default.fileExists(atPath: index) else {
        throw SafetensorsError(
          .cannotOpen, path: path,
          found: "neither \(SafetensorsWriter.singleName) nor \(SafetensorsWriter.indexName)",
          allowed: "a folder with one of them",
          repair:
            "Name the folder of a Hugging Face model with safetensors weights; older pytorch_model.bin files must "
            + "be converted first.")
      }
      listed = try Self.listed(in: index)
      names = Set(listed.map(\.file)).sorted()
    }
    var files: [SafetensorsFile] = [], places: [String: Int] = [:]
    for (number, name) in names.enumerated() {
      let file = try SafetensorsFile(path: path + "/" + name)
      for tensor in file.tensors {
        if let earlier = places.updateValue(number, forKey: tensor.name) {
          throw SafetensorsError(
            .duplicateTensor, path: file.path, tensor: tensor.name,
            found: "the tensor, which \(names[earlier]) has too",
            allowed: "every tensor in one file", repair: "Remove the file that does not belong to the model.")
        }
      }
      files.append(file)
    }
    for (tensor, file) in listed where places[tensor].map({ names[$0] }) != file {
      throw SafetensorsError(
        .missingTensor, path: path + "/" + file, tensor: tensor, found: "no such tensor",
        allowed: "what \(SafetensorsWriter.indexName) lists for this file",
        repair: "The files belong to different models, or one is old; fetch all of them again.")
    }
    (self.files, self.places) = (files, places)
  }

  /// The tensor called `name` and the file that holds it, or nil if there is none.
  public func find(_ name: String) -> (file: SafetensorsFile, tensor: TensorEntry)? {
    guard let file = places[name].map({ files[$0] }), let tensor = file.find(name) else { return nil }
    return (file, tensor)
  }

  /// All tensors.
  public var tensors: [TensorEntry] { files.flatMap(\.tensors) }

  /// The pairs of `weight_map`.
  private static func listed(in path: String) throws(SafetensorsError) -> [(tensor: String, file: String)] {
    func refuse(_ found: String, _ allowed: String, position: Int? = nil) -> SafetensorsError {
      SafetensorsError(.invalidIndex, path: path, position: position, found: found, allowed: allowed)
    }
    let data = try SafetensorsFile.map(path)
    if data.count > mostIndexBytes { throw refuse("\(data.count) bytes", "at most \(mostIndexBytes)") }
    var listed: [(tensor: String, file: String)] = []
    do throws(JSONError) {
      var cursor = JSONCursor(Array(data))
      try cursor.object { (key, cursor) throws(JSONError) in
        guard key == "weight_map" else { return _ = try cursor.value() }
        try cursor.object { (key, cursor) throws(JSONError) in listed.append((key, try cursor.string())) }
      }
      try cursor.end()
    } catch {
      throw refuse(error.found, error.allowed, position: error.position)
    }
    if listed.isEmpty { throw refuse("no weight_map, or an empty one", "tensor names with the files that hold them") }
    for (_, file) in listed where file.contains("/") || file.contains("\0") || !file.hasSuffix(".safetensors") {
      throw refuse("the file name \(quoted(file))", "names of .safetensors files in the same folder")
    }
    return listed
  }
}
