import FoundationEssentials
import AtomicFiles
import HDF5Storage
import Kernels
public import LlamaModel
import Tokenization

/// Why a saved session cannot be used.
public struct SessionFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public var path: String
  public var found: String
  public var allowed: String
  public var repair: String
  public var description: String { "\(path): found \(found); allowed is \(allowed). \(repair)" }
}

/// A session in one sealed HDF5 file: `tokens` [n] int32, and for each layer `layer/L` [pages, bytes of a page] uint8, keys
/// then values of 256 tokens a page. Attributes: format, version, model (its fingerprint), cache (its precision), context.
extension Session {
  static var format: String { "extend key-value cache" }
  static var version: Int64 { 1 }

  /// Refuses a path where nothing can be written, or where something else stands than a saved session.
  ///
  /// - Throws: `FileError`, `SessionFileError`.
  public static func check(savingTo path: String) throws {
    try AtomicFile.check(path)
    guard let bytes = FileSystem.byteCount(of: path), bytes > 0 else { return }
    // A checkpoint is sealed, too.
    let names = (try? HDF5Seal.manifest(path))?.datasets.map(\.name) ?? []
    if !names.contains("layer/0") || !names.contains("tokens") {
      throw SessionFileError(
        path: path, found: "something else than a saved session, which would be lost",
        allowed: "a new file, or a saved session to be replaced", repair: "Give another name, or remove the file.")
    }
  }

  /// Writes what was read, whole or not at all; replaces a saved session and nothing else.
  ///
  /// - Throws: `FileError`, `SessionFileError`, `HDF5Error`.
  public func save(to path: String) throws {
    try Self.check(savingTo: path)
    let fingerprint = ModelFingerprint(model).description
    try AtomicFile.write(to: path, needing: cache.byteCount + 4 * tokens.count) { partial in
      let file = try HDF5File(creating: partial, sealable: true)
      try file.write(tokens.span, shape: [tokens.count], to: "tokens")
      try file.createGroup("layer")
      for layer in 0..<model.configuration.layerCount {
        let shape = [cache.pageCount, pageBytes]
        let dataset = try file.createDataset("layer/\(layer)", of: UInt8.self, shape: shape)
        for page in 0..<cache.pageCount {
          let bytes = cache.bytes(ofLayer: layer, page: page)
          try dataset.write(bytes.span, rows: page..<page + 1)
        }
      }
      let attributes: [(String, HDF5Attribute)] = [
        ("format", .string(Self.format)), ("version", .integer(Self.version)), ("model", .string(fingerprint)),
        ("cache", .string(cachePrecision.rawValue)), ("context", .integer(Int64(context))),
      ]
      for (name, value) in attributes { try file.setAttribute(name, value) }
      try file.closeSealed(notes: ["model": fingerprint])
    }
  }

  private var pageBytes: Int {
    CachePage.byteCount(
      cachePrecision, keyHeads: model.configuration.keyHeadCount, headSize: model.configuration.headSize)
  }

  /// Opens a saved session of this very model.
  ///
  /// Its last token is to be read again before it can be continued: `read(exactly:)` sees to that.
  ///
  /// - Parameter context: tokens it may hold from now on; nil for as many as when it was saved.
  /// - Throws: `SessionFileError`, for a damaged file and for one of another model.
  public init(_ model: Llama, loading path: String, context: Int? = nil) throws(SessionFileError) {
    func refuse(_ found: String, _ allowed: String, _ repair: String) -> SessionFileError {
      SessionFileError(path: path, found: found, allowed: allowed, repair: repair)
    }
    let isWhole = "a whole saved session", again = "Read the text again and save it anew."
    do {
      _ = try HDF5Seal.verify(path)
      let file = try HDF5File(opening: path, isVerified: true), attributes = try file.attributes()
      guard attributes["format"] == .string(Self.format), attributes["version"] == .integer(Self.version),
        case .string(let fingerprint)? = attributes["model"], case .string(let name)? = attributes["cache"],
        let precision = CachePrecision(rawValue: name), case .integer(let savedContext)? = attributes["context"]
      else {
        throw refuse(
          "format \(attributes["format"]?.description ?? "none"), version "
            + "\(attributes["version"]?.description ?? "none")", "\(Self.format), version \(Self.version)", again)
      }
      let expected = ModelFingerprint(model).description
      guard fingerprint == expected else {
        throw refuse(
          "a session of another model (fingerprint \(fingerprint))", "one of this model (\(expected))",
          "Give the model it was saved with, or read the text again.")
      }
      let tokens: [Int32] = try file.dataset("tokens").read()
      let capacity = context ?? Int(clamping: savedContext)
      let changesAngles = capacity != Int(clamping: savedContext) && model.configuration.rope.dependsOnLength
      guard tokens.count <= capacity, !changesAngles else {
        throw refuse(
          "\(tokens.count) tokens, saved for a context of \(savedContext)", "a context of \(capacity)",
          changesAngles ? "This model's positions depend on the context: give the same." : "Give a larger context.")
      }
      let configuration = model.configuration
      let vocabulary = configuration.vocabularySize, pages = (tokens.count + CachePage.tokens - 1) / CachePage.tokens
      let pageBytes = CachePage.byteCount(
        precision, keyHeads: configuration.keyHeadCount, headSize: configuration.headSize)
      guard tokens.allSatisfy({ $0 >= 0 && Int($0) < vocabulary }) else {
        throw refuse("tokens beyond the vocabulary", isWhole, again)
      }
      self.init(model, context: capacity, cachePrecision: precision)
      cache = try KeyValueCache(configuration, capacity: capacity, precision: precision, count: tokens.count) {
        layer, page in
        let dataset = try file.dataset("layer/\(layer)")
        guard dataset.shape == [pages, pageBytes] else {
          throw refuse("layer \(layer) of shape \(dataset.shape)", "[\(pages), \(pageBytes)]", again)
        }
        return try dataset.read(UInt8.self, rows: page..<page + 1)
      }
      self.tokens = tokens
    } catch let error as SessionFileError {
      throw error
    } catch let error as HDF5Error {
      throw refuse((error.object == "/" ? "" : "\(error.object): ") + error.message, isWhole, again)
    } catch {
      throw refuse("\(error)", isWhole, again)
    }
  }
}
