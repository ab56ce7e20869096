"""Read a report back as a stranger would: the tables of `report.html` and `report.docx` by their keys."""

from html.parser import HTMLParser

import docx
from docx.oxml.ns import qn


class _Tables(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tables, self.cell, self.row = {}, None, None
        self.text, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.rows = self.tables.setdefault(dict(attrs)["id"].removeprefix("t-"), [])
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag == "tr":
            self.rows.append(self.row)
        elif tag in ("td", "th"):
            self.row.append(self.cell)
            self.cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self.cell is not None:
            self.cell += data


def html_page(path):
    page = _Tables()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def html_tables(path):
    return html_page(path).tables


def docx_tables(path):
    found = {}
    for table in docx.Document(str(path)).element.body.iter(qn("w:tbl")):
        key = table.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
        rows = [
            ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
            for row in table.iter(qn("w:tr"))
        ]
        found[key] = rows
    return found


def docx_text(path):
    return "\n".join(p.text for p in docx.Document(str(path)).paragraphs)


def kept(cell):
    """The cell with plain blanks in place of those at which no line breaks."""
    return cell.replace("\u00a0", " ")
