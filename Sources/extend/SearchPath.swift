import Foundation

/// Where a recipe's relative paths are looked for: the folder of the command, the recipe file's folder and the one
/// above it, and the program's own folder with those above it (where the quickstart's files come with it).
struct SearchPath {
  private let folders: [URL]

  init(recipe: String?) {
    var folders = [URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)]
    if let recipe, FileManager.default.fileExists(atPath: recipe) {
      let folder = URL(filePath: recipe).standardizedFileURL.deletingLastPathComponent()
      folders += [folder, folder.deletingLastPathComponent()]
    }
    var program = URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0]).resolvingSymlinksInPath()
    for _ in 0..<5 {
      program = program.deletingLastPathComponent()
      folders.append(program)
    }
    self.folders = folders
  }

  /// The absolute path of a file.
  ///
  /// - Throws: `InputError` that says where it was looked for.
  func find(_ path: String, _ what: String) throws -> String {
    for folder in folders {
      let candidate = URL(filePath: path, relativeTo: folder).standardizedFileURL.path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
    }
    throw InputError(
      "\(path): there is no such \(what); looked in \(folders.map(\.path).joined(separator: ", ")). Give its path")
  }
}
