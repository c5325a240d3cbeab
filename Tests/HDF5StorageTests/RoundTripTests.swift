import HDF5Storage
import TestSupport
import Testing

@Suite struct RoundTripTests {
  @Test func `numbers come back with their shape and bits`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/numbers.h5"
      let floats: [Float] = [0, -0.0, 1.5, .infinity, .leastNonzeroMagnitude, Float(bitPattern: 0x7fc0_1234)]
      do {
        let file = try HDF5File(creating: path)
        try file.write(floats, shape: [2, 3], to: "weights/a")
        try file.write([7, -8, Int64.max] as [Int64], shape: [3], to: "ids")
        try file.write([7, -8, Int32.min] as [Int32], shape: [3, 1], to: "small")
        try file.write([0, 255] as [UInt8], shape: [2], to: "bytes")
        try file.write([2.5] as [Double], shape: [], to: "single")
        try file.write([] as [Float], shape: [0, 4], to: "empty")
        try file.close()
      }
      let file = try HDF5File(opening: path)
      let dataset = try file.dataset("weights/a")
      #expect(dataset.shape == [2, 3])
      let read = try dataset.read(Float.self)
      #expect(read.map(\.bitPattern) == floats.map(\.bitPattern))
      #expect(try dataset.read(Float.self, rows: 1..<2).map(\.bitPattern) == floats[3...].map(\.bitPattern))
      #expect(try dataset.read(Float.self, rows: 1..<1) == [])
      #expect(try file.dataset("ids").read() as [Int64] == [7, -8, .max])
      #expect(try file.dataset("small").read() as [Int32] == [7, -8, .min])
      #expect(try file.dataset("bytes").read() as [UInt8] == [0, 255])
      #expect(try file.dataset("single").read() as [Double] == [2.5])
      #expect(try file.dataset("empty").read() as [Float] == [])
      #expect(try file.dataset("empty").shape == [0, 4])
      #expect(try file.attribute("xxh3_64", on: "weights/a") == .string(Checksum(of: floats.span).description))
    }
  }

  @Test func `attributes of every type come back and can be replaced`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/attributes.h5"
      let long = String(repeating: "жäk😀", count: 20_000)
      let values: [String: HDF5Attribute] = [
        "text": .string("größer"), "long": .string(long), "none": .string(""), "count": .integer(.min),
        "rate": .real(-0.125), "list": .integers([3, -4]), "empty": .integers([]),
      ]
      do {
        let file = try HDF5File(creating: path)
        try file.createGroup("a/b")
        for (name, value) in values {
          try file.setAttribute(name, .integer(1), on: "a/b")
          try file.setAttribute(name, value, on: "a/b")
        }
        try file.setAttribute("root", .integer(5))
        try file.close()
      }
      let file = try HDF5File(opening: path)
      #expect(try file.attributes(on: "a/b") == values)
      #expect(try file.attribute("root") == .integer(5))
      #expect(try file.attributes(on: "a") == [:])
    }
  }

  @Test(arguments: [true, false])
  func `lists of texts come back, each in its own length where a seal protects them`(sealable: Bool) throws {
    try withTemporaryDirectory { folder in
      let texts = ["one", "", "zwölf", "日本語", String(repeating: "x", count: 5000)]
      do {
        let file = try HDF5File(creating: folder + "/t.h5", sealable: sealable)
        try file.write(texts, to: "names")
        try file.write([], to: "none")
        try file.write([""], to: "blank")
        if sealable { try file.closeSealed() } else { try file.close() }
      }
      let file = try HDF5File(opening: folder + "/t.h5")
      let type = try file.dataset("names").description.elementType
      #expect(type == (sealable ? .variableString : .fixedString(bytes: 5000)))
      #expect(try file.dataset("names").readStrings() == texts)
      #expect(try file.dataset("names").readStrings(rows: 2..<4) == ["zwölf", "日本語"])
      #expect(try file.dataset("none").readStrings() == [])
      #expect(try file.dataset("blank").readStrings() == [""])
    }
  }

  @Test func `a dataset that grows row by row equals one written whole`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/grow.h5"
      let rows = 10_007
      let values = (0..<Int32(rows * 3)).map { $0 &* 2_654_435 }
      do {
        let file = try HDF5File(creating: path)
        var dataset = try file.createDataset("tokens", of: Int32.self, shape: [0, 3], chunkRows: 1024)
        var start = 0
        for count in [1, 1023, 5000, 0, 3983] {
          try dataset.append(Array(values[start * 3..<(start + count) * 3]))
          start += count
        }
        #expect(start == rows && dataset.rowCount == rows)
        let fixed = try file.createDataset("fixed", of: Int32.self, shape: [rows, 3])
        try fixed.write(Array(values[(5000 * 3)...]), rows: 5000..<rows)
        try fixed.write(Array(values[..<(5000 * 3)]), rows: 0..<5000)
        #expect(try dataset.read(rows: 1000..<1002) == Array(values[3000..<3006]))
        try file.close()
      }
      let file = try HDF5File(opening: path)
      let dataset = try file.dataset("tokens")
      #expect(dataset.description.isChunked && dataset.shape == [rows, 3])
      #expect(try dataset.read(Int32.self) == values)
      #expect(try file.dataset("fixed").read(Int32.self) == values)
      var part = [Int32](repeating: 0, count: 6)
      var span = part.mutableSpan
      try dataset.read(rows: 1023..<1025, into: &span)
      #expect(part == Array(values[3069..<3075]))
    }
  }

  @Test func `a listing tells names, types and shapes`() throws {
    try withTemporaryDirectory { folder in
      do {
        let file = try HDF5File(creating: folder + "/l.h5")
        try file.write([1, 2] as [Float], shape: [2, 1], to: "b/x/deep")
        try file.write(["é"], to: "a")
        try file.close()
      }
      let file = try HDF5File(opening: folder + "/l.h5")
      let children = try file.children()
      #expect(children.map(\.name) == ["a", "b"])
      #expect(children[1].kind == .group)
      let types = try file.datasets().map { child -> String in
        guard case .dataset(let about) = child.kind else { return "?" }
        return "\(child.path) \(about.elementType) \(about.shape)"
      }
      #expect(types == ["a String of 2 bytes [1]", "b/x/deep Float32 [2, 1]"])
      #expect(file.contains("b/x/deep") && file.contains("/b") && !file.contains("b/y/deep"))
    }
  }

  @Test func `the same content gives the same bytes`() throws {
    try withTemporaryDirectory { folder in
      for name in ["1.h5", "2.h5"] {
        let file = try HDF5File(creating: folder + "/" + name, sealable: true)
        try file.write([1, 2, 3] as [Float], shape: [3], to: "w")
        try file.setAttribute("note", .string("x"))
        try file.close()
      }
      #expect(try bytes(of: folder + "/1.h5") == bytes(of: folder + "/2.h5"))
    }
  }

  @Test func `many threads may use the library at once`() async throws {
    let path = TemporaryPath.fresh()
    defer { TemporaryPath.remove(path) }
    try writeMatrix(path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for row in 0..<50 { try checkMatrix(path, row: row, missing: "missing-\(task)") }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// A dataset "w" of 100 × 100 numbers that count up.
private func writeMatrix(_ path: String) throws {
  let file = try HDF5File(creating: path)
  let values = (0..<10_000).map { Float($0) }
  try file.write(values, shape: [100, 100], to: "w")
  try file.close()
}

private func checkMatrix(_ path: String, row: Int, missing: String) throws {
  let file = try HDF5File(opening: path)
  let values = try file.dataset("w").read(Float.self, rows: row..<row + 1)
  #expect(values == (0..<100).map { Float(row * 100 + $0) })
  #expect(throws: HDF5Error.self) { _ = try file.dataset(missing) }
}
