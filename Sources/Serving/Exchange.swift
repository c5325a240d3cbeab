import FoundationEssentials
import ServerAPI

/// A request, who answers it, and what names the answer in each of its pieces.
struct Exchange<Body: GenerationRequest>: Sendable {
  let request: Body
  let model: ServedModel
  let id: String
  /// Seconds since 1970.
  let created = Int(Date().timeIntervalSince1970)

  /// - Parameter kind: what the answer's id begins with.
  /// - Throws: that another model is asked for.
  init(_ request: Body, _ model: ServedModel, _ kind: String) throws(APIError) {
    (self.request, self.model) = (request, model)
    id = kind + UUID().uuidString
    try model.check(isNamed: request.parameters.model)
  }
}
