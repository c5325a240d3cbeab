// Unsafe: receives sizes from libhdf5.
import CHDF5

/// What a dataset is, without its data.
public struct HDF5DatasetDescription: Sendable, Equatable {
  public var elementType: HDF5ElementType
  /// Extents, slowest first; empty for a single value.
  public var shape: [Int]
  /// Bytes its data takes in the file.
  var storedBytes: Int
  /// Where the data begins in the file, in bytes; nil when it lies in pieces (or nowhere).
  var offset: Int?
  /// Whether the data lies in pieces, so that the dataset could grow.
  public var isChunked: Bool
  /// Whether a filter changes the number of bytes.
  var isCompressed: Bool
  /// Why the data cannot be read, where the file's own numbers rule it out.
  var unreadable: String?

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// Reads an open dataset's description and checks it against the file's size; the lock is held.
  init(_ dataset: hid_t, _ site: HDF5Site) throws(HDF5Error) {
    let operation = "read the dataset's description"
    let type = try site.valid(H5Dget_type(dataset), operation)
    defer { H5Tclose(type) }
    elementType = HDF5ElementType(type: type)

    let space = try site.valid(H5Dget_space(dataset), operation)
    defer { H5Sclose(space) }
    shape = try Self.shape(of: space, site)

    let properties = try site.valid(H5Dget_create_plist(dataset), operation)
    defer { H5Pclose(properties) }
    let layout = H5Pget_layout(properties)
    isChunked = layout == H5D_CHUNKED
    isCompressed = Self.isCompressed(properties)
    storedBytes = Int(clamping: H5Dget_storage_size(dataset))
    let address = H5Dget_offset(dataset)
    if layout == H5D_CONTIGUOUS, address != chdf5_no_address(), storedBytes > 0 {
      offset = Int(clamping: address)
    } else {
      H5Eclear2(chdf5_error_stack())
    }
    let isElsewhere = layout == H5D_VIRTUAL || H5Pget_external_count(properties) > 0
    unreadable = Self.contradiction(
      elements: count, elementBytes: H5Tget_size(type), storedBytes: storedBytes,
      fileBytes: try Self.fileBytes(of: dataset, site), isCompressed: isCompressed, isElsewhere: isElsewhere)
  }

  /// A dataset that this process is writing.
  init(elementType: HDF5ElementType, shape: [Int], isChunked: Bool) {
    self.elementType = elementType
    self.shape = shape
    self.isChunked = isChunked
    storedBytes = 0
    isCompressed = false
  }

  /// The extents of a space, whose product is proven to fit an `Int`.
  static func shape(of space: hid_t, _ site: HDF5Site) throws(HDF5Error) -> [Int] {
    let operation = "read the shape"
    let rank = H5Sget_simple_extent_ndims(space)
    guard rank >= 0 else { throw site.refusal(operation) }
    guard H5Sget_simple_extent_type(space) != H5S_NULL else { return [0] }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    guard unsafe H5Sget_simple_extent_dims(space, &extents, nil) >= 0 else { throw site.refusal(operation) }
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: Int(clamping: extent))
      guard !overflow, extent <= hsize_t(Int32.max) * 1024 else {
        throw site.error(
          .damaged, operation, "extents \(extents) are larger than any file", "Copy the file again from its source.")
      }
      product = max(next, 1)
    }
    return extents.map { Int($0) }
  }

  private static func isCompressed(_ properties: hid_t) -> Bool {
    let count = H5Pget_nfilters(properties)
    guard count > 0 else { return false }
    return (0..<UInt32(count)).contains { index in
      var flags: UInt32 = 0
      var values = 0
      let filter = unsafe H5Pget_filter2(properties, index, &flags, &values, nil, 0, nil, nil)
      return filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32
    }
  }

  private static func fileBytes(of dataset: hid_t, _ site: HDF5Site) throws(HDF5Error) -> Int {
    let file = try site.valid(H5Iget_file_id(dataset), "find the dataset's file")
    defer { H5Fclose(file) }
    var bytes: hsize_t = 0
    try site.done(unsafe H5Fget_filesize(file, &bytes), "read the file's size")
    return Int(clamping: bytes)
  }

  /// Deflate makes nothing smaller than a 1,032nd, so even compressed data bounds what may be allocated.
  static func contradiction(
    elements: Int, elementBytes: Int, storedBytes: Int, fileBytes: Int, isCompressed: Bool, isElsewhere: Bool
  ) -> String? {
    if isElsewhere { return "its data lies in other files" }
    let (bytes, overflow) = elements.multipliedReportingOverflow(by: elementBytes)
    let (allowed, isUnbounded) = storedBytes.multipliedReportingOverflow(by: isCompressed ? 1_100 : 1)
    if overflow || storedBytes > fileBytes || !isUnbounded && bytes > allowed {
      let needed = overflow ? "more than \(Int.max)" : "\(bytes)"
      return "it declares \(elements) elements (\(needed) bytes), of which \(storedBytes) bytes are stored "
        + "in a file of \(fileBytes) bytes"
    }
    return nil
  }
}
