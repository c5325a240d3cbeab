// Unsafe: hands libhdf5 arrays of C strings and copies those it returns.
import CHDF5

extension HDF5File {
  /// Writes a list of texts as a one-dimensional dataset.
  ///
  /// A sealable file takes each text in its own length; any other file takes all as long as the longest, padded with
  /// zeros.
  ///
  /// Errors: `.notStorable` (a zero byte inside a text), `.refused` (name taken), `.diskFull`.
  public borrowing func write(_ texts: [String], to name: String) throws(HDF5Error) {
    let operation = "write the texts"
    let site = HDF5Site(path: path, object: name)
    try site.checkName(name, operation)
    if let index = texts.firstIndex(where: { $0.utf8.contains(0) }) {
      throw site.error(
        .notStorable, operation, "text \(index) holds a zero byte", "Remove it, or store the bytes as UInt8.")
    }
    let width = isSealable ? nil : max(1, texts.map(\.utf8.count).max() ?? 1)
    // Each text followed by at least one zero, at a known offset.
    var bytes: [UInt8] = []
    var offsets: [Int] = []
    for text in texts {
      offsets.append(bytes.count)
      bytes.append(contentsOf: text.utf8)
      bytes.append(contentsOf: repeatElement(0, count: width.map { $0 - text.utf8.count } ?? 1))
    }
    let file = id
    try HDF5Library.locked { () throws(HDF5Error) in
      let type = try Self.stringType(bytes: width, site)
      defer { H5Tclose(type) }
      let properties = try site.valid(H5Pcreate(chdf5_dataset_creation()), operation)
      defer { H5Pclose(properties) }
      H5Pset_obj_track_times(properties, false)
      let dataset = try Self.create(file, name, type: type, shape: [texts.count], growing: false, properties, site)
      defer { H5Dclose(dataset) }
      guard !texts.isEmpty else { return }
      try unsafe bytes.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in
        guard width == nil else {
          let status = unsafe H5Dwrite(
            dataset, type, chdf5_all(), chdf5_all(), chdf5_default(), buffer.baseAddress)
          return try site.done(status, operation)
        }
        let pointers = unsafe offsets.map { unsafe buffer.baseAddress?.advanced(by: $0) }
        let status = unsafe H5Dwrite(dataset, type, chdf5_all(), chdf5_all(), chdf5_default(), pointers)
        try site.done(status, operation)
      }
    }
  }
}

extension HDF5Dataset {
  /// A list of texts, whole or some rows of it.
  ///
  /// Errors: `.mismatch` (not texts, rows outside the list), `.damaged` (not UTF-8, or more declared than stored).
  public borrowing func readStrings(rows: Range<Int>? = nil) throws(HDF5Error) -> [String] {
    let operation = "read the texts"
    let rows = rows ?? 0..<rowCount
    try checkStored(operation)
    try checkRows(rows, operation)
    let count = rows.count * rowElements
    guard count > 0 else { return [] }
    switch description.elementType {
    case .fixedString(let width): return try readFixed(rows, count: count, width: width)
    case .variableString: return try readVariable(rows, count: count)
    default:
      throw site.error(
        .mismatch, operation, "its elements are \(description.elementType), not texts",
        "Check that the file is of the kind this command takes.")
    }
  }

  private borrowing func readFixed(_ rows: Range<Int>, count: Int, width: Int) throws(HDF5Error) -> [String] {
    var bytes = [UInt8](repeating: 0, count: count * width)
    let (id, site, shape) = (id, site, shape)
    try HDF5Library.locked { () throws(HDF5Error) in
      let type = try site.valid(H5Dget_type(id), "read the texts")
      defer { H5Tclose(type) }
      try Self.withSelection(id, shape, rows, site) { (memory, file) throws(HDF5Error) in
        try site.done(unsafe H5Dread(id, type, memory, file, chdf5_default(), &bytes), "read the texts")
      }
    }
    var texts: [String] = []
    for start in stride(from: 0, to: bytes.count, by: width) {
      texts.append(try HDF5File.text(bytes[start..<start + width], site))
    }
    return texts
  }

  private borrowing func readVariable(_ rows: Range<Int>, count: Int) throws(HDF5Error) -> [String] {
    let (id, site, shape) = (id, site, shape)
    return try HDF5Library.locked { () throws(HDF5Error) in
      let type = try HDF5File.stringType(bytes: nil, site)
      defer { H5Tclose(type) }
      var pointers = unsafe [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      defer { for index in 0..<count { unsafe H5free_memory(pointers[index]) } }
      try Self.withSelection(id, shape, rows, site) { (memory, file) throws(HDF5Error) in
        try site.done(unsafe H5Dread(id, type, memory, file, chdf5_default(), &pointers), "read the texts")
      }
      var texts: [String] = []
      for index in 0..<count {
        guard let start = unsafe pointers[index] else {
          texts.append("")
          continue
        }
        guard let text = unsafe String(validatingCString: start) else { throw HDF5File.notText(site) }
        texts.append(text)
      }
      return texts
    }
  }
}
