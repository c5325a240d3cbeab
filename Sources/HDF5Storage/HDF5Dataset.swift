// Unsafe: passes names and extents to libhdf5.
import CHDF5
import Synchronization

/// An open dataset; it closes when it leaves scope.
///
/// The first axis counts rows; reading and writing take whole rows. When the file is closed first, every call throws.
public struct HDF5Dataset: ~Copyable, Sendable {
  /// The file it belongs to.
  public let path: String
  /// Its path inside the file.
  public let name: String
  public internal(set) var description: HDF5DatasetDescription
  let id: hid_t
  /// The open file it belongs to.
  let file: hid_t

  /// Extents, slowest first.
  public var shape: [Int] { description.shape }
  /// The number of rows: the first extent, or 1 for a single value.
  public var rowCount: Int { shape.first ?? 1 }
  /// Elements in a row.
  public var rowElements: Int { shape.dropFirst().reduce(1, *) }

  var site: HDF5Site { HDF5Site(path: path, object: name) }

  deinit {
    let (closing, file) = (id, file)
    _ = try? HDF5Library.locked { () throws(HDF5Error) -> herr_t in
      HDF5Library.unclosed.withLock { $0.contains(file) } ? 0 : H5Dclose(closing)
    }
  }
}

extension HDF5File {
  /// Opens a dataset for reading.
  ///
  /// Errors: `.notFound`, `.mismatch` (the object is a group), `.damaged`.
  public borrowing func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset {
    let operation = "open the dataset"
    let site = HDF5Site(path: path, object: name)
    try site.checkName(name, operation)
    let file = id
    let opened = try HDF5Library.locked { () throws(HDF5Error) -> (hid_t, HDF5DatasetDescription) in
      guard Self.exists(name, in: file) else {
        throw site.error(
          .notFound, operation, "there is no such dataset", "extend inspect lists what the file holds.")
      }
      let object = try site.valid(unsafe H5Oopen(file, name, chdf5_default()), operation)
      guard H5Iget_type(object) == H5I_DATASET else {
        H5Oclose(object)
        throw site.error(.mismatch, operation, "the object is not a dataset", "Name a dataset inside it.")
      }
      do throws(HDF5Error) {
        return (object, try HDF5DatasetDescription(object, site))
      } catch {
        H5Oclose(object)
        throw error
      }
    }
    return HDF5Dataset(path: path, name: name, description: opened.1, id: opened.0, file: file)
  }

  /// Makes a dataset to be filled by `write(_:rows:)`, or by `append(_:)` when `chunkRows` is given.
  ///
  /// Without `chunkRows` the data lies in one piece of exactly `shape`. With it, the data lies in chunks of that many
  /// rows, each with HDF5's Fletcher-32 checksum; the number of rows starts at `shape[0]` and may grow. Choose chunks
  /// of at most 1 MB, the size of HDF5's cache.
  public borrowing func createDataset<Element: HDF5Element>(
    _ name: String, of type: Element.Type, shape: [Int], chunkRows: Int? = nil
  ) throws(HDF5Error) -> HDF5Dataset {
    let operation = "create the dataset"
    let site = HDF5Site(path: path, object: name)
    try site.checkName(name, operation)
    try Self.checkShape(shape, site)
    if let chunkRows {
      let rowBytes = shape.dropFirst().reduce(1, *) * MemoryLayout<Element>.stride
      let (chunkBytes, overflow) = max(chunkRows, 1).multipliedReportingOverflow(by: rowBytes)
      guard !shape.isEmpty, chunkRows > 0, !shape.dropFirst().contains(0), !overflow, chunkBytes < 1 << 31 else {
        throw site.error(
          .notStorable, operation, "chunks of \(chunkRows) rows do not fit the shape \(shape)",
          "Give a first axis, no empty other axis, and chunks between 1 row and 2 GB.")
      }
    }
    guard let native = Element.elementType.nativeType else {
      throw site.error(.notStorable, operation, "\(Element.self) has no HDF5 type here", "Store Float or Int64.")
    }
    let file = id
    let opened = try HDF5Library.locked { () throws(HDF5Error) -> hid_t in
      let properties = try site.valid(H5Pcreate(chdf5_dataset_creation()), operation)
      defer { H5Pclose(properties) }
      H5Pset_obj_track_times(properties, false)
      if let chunkRows {
        let chunk = [hsize_t(chunkRows)] + shape.dropFirst().map { hsize_t($0) }
        try site.done(unsafe H5Pset_chunk(properties, Int32(chunk.count), chunk), operation)
        try site.done(H5Pset_fletcher32(properties), operation)
      } else {
        H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY)
        H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER)
      }
      return try Self.create(file, name, type: native, shape: shape, growing: chunkRows != nil, properties, site)
    }
    return HDF5Dataset(
      path: path, name: name,
      description: HDF5DatasetDescription(
        elementType: Element.elementType, shape: shape, isChunked: chunkRows != nil), id: opened, file: file)
  }

  /// Makes the dataset of a shape; the lock is held.
  static func create(
    _ file: hid_t, _ name: String, type: hid_t, shape: [Int], growing: Bool, _ properties: hid_t, _ site: HDF5Site
  ) throws(HDF5Error) -> hid_t {
    let operation = "create the dataset"
    let extents = shape.map { hsize_t($0) }
    var limits = extents
    if growing { limits[0] = chdf5_unlimited() }
    let space = try site.valid(
      shape.isEmpty ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(Int32(extents.count), extents, limits), operation)
    defer { H5Sclose(space) }
    try HDF5File.makeGroups(name.split(separator: "/").dropLast(), in: file, site)
    return try site.valid(
      unsafe H5Dcreate2(file, name, type, space, chdf5_default(), properties, chdf5_default()), operation)
  }

  /// Refuses shapes HDF5 or an `Int` cannot hold.
  static func checkShape(_ shape: [Int], _ site: HDF5Site) throws(HDF5Error) {
    var product = 1
    var fits = shape.count <= 32
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
      fits = fits && extent >= 0 && !overflow && next < 1 << 59
      product = overflow ? 1 : next
    }
    guard fits else {
      throw site.error(
        .notStorable, "create the dataset", "the shape \(shape) has more than 32 axes or a negative or huge extent",
        "Give at most 32 extents whose product is the number of elements.")
    }
  }
}
