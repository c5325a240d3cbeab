import HDF5Storage
import TestSupport
import Testing

@Suite struct SealTests {
  /// A small sealed file with a grown dataset, texts and attributes.
  func makeFile(_ path: String) throws {
    let file = try HDF5File(creating: path, sealable: true)
    try file.write((0..<100).map { Float($0) }, shape: [10, 10], to: "weights/a")
    try file.write([1, 2, 3] as [Int64], shape: [3], to: "weights/b")
    try file.write(["one", "two"], to: "texts")
    var grown = try file.createDataset("grown", of: Int32.self, shape: [0], chunkRows: 16)
    try grown.append((0..<40).map { Int32($0) })
    try file.setAttribute("seed", .integer(7))
    try file.closeSealed(notes: ["step": "12"])
  }

  @Test func `a sealed file verifies and names its datasets`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/s.h5"
      try makeFile(path)
      let manifest = try HDF5Seal.verify(path)
      #expect(manifest.notes == ["step": "12"])
      #expect(manifest.datasets.map(\.name) == ["texts", "weights/a", "weights/b"])
      #expect(manifest.datasets[1].bytes == 400)
      let values = (0..<100).map { Float($0) }
      #expect(manifest.datasets[1].checksum == Checksum(of: values.span).description)
      let file = try HDF5File(opening: path)
      #expect(try file.dataset("grown").read(Int32.self) == (0..<40).map { Int32($0) })
      #expect(try file.dataset("texts").readStrings() == ["one", "two"])
    }
  }

  @Test func `a change of any single byte is noticed`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/s.h5"
      try makeFile(path)
      let whole = try bytes(of: path)
      let manifest = try HDF5Seal.verify(path)
      var byName: Set<String> = []
      // Every byte of the first 4 kB, then every seventh.
      let places = Array(0..<min(4096, whole.count)) + Array(stride(from: 4096, to: whole.count, by: 7))
      for place in places {
        try patch(path, place, whole[place] ^ UInt8(1 << (place % 8)))
        defer { try? patch(path, place, whole[place]) }
        do {
          _ = try HDF5Seal.verify(path)
          Issue.record("a flipped bit at byte \(place) went unnoticed")
        } catch let error as HDF5Error {
          let owner = manifest.datasets.first { $0.offset <= place && place < $0.offset + $0.bytes }
          if let owner { #expect(error.object == owner.name) }
          #expect(error.kind == .damaged)
          byName.insert(error.object)
        }
      }
      #expect(byName.isSuperset(of: ["/", "weights/a", "weights/b", "texts"]))
    }
  }

  @Test func `a file cut at any length is noticed`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/s.h5"
      try makeFile(path)
      let whole = try bytes(of: path)
      for length in Array(0..<600) + Array(stride(from: 600, to: whole.count, by: 61)) {
        try write(whole.prefix(length), to: path)
        let error = #expect(throws: HDF5Error.self) { try HDF5Seal.verify(path) }
        #expect(error?.kind == .damaged)
      }
      try write(whole + [0], to: path)
      let error = #expect(throws: HDF5Error.self) { try HDF5Seal.verify(path) }
      #expect(error?.message.contains("too long") == true)
    }
  }

  @Test func `a file that was never sealed is incomplete, and another file is not ours`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/s.h5"
      do {
        let file = try HDF5File(creating: path, sealable: true)
        try file.write([1, 2] as [Float], shape: [2], to: "w")
        try file.close()
      }
      #expect(kindOfFailure(path) == .incomplete)
      try write([UInt8](repeating: 65, count: 2000), to: path)
      #expect(kindOfFailure(path) == .notReadable)
      #expect(kindOfFailure(folder) == .refused)
      #expect(kindOfFailure(folder + "/no") == .notFound)
    }
  }

  /// The kind of error that verifying gives; nil when it succeeds.
  func kindOfFailure(_ path: String) -> HDF5Error.Kind? {
    do throws(HDF5Error) {
      _ = try HDF5Seal.verify(path)
      return nil
    } catch {
      return error.kind
    }
  }
}
