import Checkpointing
import Corpus
import GGUFFormat
import HDF5Storage
import RecipeFormat
import Training

/// A request that cannot be carried out as it was made.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Which kind of failure an error is.
func exitCode(of error: any Error) -> Outcome {
  switch error {
  case is UsageError, is RecipeError: .usage
  case is TrainingError: .stopped
  default: .badInput
  }
}
