import HDF5Storage
import TestSupport
import Testing

@Suite struct DamageTests {
  @Test func `a file that is missing, empty or not HDF5 gives an error that says so`() throws {
    try withTemporaryDirectory { folder in
      let missing = #expect(throws: HDF5Error.self) { _ = try HDF5File(opening: folder + "/none.h5") }
      #expect(missing?.kind == .notFound)
      try write([], to: folder + "/empty.h5")
      try write("not a file of numbers".utf8, to: folder + "/text.h5")
      for name in ["empty", "text"] {
        let error = #expect(throws: HDF5Error.self) { _ = try HDF5File(opening: "\(folder)/\(name).h5") }
        #expect(error?.kind == .notReadable)
        #expect(error?.description.contains("not an HDF5 file") == true)
      }
      #expect(throws: HDF5Error.self) { _ = try HDF5File(opening: folder) }
      #expect(throws: HDF5Error.self) { _ = try HDF5File(opening: "") }
      #expect(throws: HDF5Error.self) { _ = try HDF5File(creating: folder + "/no/such/folder.h5") }
    }
  }

  @Test func `a file cut at any length gives an error or whole data`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/c.h5"
      let values = (0..<3000).map { Float($0) }
      do {
        let file = try HDF5File(creating: path)
        try file.write(values, shape: [3000], to: "w")
        try file.close()
      }
      let whole = try bytes(of: path)
      for length in stride(from: 0, to: whole.count, by: 37) {
        try write(whole.prefix(length), to: path)
        #expect(throws: HDF5Error.self) {
          let file = try HDF5File(opening: path)
          _ = try file.dataset("w").read(Float.self)
        }
      }
    }
  }

  @Test func `wrong types, shapes and names are errors that name the object`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/t.h5"
      do {
        let file = try HDF5File(creating: path)
        try file.write([1, 2, 3, 4] as [Float], shape: [2, 2], to: "g/w")
        try file.write(["a"], to: "names")
        #expect(throws: HDF5Error.self) { try file.write([1] as [Float], shape: [1], to: "g/w") }
        #expect(throws: HDF5Error.self) { try file.write([1, 2] as [Float], shape: [3], to: "x") }
        #expect(throws: HDF5Error.self) { try file.write([1] as [Float], shape: [-1], to: "y") }
        #expect(throws: HDF5Error.self) { try file.write([1] as [Float], shape: [1 << 40, 1 << 40], to: "z") }
        #expect(throws: HDF5Error.self) { try file.write([1] as [Float], shape: [1], to: "") }
        #expect(throws: HDF5Error.self) { try file.write(["a\0b"], to: "zero") }
        #expect(throws: HDF5Error.self) { try file.setAttribute("a", .string("b\0"), on: "names") }
        #expect(throws: HDF5Error.self) { try file.setAttribute("a", .integer(1), on: "nowhere") }
        var fixed = try file.dataset("g/w")
        #expect(throws: HDF5Error.self) { try fixed.append([1, 2] as [Float]) }
        var grown = try file.createDataset("grown", of: Float.self, shape: [0, 3], chunkRows: 4)
        #expect(throws: HDF5Error.self) { try grown.append([1, 2] as [Float]) }
        #expect(throws: HDF5Error.self) { try grown.append([1, 2, 3] as [Int32]) }
        #expect(throws: HDF5Error.self) {
          _ = try file.createDataset("n", of: Float.self, shape: [0, 0], chunkRows: 4)
        }
        try file.close()
      }
      let file = try HDF5File(opening: path)
      let dataset = try file.dataset("g/w")
      let wrong = #expect(throws: HDF5Error.self) { try dataset.read(Int32.self) }
      #expect(wrong?.description.contains("g/w: cannot read the dataset: its elements are Float32, not Int32") == true)
      #expect(throws: HDF5Error.self) { try dataset.read(Float.self, rows: 1..<3) }
      #expect(throws: HDF5Error.self) { try dataset.readStrings() }
      #expect(throws: HDF5Error.self) { _ = try file.dataset("g") }
      #expect(throws: HDF5Error.self) { try file.children(of: "names") }
      #expect(throws: HDF5Error.self) { try file.attribute("none", on: "g") }
      let none = #expect(throws: HDF5Error.self) { _ = try file.dataset("g/v") }
      #expect(none?.kind == .notFound && none?.object == "g/v")
    }
  }

  @Test func `a dataset outlives its file as an error`() throws {
    try withTemporaryDirectory { folder in
      let file = try HDF5File(creating: folder + "/o.h5")
      let dataset = try file.createDataset("w", of: Float.self, shape: [2])
      try file.close()
      #expect(throws: HDF5Error.self) { try dataset.write([1, 2] as [Float]) }
    }
  }

  @Test func `a dataset that declares more than is stored is refused before memory is taken`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/huge.h5"
      do {
        let file = try HDF5File(creating: path)
        // No chunk of these 2^50 rows is ever written.
        _ = try file.createDataset("sparse", of: Float.self, shape: [1 << 40], chunkRows: 1024)
        try file.close()
      }
      let file = try HDF5File(opening: path)
      let error = #expect(throws: HDF5Error.self) { try file.dataset("sparse").read(Float.self) }
      #expect(error?.kind == .damaged && error?.message.contains("0 bytes are stored") == true)
    }
  }

  @Test func `a flipped bit in a grown dataset is noticed by its chunk's checksum`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/g.h5"
      let values = (0..<1000).map { Int32($0 + 1_000_000) }
      do {
        let file = try HDF5File(creating: path)
        var grown = try file.createDataset("g", of: Int32.self, shape: [0], chunkRows: 100)
        try grown.append(values)
        try file.close()
      }
      var content = try bytes(of: path)
      let pattern = withUnsafeBytes(of: values[500].littleEndian) { Array($0) }
      let place = try #require((0..<content.count - 4).first { Array(content[$0..<$0 + 4]) == pattern })
      content[place] ^= 4
      try write(content, to: path)
      let file = try HDF5File(opening: path)
      let grown = try file.dataset("g")
      #expect(throws: HDF5Error.self) { try grown.read(Int32.self, rows: 500..<501) }
      #expect(try grown.read(Int32.self, rows: 0..<100) == Array(values[..<100]))
    }
  }
}
