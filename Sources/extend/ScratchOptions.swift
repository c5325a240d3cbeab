import ArgumentParser
import Checkpointing
import Foundation
import ScratchStorage
import Training

/// Where a run that spills does so.
struct ScratchOptions: ParsableArguments {
  @Option(help: "Folder of the scratch file of runs that spill; deleted with the process. (default: the run's folder)")
  var scratch: String?

  /// The folder, for a run in `folder`.
  func folder(of folder: String) -> String { scratch ?? folder }

  /// The file a plan needs, made whole before anything is computed; nil when no stage spills.
  ///
  /// - Throws: `ScratchError` when the disk has no room for it.
  func file(for plan: TrainingPlan, in folder: String) throws -> ScratchFile? {
    guard plan.scratchBytes > 0 else { return nil }
    return try ScratchFile(in: self.folder(of: folder), byteCount: plan.scratchBytes)
  }
}
