import ArgumentParser

/// What the commands that train share.
struct RunOptions: ParsableArguments {
  @OptionGroup var cache: CacheOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var scratch: ScratchOptions

  /// Runs a command's body so that Ctrl-C stops it at a safe place.
  func run(_ body: () throws -> Outcome) throws -> Never {
    try reportingFailures {
      Interruption.listen()
      machine.apply()
      return try body()
    }
  }
}
