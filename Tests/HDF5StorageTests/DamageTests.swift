import CHDF5
import Foundation
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

  @Test func `groups that contain themselves are an error, at once`() async {
    // In a process of its own, because it calls libhdf5 without the library's lock.
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { folder in
        let path = folder + "/circle.h5"
        let made = try HDF5File(creating: path)
        try made.createGroup("a")
        try made.close()
        let readWrite: UInt32 = 1
        let id = H5Fopen(path, readWrite, chdf5_default())
        #expect(H5Lcreate_hard(id, "/", id, "a/b", chdf5_default(), chdf5_default()) >= 0)
        #expect(H5Fclose(id) >= 0)
        let file = try HDF5File(opening: path)
        let time = ContinuousClock().measure {
          let error = #expect(throws: HDF5Error.self) { try file.datasets() }
          #expect(error?.kind == .damaged)
        }
        #expect(time < .seconds(5))
      }
    }
  }

  @Test func `what is no regular file is refused without waiting, and is closed again`() throws {
    try withTemporaryDirectory { folder in
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, folder] {
        #expect(throws: HDF5Error.self) { _ = try HDF5File(opening: path) }
        #expect(throws: HDF5Error.self) { try HDF5Seal.verify(path) }
      }
      #expect(openFiles(below: folder) == [])
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

  @Test func `no flipped byte of an unsealed file that we wrote crashes or hangs the library`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/f.h5"
      try makeVaried(path)
      let whole = try bytes(of: path)
      var refused = 0
      for place in stride(from: 0, to: whole.count, by: 3) {
        let flipped = whole[place] ^ ([1, 128, 255] as [UInt8])[place / 3 % 3]
        try patch(path, place, flipped)
        do throws(HDF5Error) { try readAll(path) } catch { refused += 1 }
        try patch(path, place, whole[place])
      }
      // Structure and chunks have checksums of their own; the plain dataset and the gaps have none.
      #expect(refused > whole.count / 12)
      try readAll(path)
    }
  }

  @Test func `a sealed file that is damaged cannot be opened`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/s.h5"
      do {
        let file = try HDF5File(creating: path, sealable: true)
        try file.write(["one", "two"], to: "texts")
        try file.closeSealed()
      }
      try readAll(path)
      let whole = try bytes(of: path)
      for place in stride(from: 0, to: whole.count, by: 5) {
        try patch(path, place, whole[place] ^ 128)
        #expect(throws: HDF5Error.self) { try readAll(path) }
        try patch(path, place, whole[place])
      }
    }
  }

  /// A file with every kind of content.
  func makeVaried(_ path: String) throws {
    let file = try HDF5File(creating: path)
    try file.write((0..<60).map { Float($0) }, shape: [6, 10], to: "g/w")
    try file.write(["one", "twelve"], to: "g/texts")
    var grown = try file.createDataset("grown", of: Int32.self, shape: [0, 2], chunkRows: 8)
    for row in 0..<20 { try grown.append([Int32(row), 1, 2, 3]) }
    try file.setAttribute("text", .string("hello"), on: "g")
    try file.setAttribute("list", .integers([1, 2, 3]), on: "g/w")
    try file.close()
  }

  /// Reads everything a file holds.
  func readAll(_ path: String) throws(HDF5Error) {
    let file = try HDF5File(opening: path)
    for object in ["/", "g"] where file.contains(object) { _ = try file.attributes(on: object) }
    for child in try file.datasets() {
      _ = try file.attributes(on: child.path)
      try read(try file.dataset(child.path))
    }
  }

  func read(_ dataset: borrowing HDF5Dataset) throws(HDF5Error) {
    switch dataset.description.elementType {
    case .floatingPoint: _ = try dataset.read(Float.self)
    case .integer(bytes: 1, signed: false): _ = try dataset.read(UInt8.self)
    case .integer: _ = try dataset.read(Int32.self)
    default: _ = try dataset.readStrings()
    }
  }
}
