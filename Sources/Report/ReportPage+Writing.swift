public import Foundation

extension ReportPage {
  /// Writes the page, and beside it a folder of the same name without its ending, with each picture as SVG and each table
  /// as CSV. Files of the same names are replaced, others stay.
  ///
  /// - Returns: the folder, and how many files are in it.
  /// - Throws: what the disk says.
  public func write(to page: URL) throws -> (folder: URL, files: Int) {
    let folder = page.deletingPathExtension()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var taken: Set<String> = []
    func file(_ name: String, _ part: String, _ ending: String) -> URL {
      let base = Self.fileName((parts.count > 1 ? part + "-" : "") + name)
      var free = base + ending, number = 1
      while !taken.insert(free).inserted {
        number += 1
        free = "\(base)-\(number)\(ending)"
      }
      return folder.appending(path: free)
    }
    for part in parts {
      for section in part.sections {
        for figure in section.figures {
          try Data(figure.drawing.file(title: figure.name).utf8).write(
            to: file(figure.name, part.name, ".svg"), options: .atomic)
        }
        for table in section.tables + section.files {
          try Data(table.csv.utf8).write(to: file(table.name, part.name, ".csv"), options: .atomic)
        }
      }
    }
    try Data(html.utf8).write(to: page, options: .atomic)
    return (folder, taken.count)
  }

  /// A name for every system: small letters, digits and dashes.
  static func fileName(_ name: String) -> String {
    let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.isEmpty ? "untitled" : String(words.joined(separator: "-").prefix(120))
  }
}
