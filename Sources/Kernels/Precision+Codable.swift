/// In files by its name.
extension Precision: Codable {}
