// Unsafe: passes file names to libhdf5.
import AtomicFiles
import CHDF5

/// An open HDF5 file; leaving scope closes it, `close()` closes it and reports what went wrong.
///
/// Files are written in the format of HDF5 1.10, whose own structures carry checksums, without time stamps: the same
/// content gives the same bytes. A `Sendable` value: every call takes the module's one lock.
public struct HDF5File: ~Copyable, Sendable {
  /// Bytes reserved in front of a file that is to be sealed.
  static let sealBytes = 512

  /// Where the file is.
  public let path: String
  /// Whether the file is being written and will get a seal.
  ///
  /// The heap that holds texts of variable length has no checksum, and libhdf5 1.10 crashes or loops when it is damaged.
  /// So only files that get a seal use it: there the seal is checked before libhdf5 sees the heap.
  let isSealable: Bool
  /// The open file, or -1 once closed.
  private(set) var id: hid_t

  /// Opens a file for reading; a sealed one is read through and proven whole first.
  ///
  /// `isVerified` skips that proof, for a caller who has just called `HDF5Seal.verify`. Errors: `.notFound`,
  /// `.notReadable` (not HDF5, or cut short), `.incomplete` and `.damaged` (by its seal), `.refused`.
  public init(opening path: String, isVerified: Bool = false) throws(HDF5Error) {
    let operation = "open the file"
    let site = HDF5Site(path: path)
    try site.checkName(path, operation)
    if !isVerified, HDF5Seal.isExpected(in: path) { _ = try HDF5Seal.verify(path) }
    id = try HDF5Library.locked { () throws(HDF5Error) -> hid_t in
      guard FileSystem.byteCount(of: path) != nil else {
        throw site.error(.notFound, operation, "there is no readable file", "Check the path.")
      }
      guard unsafe H5Fis_hdf5(path) > 0 else {
        H5Eclear2(chdf5_error_stack())
        throw site.error(
          .notReadable, operation, "this is not an HDF5 file (its signature is missing)",
          "Give a file that extend wrote, or copy it again.")
      }
      let access = try Self.accessProperties(site)
      defer { H5Pclose(access) }
      let opened = unsafe H5Fopen(path, chdf5_read_only(), access)
      guard opened >= 0 else {
        throw site.error(
          .notReadable, operation, HDF5Library.explanation(), "The file is cut short or damaged: copy it again.")
      }
      return opened
    }
    self.path = path
    isSealable = false
  }

  /// Makes a new file, replacing one of that name; `sealable` reserves room for `HDF5Seal` at its front.
  ///
  /// Errors: `.refused` (folder missing, no permission), `.diskFull`.
  public init(creating path: String, sealable: Bool = false) throws(HDF5Error) {
    let operation = "create the file"
    let site = HDF5Site(path: path)
    try site.checkName(path, operation)
    id = try HDF5Library.locked { () throws(HDF5Error) -> hid_t in
      let access = try Self.accessProperties(site)
      defer { H5Pclose(access) }
      let creation = try site.valid(H5Pcreate(chdf5_file_creation()), operation)
      defer { H5Pclose(creation) }
      H5Pset_obj_track_times(creation, false)
      if sealable { try site.done(H5Pset_userblock(creation, hsize_t(Self.sealBytes)), operation) }
      return try site.valid(unsafe H5Fcreate(path, chdf5_truncate(), creation, access), operation)
    }
    self.path = path
    isSealable = sealable
  }

  /// How files are opened: objects close with their file, the newest format of 1.10, and no `flock`, which some
  /// network file systems lack (files here are replaced whole, never changed in place).
  private static func accessProperties(_ site: HDF5Site) throws(HDF5Error) -> hid_t {
    let access = try site.valid(H5Pcreate(chdf5_file_access()), "open the file")
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG)
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
    H5Pset_file_locking(access, false, true)
    return access
  }

  /// Hands everything written so far to the operating system.
  borrowing func flush() throws(HDF5Error) {
    let site = HDF5Site(path: path)
    let id = id
    try HDF5Library.locked { () throws(HDF5Error) in
      try site.done(H5Fflush(id, H5F_SCOPE_GLOBAL), "flush the file")
    }
  }

  /// Flushes and closes the file with everything open in it; a full disk shows here at the latest.
  public consuming func close() throws(HDF5Error) {
    let site = HDF5Site(path: path)
    let closing = id
    id = -1
    try HDF5Library.locked { () throws(HDF5Error) in
      let flushed = H5Fflush(closing, H5F_SCOPE_GLOBAL)
      let error = flushed < 0 ? site.refusal("flush the file") : nil
      let closed = HDF5Library.close(closing)
      if let error { throw error }
      try site.done(closed, "close the file")
    }
  }

  deinit {
    guard id >= 0 else { return }
    let closing = id
    // An error here has no one to tell: whoever cares about a written file calls `close()`.
    _ = try? HDF5Library.locked { () throws(HDF5Error) -> herr_t in HDF5Library.close(closing) }
  }
}
