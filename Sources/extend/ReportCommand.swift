import ArgumentParser
import Foundation
import AtomicFiles
import Report

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Makes one HTML file of a run or an evaluation, with its pictures and tables.",
    discussion: """
      At the top stands in words what was won at long and lost at short lengths, as far as it was measured. A run gives
      its curves with the stages marked, what was measured before and after, its gates, recipe and machine; an evaluation
      gives heat maps, RULER's table, perplexities by position and the short panel. Runs named together are drawn over each
      other. Nothing is changed in them; one that is still running may be reported on.

      The page needs no network and no other file. Beside it stands a folder of its name without .html: each picture as
      SVG, each table as CSV.

        extend report runs/night
        extend report runs/night EVALUATION -o night.html
      """)

  @Argument(help: ArgumentHelp("Folders of runs (extend train) or evaluations (extend evaluate).", valueName: "folder"))
  var folders: [String]
  @Option(name: .shortAndLong, help: "The page to write. (default: report.html in the first folder)") var output:
    String?

  func validate() throws {
    if let output, !output.hasSuffix(".html") {
      throw ValidationError("--output must end in .html, got '\(output)'; its pictures go to a folder beside it")
    }
  }

  func run() throws {
    try reportingFailures {
      let file = output ?? folders[0] + "/report.html", page = URL(filePath: file)
      try Self.check(page, folders)
      let sources = try zip(folders, Self.names(folders)).map { try ReportSource($0, name: $1) }
      var parts = sources.map { (name: $0.name, sections: $0.sections) }
      let runs = sources.compactMap(\.run)
      if runs.count > 1 { parts.insert(("All runs", [RunReport.comparison(runs)]), at: 0) }
      let report = ReportPage(
        title: sources.count == 1 ? sources[0].title : "Report on " + sources.map(\.name).joined(separator: ", "),
        subtitle: "extend \(Extend.version), \(Date().ISO8601Format())", parts: parts)
      do {
        let (folder, count) = try report.write(to: page)
        Console.print("report      \(file)")
        Console.print("pictures    \(folder.relativePath), with tables \(count) files")
      } catch {
        throw InputError("\(file): cannot be written: \(FileError.reason(of: error)); name another place with --output")
      }
      return .done
    }
  }

  /// Refuses a page whose pictures would stand among what it is about.
  private static func check(_ page: URL, _ folders: [String]) throws {
    func place(_ url: URL) -> String { url.standardizedFileURL.resolvingSymlinksInPath().path }
    let pictures = place(page.deletingPathExtension())
    for folder in folders where place(URL(filePath: folder)) == pictures {
      throw UsageError(
        "--output \(page.lastPathComponent): its pictures would go into \(folder), which it is about; give it another name"
      )
    }
  }

  /// The folders' own names; their paths where two have one name.
  private static func names(_ folders: [String]) -> [String] {
    let names = folders.map { URL(filePath: $0).standardizedFileURL.lastPathComponent }
    return zip(folders, names).map { folder, name in names.count { $0 == name } > 1 ? folder : name }
  }
}
