import SafetensorsFormat

/// A file of the given header and so many bytes of data.
func bytes(header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
  let json = Array(header.utf8), length = length ?? UInt64(json.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json + (0..<data).map { UInt8($0 & 0xff) }
}

/// A sound file: two matrices, a vector, a single value, an empty tensor, metadata.
let soundHeader = """
  {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
  "b":{"dtype":"BF16","shape":[3,2],"data_offsets":[24,36]},"c":{"dtype":"F16","shape":[2],"data_offsets":[36,40]},\
  "none":{"dtype":"F32","shape":[0,5],"data_offsets":[40,40]},"one":{"dtype":"I64","shape":[],"data_offsets":[40,48]}}
  """
let soundBytes = bytes(header: soundHeader, data: 48)
