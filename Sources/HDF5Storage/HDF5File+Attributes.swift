// Unsafe: passes names and values to libhdf5 and copies what it gives back.
import CHDF5

extension HDF5File {
  /// Attaches a value to a group or dataset, replacing one of that name.
  public borrowing func setAttribute(
    _ name: String, _ value: HDF5Attribute, on object: String = "/"
  ) throws(HDF5Error) {
    let operation = "write the attribute"
    let site = HDF5Site(path: path, object: "\(object) @\(name)")
    try site.checkName(name, operation)
    try site.checkName(object, operation)
    let (file, isSealable) = (id, isSealable)
    try HDF5Library.locked { () throws(HDF5Error) in
      let owner = try site.valid(unsafe H5Oopen(file, object, chdf5_default()), operation)
      defer { H5Oclose(owner) }
      if unsafe H5Aexists(owner, name) > 0 { try site.done(unsafe H5Adelete(owner, name), operation) }
      switch value {
      case .string(let text):
        guard !text.utf8.contains(0) else {
          throw site.error(.notStorable, operation, "the text holds a zero byte", "Store it as a UInt8 dataset.")
        }
        let type = try Self.stringType(bytes: isSealable ? nil : max(1, text.utf8.count), site)
        defer { H5Tclose(type) }
        try unsafe text.utf8CString.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in
          var pointer = buffer.baseAddress
          if !isSealable, let start = unsafe pointer {
            return try unsafe Self.writeAttribute(name, on: owner, type: type, count: nil, from: start, site)
          }
          try unsafe Self.writeAttribute(name, on: owner, type: type, count: nil, from: &pointer, site)
        }
      case .integer(var number):
        try unsafe Self.writeAttribute(name, on: owner, type: chdf5_native_int64(), count: nil, from: &number, site)
      case .real(var number):
        try unsafe Self.writeAttribute(name, on: owner, type: chdf5_native_double(), count: nil, from: &number, site)
      case .integers(let numbers):
        try unsafe Self.writeAttribute(
          name, on: owner, type: chdf5_native_int64(), count: numbers.count, from: numbers, site)
      case .unread(let what):
        throw site.error(
          .notStorable, operation, "a value of type \(what) was never read", "Write a string or a number.")
      }
    }
  }

  /// One attribute.
  ///
  /// Errors: `.notFound`, `.damaged`.
  public borrowing func attribute(_ name: String, on object: String = "/") throws(HDF5Error) -> HDF5Attribute {
    let operation = "read the attribute"
    let site = HDF5Site(path: path, object: "\(object) @\(name)")
    try site.checkName(name, operation)
    return try withObject(object, site, operation) { (owner) throws(HDF5Error) in
      guard unsafe H5Aexists(owner, name) > 0 else {
        throw site.error(
          .notFound, operation, "there is no such attribute", "extend inspect lists the attributes that are there.")
      }
      return try Self.readAttribute(name, on: owner, site)
    }
  }

  /// All attributes of a group or dataset.
  public borrowing func attributes(on object: String = "/") throws(HDF5Error) -> [String: HDF5Attribute] {
    let operation = "list the attributes"
    let site = HDF5Site(path: path, object: object)
    return try withObject(object, site, operation) { (owner) throws(HDF5Error) in
      var names: [String] = []
      let status = unsafe withUnsafeMutablePointer(to: &names) { pointer in
        let collect: H5A_operator2_t = { _, name, _, context in
          guard let name = unsafe name, let names = unsafe context?.assumingMemoryBound(to: [String].self) else {
            return -1
          }
          unsafe names.pointee.append(String(cString: name))
          return 0
        }
        return unsafe H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_INC, nil, collect, pointer)
      }
      try site.done(status, operation)
      var found: [String: HDF5Attribute] = [:]
      for name in names { found[name] = try Self.readAttribute(name, on: owner, site.at("\(object) @\(name)")) }
      return found
    }
  }

  private borrowing func withObject<Result>(
    _ object: String, _ site: HDF5Site, _ operation: String, _ body: (hid_t) throws(HDF5Error) -> Result
  ) throws(HDF5Error) -> Result {
    try site.checkName(object, operation)
    let file = id
    return try HDF5Library.locked { () throws(HDF5Error) -> Result in
      guard Self.exists(object, in: file) else {
        throw site.error(.notFound, operation, "there is no object \(object)", "extend inspect lists what is there.")
      }
      let owner = try site.valid(unsafe H5Oopen(file, object, chdf5_default()), operation)
      defer { H5Oclose(owner) }
      return try body(owner)
    }
  }

  /// Creates and fills an attribute; a nil `count` makes a single value. The lock is held.
  private static func writeAttribute(
    _ name: String, on owner: hid_t, type: hid_t, count: Int?, from source: UnsafeRawPointer, _ site: HDF5Site
  ) throws(HDF5Error) {
    let operation = "write the attribute"
    let extents = [hsize_t(count ?? 0)]
    let space = try site.valid(
      count == nil ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(1, extents, nil), operation)
    defer { H5Sclose(space) }
    let made = try site.valid(
      unsafe H5Acreate2(owner, name, type, space, chdf5_default(), chdf5_default()), operation)
    defer { H5Aclose(made) }
    if count != 0 { try site.done(unsafe H5Awrite(made, type, source), operation) }
  }

  private static func readAttribute(_ name: String, on owner: hid_t, _ site: HDF5Site) throws(HDF5Error)
    -> HDF5Attribute
  {
    let operation = "read the attribute"
    let opened = try site.valid(unsafe H5Aopen(owner, name, chdf5_default()), operation)
    defer { H5Aclose(opened) }
    let type = try site.valid(H5Aget_type(opened), operation)
    defer { H5Tclose(type) }
    let space = try site.valid(H5Aget_space(opened), operation)
    defer { H5Sclose(space) }
    let shape = try HDF5DatasetDescription.shape(of: space, site)
    let kind = HDF5ElementType(type: type)
    let count = shape.reduce(1, *)
    let unread = HDF5Attribute.unread(shape.isEmpty ? "\(kind)" : "\(kind) \(shape)")
    switch kind {
    case .variableString where shape.isEmpty:
      return .string(try readVariableString(opened, type, site))
    case .fixedString(let bytes) where shape.isEmpty && bytes <= 1 << 24:
      var buffer = [UInt8](repeating: 0, count: bytes)
      try site.done(unsafe H5Aread(opened, type, &buffer), operation)
      return .string(try text(buffer[...], site))
    case .integer(let bytes, let signed) where shape.count <= 1 && count <= 1 << 20:
      guard count > 0 else { return .integers([]) }
      if !signed && bytes == 8 {
        var numbers = [UInt64](repeating: 0, count: count)
        try site.done(unsafe H5Aread(opened, chdf5_native_uint64(), &numbers), operation)
        let exact = numbers.compactMap { Int64(exactly: $0) }
        guard exact.count == count else { return unread }
        return shape.isEmpty ? .integer(exact[0]) : .integers(exact)
      }
      var numbers = [Int64](repeating: 0, count: count)
      try site.done(unsafe H5Aread(opened, chdf5_native_int64(), &numbers), operation)
      return shape.isEmpty ? .integer(numbers[0]) : .integers(numbers)
    case .floatingPoint where shape.isEmpty:
      var number = 0.0
      try site.done(unsafe H5Aread(opened, chdf5_native_double(), &number), operation)
      return .real(number)
    default:
      return unread
    }
  }

  private static func readVariableString(_ opened: hid_t, _ type: hid_t, _ site: HDF5Site) throws(HDF5Error)
    -> String
  {
    var pointer: UnsafeMutablePointer<CChar>?
    try site.done(unsafe H5Aread(opened, type, &pointer), "read the attribute")
    guard let start = unsafe pointer else { return "" }
    defer { unsafe H5free_memory(start) }
    guard let text = unsafe String(validatingCString: start) else { throw notText(site) }
    return text
  }

  /// UTF-8 up to the first zero byte.
  static func text(_ bytes: ArraySlice<UInt8>, _ site: HDF5Site) throws(HDF5Error) -> String {
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else { throw notText(site) }
    return text
  }

  static func notText(_ site: HDF5Site) -> HDF5Error {
    site.error(.damaged, "read the text", "it is not UTF-8", "The file is damaged or was written by another program.")
  }

  /// UTF-8 text of exactly `bytes` bytes, or of any length; the lock is held.
  static func stringType(bytes: Int?, _ site: HDF5Site) throws(HDF5Error) -> hid_t {
    let type = try site.valid(H5Tcopy(chdf5_c_string()), "make a text type")
    H5Tset_size(type, bytes ?? chdf5_variable_size())
    H5Tset_cset(type, H5T_CSET_UTF8)
    H5Tset_strpad(type, bytes == nil ? H5T_STR_NULLTERM : H5T_STR_NULLPAD)
    return type
  }
}
