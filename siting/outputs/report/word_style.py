"""Page and styles of the Word report: A4, 宋体 and 黑体 by name, tables with three lines."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from siting.ledger import Lang

MARGIN_MM, TOP_MM = 24.0, 25.0
TEXT_WIDTH_MM = 210.0 - 2 * MARGIN_MM
BODY, HEAD = ("Times New Roman", "宋体"), ("Arial", "黑体")
INK, FAINT, CAUTION = RGBColor(0x1F, 0x29, 0x37), RGBColor(0x6B, 0x72, 0x80), RGBColor(0x7A, 0x4D, 0x00)
ALTERNATIVES = {
    "宋体": ("SimSun,Songti SC,Noto Serif CJK SC,Source Han Serif SC", "02010600030101010101"),
    "黑体": ("SimHei,Heiti SC,Noto Sans CJK SC,Source Han Sans SC", "02010609060101010101"),
}
"""Other names of the two fonts, for systems that lack them: they are named, never bundled."""


def prepare(document: Any, lang: Lang) -> None:
    """Set page, languages, fonts and every style that the report uses."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(TOP_MM)
    section.header_distance = section.footer_distance = Mm(13)
    _languages(document, lang)
    _fonts(document)
    indent = 21 if lang == "zh" else 0
    _style(document, "Normal", BODY, 10.5, after=6, line=1.35)
    _style(document, "Title", HEAD, 26, bold=True, before=150, after=8, centre=True)
    _style(document, "Subtitle", HEAD, 14, after=4, centre=True, colour=INK)
    _style(document, "Cover Small", BODY, 11, after=60, centre=True, colour=FAINT)
    _style(document, "Cover Fact", BODY, 11.5, after=5, left=110)
    for level, (size, before) in enumerate(((16, 22), (13, 16), (11, 12)), start=1):
        _style(document, f"Heading {level}", HEAD, size, bold=True, before=before, after=6, keep=True)
    _style(document, "TOC Heading", HEAD, 16, bold=True, after=8)
    _style(document, "toc 1", BODY, 10.5, before=3, bold=True, line=1.0)
    _style(document, "toc 2", BODY, 10, left=18, line=1.0)
    _style(document, "Lead", BODY, 10.5, bold=True, after=6, line=1.35)
    _style(document, "Note", BODY, 9, after=6, colour=FAINT)
    _style(document, "Caution", BODY, 10.5, before=4, after=8, colour=CAUTION, line=1.3)
    _shade(document.styles["Caution"], "FDF0C4")
    _style(document, "List Bullet", BODY, 10.5, after=2, line=1.25)
    _style(document, "Caption", HEAD, 9, bold=True, before=6, after=4, centre=True, colour=INK)
    _style(document, "Figure", BODY, 9, before=6, after=0, centre=True)
    _style(document, "TableText", BODY, 8.5, after=0)
    _style(document, "TableHead", HEAD, 8.5, bold=True, after=0)
    _style(document, "TableSum", BODY, 8.5, bold=True, after=0)
    _style(document, "After Table", BODY, 5, after=2)
    _style(document, "Header", BODY, 8.5, after=0, centre=True, colour=FAINT)
    _style(document, "Footer", BODY, 8.5, after=0, centre=True, colour=FAINT)
    if indent:
        document.styles["Lead"].paragraph_format.first_line_indent = Pt(indent)
    other = document.styles.add_style("OtherLanguage", WD_STYLE_TYPE.CHARACTER)
    other.font.color.rgb, other.font.bold, other.font.size = FAINT, False, Pt(8.5)
    document.styles.element.append(parse_xml(_TABLE_STYLE))


def _style(
    document: Any, name: str, fonts: tuple[str, str], size: float, *, bold: bool = False, before: float = 0,
    after: float = 0, line: float = 1.15, left: float | None = None, centre: bool = False, keep: bool = False,
    colour: RGBColor = INK,
) -> None:  # fmt: skip
    styles = document.styles
    style = (
        styles[name]
        if name in styles
        else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc "))
    )
    style.hidden = False
    font = style.font
    font.size, font.bold, font.italic, font.color.rgb = Pt(size), bold, False, colour
    _name_fonts(style.element.get_or_add_rPr(), fonts)
    space = style.paragraph_format
    space.space_before, space.space_after, space.line_spacing = Pt(before), Pt(after), line
    space.keep_with_next = True if keep else None
    if left is not None:
        space.left_indent = Pt(left)
    if centre:
        space.alignment = WD_ALIGN_PARAGRAPH.CENTER
    border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        style.element.pPr.remove(border)


def _name_fonts(properties: Any, fonts: tuple[str, str]) -> None:
    latin, chinese = fonts
    named = properties.get_or_add_rFonts()
    for key in list(named.attrib):
        del named.attrib[key]
    for key, value in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        named.set(qn(f"w:{key}"), value)


def _shade(style: Any, fill: str) -> None:
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{fill}"/>')
    properties = style.element.get_or_add_pPr()
    following = [properties.find(qn(f"w:{tag}")) for tag in ("spacing", "ind", "jc")]
    first = next((e for e in following if e is not None), None)
    if first is None:
        properties.append(shade)
    else:
        first.addprevious(shade)


def _languages(document: Any, lang: Lang) -> None:
    for given in document.styles.element.iter(qn("w:lang")):
        given.set(qn("w:val"), "en-US")
        given.set(qn("w:eastAsia"), "zh-CN")
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        fonts.set(qn("w:hint"), "eastAsia" if lang == "zh" else "default")


def _fonts(document: Any) -> None:
    """Tell Word what to take where a font is not installed."""
    part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/fontTable")), None)
    if part is None:
        return
    declared = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:panose1 w:val="{panose}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, (other, panose) in ALTERNATIVES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{declared}</w:fonts>".encode())


_TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="SitingTable"><w:name w:val="Siting Table"/>
<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/>
<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="1F2937"/>
<w:bottom w:val="single" w:sz="12" w:space="0" w:color="1F2937"/>
<w:insideH w:val="single" w:sz="4" w:space="0" w:color="D1D5DB"/></w:tblBorders>
<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="70" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/>
<w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>
<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="1F2937"/>
</w:tcBorders><w:shd w:val="clear" w:color="auto" w:fill="F0F2F4"/><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>
</w:style>"""
