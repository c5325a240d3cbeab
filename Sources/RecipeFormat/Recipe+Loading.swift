import Foundation

extension Recipe {
  /// The recipe of a file, or the built-in one of that name (with or without `.yaml`) where there is no such file.
  ///
  /// - Throws: `RecipeError` with every problem, or saying that neither exists.
  public static func load(_ nameOrPath: String) throws(RecipeError) -> Recipe {
    let (text, source) = try self.text(of: nameOrPath)
    return try Recipe(yaml: text, source: source)
  }

  /// The text of a recipe as written, and what to call it.
  ///
  /// - Throws: `RecipeError` if there is no such recipe or its file cannot be read.
  public static func text(of nameOrPath: String) throws(RecipeError) -> (text: String, source: String) {
    let exists = FileManager.default.fileExists(atPath: nameOrPath)
    let isFolder = FileManager.default.fileExists(atPath: nameOrPath + "/.")
    if exists, !isFolder { return (try read(nameOrPath), nameOrPath) }
    if let builtIn = BuiltInRecipe.named(nameOrPath) { return (builtIn.text, "built-in \(builtIn.name)") }
    let names = BuiltInRecipe.all.map(\.name)
    let plain = nameOrPath.hasSuffix(".yaml") ? String(nameOrPath.dropLast(5)) : nameOrPath
    let known = "built in are \(names.joined(separator: ", "))"
    throw RecipeError(
      source: nameOrPath,
      problems: [
        RecipeProblem(
          path: "", rule: exists ? "this is a folder" : "there is no such file and no built-in recipe of that name",
          repair: nearest(to: plain, among: names).map { "did you mean \($0)? \(known)" } ?? known)
      ])
  }

  /// A file's text; at most a byte more than a recipe may have is read, whatever the file is.
  private static func read(_ path: String) throws(RecipeError) -> String {
    func failure(_ rule: String, repair: String) -> RecipeError {
      RecipeError(source: path, problems: [RecipeProblem(path: "", rule: rule, repair: repair)])
    }
    let data: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      data = try file.read(upToCount: Document.largestSize + 1) ?? Data()
    } catch {
      throw failure("the file cannot be read: \(error.localizedDescription)", repair: "check that it may be read")
    }
    // Some editors begin a file with a byte order mark.
    let mark = data.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let text = String(validating: data.dropFirst(mark), as: UTF8.self) else {
      throw failure("the file is not UTF-8 text", repair: "name a YAML file")
    }
    return text
  }
}
