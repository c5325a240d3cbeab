// Unsafe: hands libhdf5 the memory it reads from and writes to; extents are checked first.
import CHDF5

extension HDF5Dataset {
  /// All elements, or those of some rows, in row-major order.
  ///
  /// Errors: `.mismatch` (element type, rows outside the shape), `.damaged` (the file cannot hold what it declares).
  public borrowing func read<Element: HDF5Element>(
    _ type: Element.Type = Element.self, rows: Range<Int>? = nil
  ) throws(HDF5Error) -> [Element] {
    let rows = rows ?? 0..<rowCount
    try checkReadable(as: type, rows: rows)
    var values = [Element](repeating: .zero, count: rows.count * rowElements)
    var span = values.mutableSpan
    try read(rows: rows, into: &span)
    return values
  }

  /// Fills `span`, which has exactly the rows' elements.
  public borrowing func read<Element: HDF5Element>(
    rows: Range<Int>? = nil, into span: inout MutableSpan<Element>
  ) throws(HDF5Error) {
    let rows = rows ?? 0..<rowCount
    try checkReadable(as: Element.self, rows: rows)
    let count = rows.count * rowElements
    precondition(
      span.count == count, "HDF5Dataset.read: \(name) rows \(rows) need \(count) elements, got \(span.count)")
    guard count > 0 else { return }
    let (id, site, shape) = (id, site, shape)
    try unsafe span.withUnsafeMutableBytes { (buffer) throws(HDF5Error) in
      try HDF5Library.locked { () throws(HDF5Error) in
        try Self.withSelection(id, shape, rows, site) { (memory, file) throws(HDF5Error) in
          let type = try Self.native(Element.self, site)
          try site.done(
            unsafe H5Dread(id, type, memory, file, chdf5_default(), buffer.baseAddress), "read the dataset")
        }
      }
    }
  }

  /// Writes whole rows of an existing dataset.
  ///
  /// Errors: `.mismatch` (element type, rows outside the shape, wrong number of elements), `.diskFull`.
  public borrowing func write<Element: HDF5Element>(
    _ values: Span<Element>, rows: Range<Int>? = nil
  ) throws(HDF5Error) {
    let rows = rows ?? 0..<rowCount
    let operation = "write the dataset"
    try checkType(Element.self, operation)
    try checkRows(rows, operation)
    let count = rows.count * rowElements
    guard values.count == count else {
      throw site.error(
        .mismatch, operation, "rows \(rows) of shape \(shape) take \(count) elements, \(values.count) were given",
        "Give rows × \(rowElements) elements.")
    }
    guard count > 0 else { return }
    let (id, site, shape) = (id, site, shape)
    try unsafe values.withUnsafeBytes { (buffer) throws(HDF5Error) in
      try HDF5Library.locked { () throws(HDF5Error) in
        try Self.withSelection(id, shape, rows, site) { (memory, file) throws(HDF5Error) in
          let type = try Self.native(Element.self, site)
          try site.done(unsafe H5Dwrite(id, type, memory, file, chdf5_default(), buffer.baseAddress), operation)
        }
      }
    }
  }

  /// Adds rows at the end of a dataset that was created with `chunkRows`.
  ///
  /// Errors: `.mismatch` (not growable, or not a whole number of rows), `.diskFull`.
  public mutating func append<Element: HDF5Element>(_ values: Span<Element>) throws(HDF5Error) {
    let operation = "append to the dataset"
    try checkType(Element.self, operation)
    guard description.isChunked, values.count.isMultiple(of: rowElements) else {
      throw site.error(
        .mismatch, operation,
        description.isChunked
          ? "\(values.count) elements are not whole rows of \(rowElements)" : "the dataset has a fixed size",
        "Append rows × \(rowElements) elements to a dataset created with chunkRows.")
    }
    let before = rowCount
    let after = before + values.count / rowElements
    guard after > before else { return }
    let (id, site) = (id, site)
    let extents = [hsize_t(after)] + shape.dropFirst().map { hsize_t($0) }
    try HDF5Library.locked { () throws(HDF5Error) in
      try site.done(unsafe H5Dset_extent(id, extents), operation)
    }
    description.shape[0] = after
    try write(values, rows: before..<after)
  }

  /// Proves that rows can be read as `type`, before memory is set aside for them.
  ///
  /// Errors: `.mismatch`, `.damaged`.
  public borrowing func checkReadable<Element: HDF5Element>(
    as type: Element.Type, rows: Range<Int>? = nil
  ) throws(HDF5Error) {
    let operation = "read the dataset"
    try checkType(type, operation)
    try checkStored(operation)
    try checkRows(rows ?? 0..<rowCount, operation)
  }

  /// Refuses data that the file cannot hold.
  borrowing func checkStored(_ operation: String) throws(HDF5Error) {
    if let contradiction = description.unreadable {
      throw site.error(.damaged, operation, contradiction, "The file is cut short or damaged: copy it again.")
    }
  }

  private borrowing func checkType<Element: HDF5Element>(
    _ type: Element.Type, _ operation: String
  ) throws(HDF5Error) {
    guard description.elementType == Element.elementType else {
      throw site.error(
        .mismatch, operation, "its elements are \(description.elementType), not \(Element.elementType)",
        "Check that the file is of the kind this command takes.")
    }
  }

  borrowing func checkRows(_ rows: Range<Int>, _ operation: String) throws(HDF5Error) {
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw site.error(
        .mismatch, operation, "rows \(rows) are outside the dataset's \(rowCount) rows (shape \(shape))",
        "Ask for rows in 0..<\(rowCount).")
    }
  }

  private static func native<Element: HDF5Element>(_: Element.Type, _ site: HDF5Site) throws(HDF5Error) -> hid_t {
    try site.valid(Element.elementType.nativeType ?? -1, "find the element type")
  }

  /// Calls `body` with the memory space and the file space of whole rows; the lock is held.
  static func withSelection(
    _ id: hid_t, _ shape: [Int], _ rows: Range<Int>, _ site: HDF5Site,
    _ body: (hid_t, hid_t) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    guard !shape.isEmpty, rows != 0..<shape[0] else { return try body(chdf5_all(), chdf5_all()) }
    let operation = "select rows"
    let file = try site.valid(H5Dget_space(id), operation)
    defer { H5Sclose(file) }
    let start = [hsize_t(rows.lowerBound)] + shape.dropFirst().map { _ in 0 }
    let count = [hsize_t(rows.count)] + shape.dropFirst().map { hsize_t($0) }
    try site.done(unsafe H5Sselect_hyperslab(file, H5S_SELECT_SET, start, nil, count, nil), operation)
    let memory = try site.valid(unsafe H5Screate_simple(Int32(count.count), count, nil), operation)
    defer { H5Sclose(memory) }
    try body(memory, file)
  }
}

extension HDF5File {
  /// Writes a whole dataset in one piece, with the checksum of its bytes as the attribute `xxh3_64`.
  ///
  /// Errors: `.mismatch` (count differs from the shape's), `.notStorable`, `.refused` (name taken), `.diskFull`.
  public borrowing func write<Element: HDF5Element>(
    _ values: Span<Element>, shape: [Int], to name: String
  ) throws(HDF5Error) {
    let dataset = try createDataset(name, of: Element.self, shape: shape)
    try dataset.write(values)
    try setAttribute(Self.checksumAttribute, .string(Checksum(of: values).description), on: name)
  }

  /// The name of the attribute that holds a dataset's checksum.
  public static var checksumAttribute: String { "xxh3_64" }
}

// The same with arrays, for values that are at hand as such.
extension HDF5File {
  public borrowing func write<Element: HDF5Element>(
    _ values: [Element], shape: [Int], to name: String
  ) throws(HDF5Error) {
    try write(values.span, shape: shape, to: name)
  }
}

extension HDF5Dataset {
  public borrowing func write<Element: HDF5Element>(
    _ values: [Element], rows: Range<Int>? = nil
  ) throws(HDF5Error) {
    try write(values.span, rows: rows)
  }

  public mutating func append<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
    try append(values.span)
  }
}
