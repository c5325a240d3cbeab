import Foundation
import JSONText
import LlamaModel

extension RoPEDescription {
  /// The keys of config.json by which transformers 4 and 5, llama.cpp's converter and others form these angles.
  ///
  /// Divisors without a name, and every scaling of Phi-3, whose class knows no other, are LongRoPE with the same divisors
  /// for short and long texts.
  func huggingFaceKeys(_ family: ModelFamily, headSize: Int) -> [(String, JSONValue)] {
    var keys: [(String, JSONValue)] = [
      ("max_position_embeddings", .integer(statedContext)), ("rope_theta", .float(theta)),
      ("rope_scaling", scalingObject(family, headSize: headSize)),
    ]
    if family == .phi3 { keys.append(("original_max_position_embeddings", .integer(bandContext))) }
    return keys
  }

  /// The longest context config.json states: the trained one, but with YaRN what its factor reaches, or transformers
  /// would warn of a factor that is not the ratio of the contexts.
  private var statedContext: Int {
    guard case .yarn(let yarn) = scaling, let reached = Int(exactly: yarn.factor * Double(bandContext)) else {
      return trainedContext
    }
    return max(trainedContext, reached)
  }

  /// Our own copy.
  var ownConfigValue: JSONValue? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (try? encoder.encode(self)).flatMap { try? JSONValue(parsing: Array($0)) }
  }

  private func scalingObject(_ family: ModelFamily, headSize: Int) -> JSONValue {
    var object = JSONObject()
    func begin(_ type: String) {
      object["rope_type"] = .string(type)
      object["type"] = .string(type)
    }
    func longRoPE(short: [Double], long: [Double], magnitude: Double?) {
      begin("longrope")
      object["short_factor"] = .array(short.map(JSONValue.float))
      object["long_factor"] = .array(long.map(JSONValue.float))
      object["factor"] = .float(max(1, Double(trainedContext) / Double(bandContext)))
      if let magnitude { object["attention_factor"] = .float(magnitude) }
      object["original_max_position_embeddings"] = .integer(bandContext)
    }
    func sameDivisors() {
      let divisors = divisors(headSize: headSize)
      longRoPE(short: divisors, long: divisors, magnitude: magnitude)
    }
    switch scaling {
    case .none: return .null
    case .longRoPE(let scaling):
      longRoPE(short: scaling.shortFactors, long: scaling.longFactors, magnitude: scaling.attentionFactor)
    case .perDimension: sameDivisors()
    case _ where family == .phi3: sameDivisors()
    case .linear(let factor):
      begin("linear")
      object["factor"] = .float(factor)
    case .yarn(let yarn):
      begin("yarn")
      object["factor"] = .float(yarn.factor)
      object["original_max_position_embeddings"] = .integer(bandContext)
      object["beta_fast"] = .float(yarn.betaFast)
      object["beta_slow"] = .float(yarn.betaSlow)
      if let attention = yarn.attentionFactor { object["attention_factor"] = .float(attention) }
      if !yarn.truncates { object["truncate"] = .bool(false) }
    case .llama3(let llama3):
      begin("llama3")
      object["factor"] = .float(llama3.factor)
      object["low_freq_factor"] = .float(llama3.lowFrequencyFactor)
      object["high_freq_factor"] = .float(llama3.highFrequencyFactor)
      object["original_max_position_embeddings"] = .integer(bandContext)
    }
    return .object(object)
  }
}
