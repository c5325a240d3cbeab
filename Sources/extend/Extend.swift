import ArgumentParser

@main struct Extend: ParsableCommand {
  func run() {}
}
