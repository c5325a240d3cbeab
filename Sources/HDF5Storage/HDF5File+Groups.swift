// Unsafe: passes names to libhdf5 and receives names from it.
import CHDF5

/// One entry of a group.
public struct HDF5Child: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case group
    case dataset(HDF5DatasetDescription)
    /// A link that leads nowhere here, or a named type.
    case other(String)
  }
  /// The entry's name inside its group.
  public var name: String
  /// Its path from the file's root, without a leading slash.
  public var path: String
  public var kind: Kind
}

extension HDF5File {
  /// Makes a group and those above it, where they are missing.
  public borrowing func createGroup(_ name: String) throws(HDF5Error) {
    let site = HDF5Site(path: path, object: name)
    try site.checkName(name, "create the group")
    let id = id
    try HDF5Library.locked { () throws(HDF5Error) in
      try Self.makeGroups(name.split(separator: "/"), in: id, site)
    }
  }

  /// Whether the file has an object of this path.
  public borrowing func contains(_ name: String) -> Bool {
    let id = id
    let found = try? HDF5Library.locked { () throws(HDF5Error) in Self.exists(name, in: id) }
    return found ?? false
  }

  /// The entries of a group, sorted by name; "/" is the root.
  public borrowing func children(of group: String = "/") throws(HDF5Error) -> [HDF5Child] {
    let operation = "list the group"
    let site = HDF5Site(path: path, object: group)
    try site.checkName(group, operation)
    let id = id
    return try HDF5Library.locked { () throws(HDF5Error) -> [HDF5Child] in
      guard Self.exists(group, in: id) else {
        throw site.error(.notFound, operation, "there is no such group", "extend inspect lists what is there.")
      }
      let opened = try site.valid(unsafe H5Gopen2(id, group, chdf5_default()), operation)
      defer { H5Gclose(opened) }
      var info = H5G_info_t()
      try site.done(unsafe H5Gget_info(opened, &info), operation)
      var children: [HDF5Child] = []
      for index in 0..<info.nlinks {
        let name = try Self.linkName(index, in: opened, site)
        let trimmed = group.split(separator: "/").joined(separator: "/")
        let child = trimmed.isEmpty ? name : "\(trimmed)/\(name)"
        children.append(HDF5Child(name: name, path: child, kind: try Self.kind(of: name, in: opened, site.at(child))))
      }
      return children
    }
  }

  /// Every dataset of the file, sorted by path.
  public borrowing func datasets(below group: String = "/") throws(HDF5Error) -> [HDF5Child] {
    var found: [HDF5Child] = []
    var waiting = [group]
    var visited = 0
    while let next = waiting.popLast() {
      // Links can form a circle, in which paths grow; real files are shallow and have few groups.
      visited += 1
      guard visited <= 10_000, next.split(separator: "/").count <= 32 else {
        throw HDF5Error(
          kind: .damaged, path: path, object: group, operation: "list the datasets",
          message: "the file has more than 10,000 groups, or more than 32 of them inside each other",
          repair: "Copy the file again from its source.")
      }
      for child in try children(of: next) {
        switch child.kind {
        case .group: waiting.append(child.path)
        case .dataset: found.append(child)
        case .other: continue
        }
      }
    }
    return found.sorted { $0.path < $1.path }
  }

  /// Whether every step of the path exists; the lock is held.
  static func exists(_ name: String, in id: hid_t) -> Bool {
    var prefix = name.hasPrefix("/") ? "/" : ""
    for part in name.split(separator: "/") {
      prefix += prefix.isEmpty || prefix.hasSuffix("/") ? String(part) : "/\(part)"
      guard !part.utf8.contains(0), unsafe H5Lexists(id, prefix, chdf5_default()) > 0 else {
        H5Eclear2(chdf5_error_stack())
        return false
      }
    }
    return true
  }

  /// Makes the groups of a path that are missing; the lock is held. The time is not noted: equal values give equal files.
  static func makeGroups(_ path: some Sequence<Substring>, in id: hid_t, _ site: HDF5Site) throws(HDF5Error) {
    let operation = "create the group"
    let properties = try site.valid(H5Pcreate(chdf5_group_creation()), operation)
    defer { H5Pclose(properties) }
    H5Pset_obj_track_times(properties, false)
    var name = ""
    for part in path {
      name += "/\(part)"
      if exists(name, in: id) { continue }
      H5Gclose(try site.valid(unsafe H5Gcreate2(id, name, chdf5_default(), properties, chdf5_default()), operation))
    }
  }

  private static func linkName(_ index: hsize_t, in group: hid_t, _ site: HDF5Site) throws(HDF5Error) -> String {
    let operation = "read a name in the group"
    let length = unsafe H5Lget_name_by_idx(
      group, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, chdf5_default())
    guard length >= 0 else { throw site.refusal(operation) }
    guard length <= 65_536 else {
      throw site.error(.damaged, operation, "a name of \(length) bytes", "Copy the file again from its source.")
    }
    var bytes = [CChar](repeating: 0, count: length + 1)
    let count = bytes.count
    let copied = unsafe H5Lget_name_by_idx(
      group, ".", H5_INDEX_NAME, H5_ITER_INC, index, &bytes, count, chdf5_default())
    guard copied == length else { throw site.refusal(operation) }
    return String(decoding: bytes.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func kind(of name: String, in group: hid_t, _ site: HDF5Site) throws(HDF5Error) -> HDF5Child.Kind {
    // Links to other files are named, not followed.
    var link = H5L_info_t()
    guard unsafe H5Lget_info(group, name, &link, chdf5_default()) >= 0 else { throw site.refusal("read a link") }
    guard link.type == H5L_TYPE_HARD || link.type == H5L_TYPE_SOFT else { return .other("link to another file") }
    let object = unsafe H5Oopen(group, name, chdf5_default())
    guard object >= 0 else {
      if link.type == H5L_TYPE_SOFT {
        H5Eclear2(chdf5_error_stack())
        return .other("link to nothing")
      }
      throw site.refusal("open the object")
    }
    defer { H5Oclose(object) }
    switch H5Iget_type(object) {
    case H5I_GROUP: return .group
    case H5I_DATASET: return .dataset(try HDF5DatasetDescription(object, site))
    case H5I_DATATYPE: return .other("named type")
    default: return .other("unknown object")
    }
  }
}
