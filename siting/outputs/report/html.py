"""`report.html`: one file without scripts that prints on A4; no address outside it is ever asked."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from siting.ledger import Lang, Text
from siting.outputs.report.content import Block, Figure, Heading, Items, Paragraph, Report, Table

_LAYOUT = """
:root { color-scheme: light; }
body { margin: 0; background: #e9ebee; color: #1f2937; line-height: 1.65;
  font-family: "Source Han Serif SC", "Noto Serif CJK SC", "Songti SC", SimSun, "Times New Roman", serif; }
main { box-sizing: border-box; max-width: 210mm; margin: 0 auto; padding: 22mm 24mm; background: #fff; }
h1, h2, h3, h4, th, caption, figcaption, .facts dt, nav {
  font-family: "Source Han Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", SimHei, Arial, sans-serif; }
h1 { font-size: 25pt; line-height: 1.3; margin: 30mm 0 4mm; text-align: center; }
h2 { font-size: 16pt; margin: 12mm 0 4mm; padding-bottom: 1.5mm; border-bottom: 1.5pt solid #1f2937; }
h3 { font-size: 13pt; margin: 8mm 0 3mm; }
h4 { font-size: 11pt; margin: 6mm 0 2mm; }
h1 small, h2 small, h3 small, h4 small, caption small, figcaption small, .facts dt small, nav small {
  font-weight: normal; font-size: 0.72em; color: #6b7280; margin-left: 0.6em; }
h1 small { display: block; margin: 2mm 0 0; font-size: 0.55em; }
p { margin: 0 0 3mm; overflow-wrap: anywhere; }
:lang(zh) p { text-align: justify; }
.subtitle { text-align: center; font-size: 14pt; }
.subtitle small { display: block; font-size: 0.75em; color: #6b7280; }
.lead { font-weight: bold; }
.note { font-size: 9pt; color: #4b5563; }
.caution { background: #fdf0c4; color: #7a4d00; padding: 2.5mm 3.5mm; border-left: 3pt solid #d9a400; }
.facts { display: grid; grid-template-columns: max-content auto; gap: 2mm 6mm; width: max-content; max-width: 100%;
  margin: 18mm auto; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
nav ol { list-style: none; padding: 0; margin: 0; }
nav li { margin: 0.6mm 0; }
nav .sub { padding-left: 7mm; font-size: 0.92em; }
nav a { color: inherit; text-decoration: none; }
nav a:hover { text-decoration: underline; }
ul { margin: 0 0 3mm; padding-left: 6mm; }
li { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 3mm 0 4mm; font-size: 9pt; line-height: 1.4;
  border-top: 1.2pt solid #1f2937; border-bottom: 1.2pt solid #1f2937; }
caption { caption-side: top; font-weight: bold; padding-bottom: 1.5mm; text-align: center; font-size: 9.5pt; }
th { background: #f0f2f4; border-bottom: 0.8pt solid #1f2937; text-align: left; }
th, td { padding: 1mm 1.6mm; vertical-align: top; overflow-wrap: break-word; }
td { border-bottom: 0.4pt solid #d1d5db; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
.sum td { font-weight: bold; border-top: 0.8pt solid #1f2937; }
#t-hashes td:last-child { overflow-wrap: anywhere; font-family: monospace; font-size: 8pt; }
#t-parameters td { overflow-wrap: anywhere; }
figure { margin: 4mm 0; text-align: center; break-inside: avoid; }
figure img { max-width: 100%; max-height: 190mm; border: 0.4pt solid #d1d5db; }
figcaption { font-weight: bold; font-size: 9.5pt; margin-top: 1.5mm; }
@media screen { table { display: table; } main { box-shadow: 0 0 6mm rgba(0,0,0,.15); } }
@media (max-width: 700px) { main { padding: 6mm; } table { font-size: 8pt; } }
@page { size: A4; margin: 22mm 20mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt; } }
@media print {
  body { background: #fff; font-size: 10.5pt; } main { max-width: none; padding: 0; box-shadow: none; }
  nav { break-before: page; font-size: 9.5pt; line-height: 1.42; } nav h2 { margin-top: 0; } nav li { margin: 0; }
  h2 { break-after: avoid; } h3, h4, caption { break-after: avoid; }
  tr { break-inside: avoid; } thead { display: table-header-group; } .chapter-1 { break-before: page; }
}
"""
CSS = _LAYOUT + "\n".join(f".w{n} {{ width: {n}%; }}" for n in range(1, 101)) + "\n"
"""With a class for every whole part of a hundred: a strict policy allows no widths on the columns themselves."""
_LANGUAGE = {"zh": "zh-CN", "en": "en"}
CONTENTS = Text("目录", "Contents")


def html_text(report: Report, pictures: Mapping[Path, tuple[bytes, float]]) -> str:
    """Return the whole page.

    Parameters
    ----------
    pictures : PNG bytes of each figure, and its height by its width
    """
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    title = report.cover.title.get(report.lang)
    head = [
        "<!DOCTYPE html>",
        f'<html lang="{_LANGUAGE[report.lang]}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)} · {escape(report.cover.subtitle.get(report.lang))}</title>",
        f"<style>{CSS}</style>",
        "</head>",
        "<body>",
        "<main>",
    ]
    body = [line for block in report.blocks for line in _block(block, report.lang, pictures)]
    return "\n".join([*head, *_cover(report), *_contents(report), *body, "</main>", "</body>", "</html>", ""])


def both(text: Text, lang: Lang) -> str:
    """Return a title with the other language small beside it."""
    own, other = text.get(lang), text.get("en" if lang == "zh" else "zh")
    return escape(own) if own == other else f"{escape(own)}<small>{escape(other)}</small>"


def _cover(report: Report) -> Iterator[str]:
    cover, lang = report.cover, report.lang
    yield "<header>"
    yield f"<h1>{both(cover.title, lang)}</h1>"
    yield f'<p class="subtitle">{both(cover.subtitle, lang)}</p>'
    yield '<dl class="facts">'
    for name, value in cover.facts:
        yield f"<dt>{both(name, lang)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    if cover.caution:
        yield f'<p class="caution">{escape(cover.caution)}</p>'
    yield "</header>"


def _contents(report: Report) -> Iterator[str]:
    yield f"<nav><h2>{both(CONTENTS, report.lang)}</h2><ol>"
    for heading in report.headings:
        kind = ' class="sub"' if heading.level > 1 else ""
        name = both(heading.title, report.lang)
        yield f'<li{kind}><a href="#s{heading.number}">{heading.number}&ensp;{name}</a></li>'
    yield "</ol></nav>"


def _block(block: Block, lang: Lang, pictures: Mapping[Path, tuple[bytes, float]]) -> Iterator[str]:
    match block:
        case Heading():
            tag = f"h{block.level + 1}"
            chapter = ' class="chapter-1"' if block.number == "1" else ""
            yield f'<{tag}{chapter} id="s{block.number}">{block.number}&ensp;{both(block.title, lang)}</{tag}>'
        case Paragraph():
            kind = "" if block.kind == "body" else f' class="{block.kind}"'
            yield f"<p{kind}>{escape(block.text)}</p>"
        case Items():
            yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>"
        case Table():
            yield from _table(block, lang)
        case Figure():
            data = base64.b64encode(pictures[block.path][0]).decode()
            word = Text("图", "Figure").get(lang)
            yield f'<figure><img src="data:image/png;base64,{data}" alt="{escape(block.alt)}">'
            yield f"<figcaption>{word} {block.number}&ensp;{both(block.caption, lang)}</figcaption></figure>"


def _table(table: Table, lang: Lang) -> Iterator[str]:
    word = Text("表", "Table").get(lang)
    numeric = [' class="n"' if c.right else "" for c in table.columns]
    yield f'<table id="t-{escape(table.key)}">'
    yield f"<caption>{word} {table.number}&ensp;{both(table.caption, lang)}</caption>"
    whole = sum(c.width for c in table.columns)
    parts = (max(1, round(100 * c.width / whole)) for c in table.columns)
    yield "<colgroup>" + "".join(f'<col class="w{part}">' for part in parts) + "</colgroup>"
    titles = "".join(f'<th scope="col"{n}>{escape(c.title)}</th>' for c, n in zip(table.columns, numeric, strict=True))
    yield f"<thead><tr>{titles}</tr></thead><tbody>"
    for k, row in enumerate(table.rows):
        kind = ' class="sum"' if table.last_is_sum and k == len(table.rows) - 1 else ""
        yield f"<tr{kind}>" + "".join(f"<td{n}>{escape(c)}</td>" for c, n in zip(row, numeric, strict=True)) + "</tr>"
    yield "</tbody></table>"
