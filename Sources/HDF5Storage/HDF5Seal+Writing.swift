extension HDF5File {
  /// Writes the manifest, closes the file and seals it: from now on a change of any byte is noticed.
  ///
  /// The file was created with `sealable`. `notes` go into the manifest. Errors: `.diskFull`, `.refused`.
  public consuming func closeSealed(notes: [String: String] = [:]) throws(HDF5Error) {
    let path = path
    try flush()
    let entries = try manifestEntries()
    let manifest = HDF5Manifest(notes: notes, datasets: entries)
    let json: [UInt8]
    do { json = try manifest.encoded() } catch {
      throw HDF5Error(
        kind: .notStorable, path: path, operation: "write the manifest", message: "\(error)",
        repair: "Use names and notes that JSON can hold.")
    }
    try write(json.span, shape: [json.count], to: HDF5Manifest.datasetName)
    guard let offset = try dataset(HDF5Manifest.datasetName).reopenedOffset() else {
      throw HDF5Error(
        kind: .refused, path: path, object: HDF5Manifest.datasetName, operation: "seal the file",
        message: "libhdf5 does not say where the manifest lies", repair: "Use libhdf5 1.10 or later.")
    }
    try close()

    let file = try RawFile(path, writable: true)
    let place = offset..<offset + json.count
    if let contradiction = manifest.contradiction(byteCount: file.byteCount, manifest: place) {
      throw HDF5Error(
        kind: .refused, path: path, operation: "seal the file", message: contradiction,
        repair: "Use libhdf5 1.10 or later.")
    }
    let structure = try file.checksum(of: manifest.structure(byteCount: file.byteCount, manifest: place))
    let block = HDF5SealBlock(
      byteCount: file.byteCount, manifest: place, manifestChecksum: Checksum(of: json.span),
      structureChecksum: structure)
    try file.write(block.bytes, at: 0)
  }

  /// The datasets that lie in one piece, with the checksum they were written with or that of their bytes.
  private borrowing func manifestEntries() throws(HDF5Error) -> [HDF5Manifest.Entry] {
    let file = try RawFile(path)
    var entries: [HDF5Manifest.Entry] = []
    for child in try datasets() {
      guard case .dataset(let about) = child.kind, let offset = about.offset else { continue }
      var checksum: String?
      if case .string(let text) = try attributes(on: child.path)[Self.checksumAttribute] { checksum = text }
      if checksum == nil { checksum = try file.checksum(of: [offset..<offset + about.storedBytes]).description }
      entries.append(
        .init(name: child.path, offset: offset, bytes: about.storedBytes, checksum: checksum ?? ""))
    }
    return entries
  }
}

extension HDF5Dataset {
  /// Where the data begins, asked again now that it is written.
  borrowing func reopenedOffset() throws(HDF5Error) -> Int? {
    let (id, site) = (id, site)
    return try HDF5Library.locked { () throws(HDF5Error) in try HDF5DatasetDescription(id, site).offset }
  }
}
