/// A report: one file that needs no other, no network and no script.
public struct ReportPage: Sendable {
  public var title: String
  /// Beside the title: what and when.
  public var subtitle: String
  /// Parts about one run or evaluation each, with their names.
  public var parts: [(name: String, sections: [ReportSection])]

  public init(title: String, subtitle: String, parts: [(name: String, sections: [ReportSection])]) {
    (self.title, self.subtitle, self.parts) = (title, subtitle, parts)
  }

  /// The page as HTML.
  public var html: String {
    let head = Markup.element(
      "head", [:],
      [
        .void("meta", ["charset": "utf-8"]),
        .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .void("meta", ["name": "color-scheme", "content": "light dark"]),
        .element("title", [:], [.text(title)]), .style(Palette.sheet), .style(Self.sheet),
      ])
    let contents = parts.enumerated().map { index, part in
      Markup.element("li", [:], [.element("a", ["href": "#part\(index + 1)"], [.text(part.name)])])
    }
    let bodies = parts.enumerated().map { index, part in
      Markup.element(
        "article", ["id": "part\(index + 1)"],
        (parts.count > 1 ? [.element("h1", [:], [.text(part.name)])] : [])
          + part.sections.filter { !$0.isEmpty }.map(\.markup))
    }
    let header = Markup.element(
      "header", [:],
      [.element("h1", [:], [.text(title)]), .element("p", [:], [.text(subtitle)])]
        + (parts.count > 1 ? [.element("nav", [:], [.element("ul", [:], contents)])] : []))
    let page = Markup.element(
      "html", ["lang": "en"], [head, .element("body", [:], [header, .element("main", [:], bodies)])])
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  private static let sheet = """
    *{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;padding:1rem;max-width:78rem;background:var(--ground);color:var(--ink);\
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2rem 0 .5rem}
    article>h1{margin-top:3rem;border-top:2px solid var(--line);padding-top:1.5rem}
    h3{font-size:.95rem;margin:1rem 0 .35rem;overflow-wrap:anywhere}p{margin:.35rem 0;max-width:60rem;overflow-wrap:anywhere}
    dl{margin:.5rem 0;max-width:60rem;overflow-wrap:anywhere}dt{font-weight:600;margin-top:.6rem}dd{margin:0 0 0 1.2rem}
    header p,figcaption{color:var(--soft)}figcaption{font-size:.85rem}a{color:var(--link)}
    .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1rem}
    figure{margin:0;padding:.25rem .75rem .75rem;background:var(--panel);border:1px solid var(--line);border-radius:6px;min-width:0}
    figure h3{margin:.5rem 0}figure svg{display:block;width:100%;height:auto}
    .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
    table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;width:100%}
    th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
    thead th{background:var(--panel);font-weight:600;vertical-align:bottom;overflow-wrap:break-word}
    tbody th{font-weight:400}.number{text-align:right;white-space:nowrap}thead .number{white-space:normal}
    td:not(.number),tbody th{white-space:pre-line;min-width:6rem}tbody tr:last-child>*{border-bottom:0}
    @media (max-width:40rem){th,td{padding:.3rem .4rem}}
    .good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}
    pre{overflow:auto;padding:.75rem;background:var(--panel);border:1px solid var(--line);border-radius:6px;font-size:.8rem;line-height:1.4}
    summary{cursor:pointer;color:var(--link)}nav ul{padding-left:1.2rem;overflow-wrap:anywhere}
    @media print{body{max-width:none;padding:0;font-size:10pt}.figures{grid-template-columns:1fr 1fr}\
    .scroll{overflow:visible}table{font-size:8pt}th,td{padding:.1rem .3rem}figure,tr{break-inside:avoid}h1,h2,h3,dt{break-after:avoid}\
    td[style],svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}pre{white-space:pre-wrap}\
    details::details-content{content-visibility:visible;block-size:auto}}
    """
}
