/// One or several curves over a common axis.
public struct LineChart: Sendable {
  public struct Point: Equatable, Sendable {
    public var x: Double, y: Double

    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// A curve; values that are not finite interrupt it and are marked.
  public struct Series: Equatable, Sendable {
    public var name: String
    /// In ascending order of x.
    public var points: [Point]

    public init(_ name: String, _ points: [Point]) { (self.name, self.points) = (name, points) }
  }

  /// A line through the whole chart, with a word.
  public struct Mark: Equatable, Sendable {
    public var place: Double
    public var label: String

    public init(_ place: Double, _ label: String) { (self.place, self.label) = (place, label) }
  }

  /// What x and y are.
  public var xName: String, yName: String
  public var xAxis: Axis.Kind
  public var yAxis: Axis.Kind
  public var series: [Series]
  /// Where something changes along x, such as a stage.
  public var boundaries: [Mark]
  /// A value of y to compare with.
  public var level: Mark?

  public init(
    x xName: String, _ xAxis: Axis.Kind, y yName: String, _ yAxis: Axis.Kind, _ series: [Series],
    boundaries: [Mark] = [], level: Mark? = nil
  ) {
    (self.xName, self.xAxis, self.yName, self.yAxis) = (xName, xAxis, yName, yAxis)
    (self.series, self.boundaries, self.level) = (series, boundaries, level)
  }
}
