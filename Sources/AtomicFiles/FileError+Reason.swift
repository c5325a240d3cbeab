import Foundation

extension FileError {
  /// What an error says in words; of Foundation's errors the system's reason, not the dump of their parts.
  public static func reason(of error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
    // The sentence that Foundation puts first says nothing.
    return (system ?? error).localizedDescription.replacing("The operation could not be completed. ", with: "")
  }
}
