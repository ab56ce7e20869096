"""The parts of a Word document that python-docx has no words for: fields, bookmarks, tables with repeated heads."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from siting.ledger import Lang, Text
from siting.outputs.report.content import Report, Table

TWIPS_PER_MM = 56.6929
SMALL_TABLE, NARROW_TABLE = 15, 6
"""A table of so many rows and columns stays on one page: in more columns its lines are high."""
_NS = nsdecls("w")


def append(document: Any, xml: str) -> None:
    """Put one element at the end of the body, before the section's own settings."""
    document.element.body.sectPr.addprevious(parse_xml(xml))


def run_xml(text: str, style: str = "") -> str:
    """Return a run of text."""
    props = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f'<w:r {_NS}>{props}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def field_xml(instruction: str, shown: str) -> Iterator[str]:
    """Return the runs of a field with the text that it shows until it is updated."""
    for kind in ("begin", "", "separate", "shown", "end"):
        if kind == "shown":
            yield run_xml(shown)
        elif kind:
            yield f'<w:r {_NS}><w:fldChar w:fldCharType="{kind}"/></w:r>'
        else:
            yield f'<w:r {_NS}><w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'


def text_runs(p: Any, text: Text, lang: Lang, head: str = "", mark: str | None = None, mark_id: int = 0) -> None:
    """Write a title with the other language beside it, inside a bookmark where ``mark`` names one."""
    own, other = text.get(lang), text.get("en" if lang == "zh" else "zh")
    parts = [run_xml(head + own)]
    if own != other:
        parts.append(run_xml("  " + other, "OtherLanguage"))
    if mark is not None:
        parts.insert(0, f'<w:bookmarkStart {_NS} w:id="{mark_id}" w:name="{mark}"/>')
        parts.append(f'<w:bookmarkEnd {_NS} w:id="{mark_id}"/>')
    for part in parts:
        p.append(parse_xml(part))


def caption(document: Any, word: str, number: int, text: Text, lang: Lang, *, above: bool) -> None:
    """Write a caption whose number is a field, so that Word can list and cite it."""
    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = True if above else None
    paragraph._p.append(parse_xml(run_xml(f"{word} ")))
    for part in field_xml(f"SEQ {word} \\* ARABIC", str(number)):
        paragraph._p.append(parse_xml(part))
    text_runs(paragraph._p, text, lang, "\u2002")


def picture_paragraph(document: Any) -> Any:
    """Return a paragraph for a picture, kept with its caption below."""
    paragraph = document.add_paragraph(style="Figure")
    paragraph.paragraph_format.keep_with_next = True
    return paragraph


def contents(document: Any, report: Report) -> None:
    """Write the table of contents: a field that Word updates when asked, filled with what it will show.

    It has links in place of page numbers, which only a layout engine knows: so nothing in it is ever wrong, and no
    question is asked when the document opens.
    """
    headings = report.headings
    begin, instruction, separate = list(field_xml('TOC \\n \\h \\z \\o "1-2"', ""))[:3]
    for k, heading in enumerate(headings, start=1):
        paragraph = document.add_paragraph(style=f"toc {heading.level}")
        if k == 1:
            for part in (begin, instruction, separate):
                paragraph._p.append(parse_xml(part))
        shown = f"{heading.number}\u2002{heading.title.get(report.lang)}"
        link = f'<w:hyperlink {_NS} w:anchor="_Toc{k:08d}" w:history="1">{run_xml(shown)}</w:hyperlink>'
        paragraph._p.append(parse_xml(link))
        if k == len(headings):
            paragraph._p.append(parse_xml(f'<w:r {_NS}><w:fldChar w:fldCharType="end"/></w:r>'))


def page_number(section: Any, report: Report) -> None:
    """Write the running title at the head and the page number at the foot, except on the cover."""
    section.different_first_page_header_footer = True
    head = section.header.paragraphs[0]
    head.style = "Header"
    head.text = f"{report.cover.title.get(report.lang)} · {report.cover.subtitle.get(report.lang)}"
    foot = section.footer.paragraphs[0]
    foot.style = "Footer"
    before, between, after = ("第 ", " 页，共 ", " 页") if report.lang == "zh" else ("page ", " of ", "")
    for part in (
        run_xml(before),
        *field_xml("PAGE", "1"),
        run_xml(between),
        *field_xml("NUMPAGES", "1"),
        *([run_xml(after)] if after else []),
    ):
        foot._p.append(parse_xml(part))


def table_xml(table: Table, width_mm: float, lang: Lang) -> str:
    """Return a table of fixed widths whose head is repeated on every page; rows are never torn apart."""
    whole = sum(c.width for c in table.columns)
    twips = [round(width_mm * TWIPS_PER_MM * c.width / whole) for c in table.columns]
    parts = [
        f'<w:tbl {_NS}><w:tblPr><w:tblStyle w:val="SitingTable"/><w:tblW w:w="{sum(twips)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" '
        'w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(table.caption.get(lang))}/><w:tblDescription w:val={quoteattr(table.key)}/>"
        "</w:tblPr><w:tblGrid>",
        *(f'<w:gridCol w:w="{w}"/>' for w in twips),
        "</w:tblGrid>",
    ]
    right = [c.right for c in table.columns]
    parts.append("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>")
    parts += [_cell(c.title, w, r, "TableHead", True) for c, w, r in zip(table.columns, twips, right, strict=True)]
    parts.append("</w:tr>")
    last = len(table.rows) - 1
    together = last < SMALL_TABLE and len(table.columns) <= NARROW_TABLE
    for k, row in enumerate(table.rows):
        style = "TableSum" if table.last_is_sum and k == last else "TableText"
        parts.append("<w:tr><w:trPr><w:cantSplit/></w:trPr>")
        parts += [_cell(text, w, r, style, together and k < last) for text, w, r in zip(row, twips, right, strict=True)]
        parts.append("</w:tr>")
    return "".join([*parts, "</w:tbl>"])


def _cell(text: str, width: int, right: bool, style: str, keep: bool) -> str:
    stay = "<w:keepNext/>" if keep else ""
    align = '<w:jc w:val="right"/>' if right else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/>'
        f'{stay}{align}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )
