"""`report.docx`: the same content with Word's own styles, captions, page numbers and table of contents."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.shared import Emu, Mm, Pt

from siting import __version__
from siting.ledger import Lang, Text
from siting.outputs.clock import timestamp
from siting.outputs.report.content import Block, Figure, Heading, Items, Paragraph, Report, Table
from siting.outputs.report.word_style import TEXT_WIDTH_MM, prepare
from siting.outputs.report.word_xml import (
    append,
    caption,
    contents,
    page_number,
    picture_paragraph,
    table_xml,
    text_runs,
)

TALLEST_MM = 172.0
"""A picture leaves room on its page for its caption and a few lines."""
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
CONTENTS = Text("目录", "Contents")


def word_bytes(report: Report, pictures: Mapping[Path, tuple[bytes, float]]) -> bytes:
    """Return the document.

    Parameters
    ----------
    pictures : PNG bytes of each figure, and its height by its width
    """
    document = docx.Document()
    prepare(document, report.lang)
    _properties(document, report)
    _cover(document, report)
    heading = document.add_paragraph(style="TOC Heading")
    heading.paragraph_format.page_break_before = True
    text_runs(heading._p, CONTENTS, report.lang)
    contents(document, report)
    marks = {h.number: k for k, h in enumerate(report.headings, start=1)}
    following = (*report.blocks[1:], None)
    for block, after in zip(report.blocks, following, strict=True):
        made = _block(document, block, report.lang, pictures, marks)
        if made is not None and isinstance(after, Table):
            made.paragraph_format.keep_with_next = True
    page_number(document.sections[0], report)
    return _fixed_dates(document)


def _properties(document: Any, report: Report) -> None:
    core = document.core_properties
    written = datetime.fromisoformat(timestamp().replace(".000Z", "+00:00")).replace(tzinfo=None)
    core.title = f"{report.cover.title.get(report.lang)} · {report.cover.subtitle.get(report.lang)}"[:255]
    core.author = core.last_modified_by = f"siting {__version__}"
    core.created = core.modified = written
    core.language = "zh-CN" if report.lang == "zh" else "en"
    core.revision, core.comments, core.subject = 1, "", report.cover.subtitle.get(report.lang)


def _cover(document: Any, report: Report) -> None:
    cover, lang = report.cover, report.lang
    other: Lang = "en" if lang == "zh" else "zh"
    document.add_paragraph(cover.title.get(lang), style="Title")
    if cover.title.zh != cover.title.en:
        document.add_paragraph(cover.title.get(other), style="Subtitle")
    document.add_paragraph(cover.subtitle.get(lang), style="Subtitle")
    document.add_paragraph(cover.subtitle.get(other), style="Cover Small")
    for name, value in cover.facts:
        line = document.add_paragraph(style="Cover Fact")
        joint = "：" if lang == "zh" else ": "
        line.add_run(f"{name.get(lang)}{joint}").bold = True
        line.add_run(value)
    if cover.caution:
        note = document.add_paragraph(cover.caution, style="Caution")
        note.paragraph_format.space_before = Pt(36)


def _block(
    document: Any, block: Block, lang: Lang, pictures: Mapping[Path, tuple[bytes, float]], marks: Mapping[str, int]
) -> Any:
    """Write one block and return its paragraph, where it is a paragraph of text."""
    match block:
        case Heading():
            paragraph = document.add_paragraph(style=f"Heading {block.level}")
            paragraph.paragraph_format.page_break_before = True if block.number == "1" else None
            mark = f"_Toc{marks[block.number]:08d}" if block.number in marks else None
            text_runs(paragraph._p, block.title, lang, f"{block.number}\u2002", mark, marks.get(block.number, 0))
        case Paragraph():
            style = {"body": "Normal", "lead": "Lead", "note": "Note", "caution": "Caution"}[block.kind]
            return document.add_paragraph(block.text, style=style)
        case Items():
            for line in block.lines:
                document.add_paragraph(line, style="List Bullet")
        case Table():
            caption(document, Text("表", "Table").get(lang), block.number, block.caption, lang, above=True)
            append(document, table_xml(block, TEXT_WIDTH_MM, lang))
            document.add_paragraph(style="After Table")
        case Figure():
            png, ratio = pictures[block.path]
            width = min(TEXT_WIDTH_MM, TALLEST_MM / ratio)
            inline = picture_paragraph(document).add_run().add_picture(io.BytesIO(png), width=Emu(int(Mm(width))))
            inline._inline.docPr.set("descr", block.alt)
            inline._inline.docPr.set("name", f"figure {block.number}")
            caption(document, Text("图", "Figure").get(lang), block.number, block.caption, lang, above=False)
    return None


def _fixed_dates(document: Any) -> bytes:
    """Save without the clock: the archive keeps no times of its own."""
    held = io.BytesIO()
    document.save(held)
    out = io.BytesIO()
    with zipfile.ZipFile(held) as given, zipfile.ZipFile(out, "w") as archive:
        for name in given.namelist():
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.create_system = 0
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(info, given.read(name))
    return out.getvalue()
