import Foundation
import FoundationXML
import Metrics
import Report

/// The elements of a piece of XML, or what is wrong with it.
final class Elements: NSObject, XMLParserDelegate {
  private(set) var names: [String] = []
  private(set) var attributes: [[String: String]] = []
  /// Of `title` elements.
  private(set) var titles: [String] = []
  private(set) var texts = ""
  /// `text` elements.
  private(set) var labels: [(text: String, attributes: [String: String])] = []
  private var isTitle = false

  init(_ source: String) throws {
    super.init()
    let parser = XMLParser(data: Data(source.utf8))
    parser.delegate = self
    if !parser.parse() { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  func count(_ name: String, _ kind: String) -> Int {
    zip(names, attributes).count { $0 == name && $1["class"]?.split(separator: " ").first.map(String.init) == kind }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    names.append(name)
    self.attributes.append(attributes)
    isTitle = name == "title"
    if isTitle { titles.append("") }
    if name == "text" { labels.append(("", attributes)) }
  }
  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    isTitle = false
  }
  func parser(_ parser: XMLParser, foundCharacters text: String) {
    texts += text
    if isTitle {
      titles[titles.count - 1] += text
    } else if names.last == "text" {
      labels[labels.count - 1].text += text
    }
  }
}

extension StepRecord {
  static func step(_ step: Int, stage: Int = 1, loss: Double, rate: Double = 1e-3) -> StepRecord {
    StepRecord(
      step: step, stage: stage, stageName: "s\(stage)", stepInStage: step, tokens: 100 * step,
      labelledTokens: 50 * step,
      loss: loss, learningRate: rate, gradientNorm: 1, tokensPerSecond: 1000, seconds: 0.1, peakRSSBytes: 1 << 20,
      etaStageSeconds: 0, etaRunSeconds: 0, time: Date(timeIntervalSince1970: 0))
  }
}

/// A page of some sections, as it is written.
func html(_ sections: ReportSection...) -> String {
  ReportPage(title: "T", subtitle: "S", parts: [("run", sections)]).html
}

/// The body of a page, which is XML where the head is HTML.
func body(_ html: String) -> String {
  let start = html.range(of: "<body>"), end = html.range(of: "</body>")
  return start.flatMap { start in end.map { String(html[start.lowerBound..<$0.upperBound]) } } ?? ""
}
