/// A recipe that the program carries: a file of the folder Recipes.
public struct BuiltInRecipe: Sendable {
  /// The file's name without `.yaml`.
  public let name: String
  /// The file's text, comments and all.
  public let text: String

  /// Every built-in recipe, in the order to read them in.
  public static var all: [BuiltInRecipe] {
    [
      BuiltInRecipe("quickstart", PackageResources.quickstart_yaml),
      BuiltInRecipe("quickstart-pretrain", PackageResources.quickstart_pretrain_yaml),
      BuiltInRecipe("smollm2-32k", PackageResources.smollm2_32k_yaml),
      BuiltInRecipe("gradient-1m", PackageResources.gradient_1m_yaml),
      BuiltInRecipe("easycontext-512k", PackageResources.easycontext_512k_yaml),
      BuiltInRecipe("longchat-16k", PackageResources.longchat_16k_yaml),
      BuiltInRecipe("yarn-128k", PackageResources.yarn_128k_yaml),
    ]
  }

  /// The recipe of a name, with or without `.yaml`.
  public static func named(_ name: String) -> BuiltInRecipe? {
    all.first { $0.name == name || $0.name + ".yaml" == name }
  }

  /// What the recipe does: the first line of its header comment.
  public var summary: String {
    let line = text.split(separator: "\n").first { $0.hasPrefix("#") } ?? ""
    return String(line.drop { $0 == "#" || $0 == " " })
  }

  private init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    text = String(decoding: bytes, as: UTF8.self)
  }
}
