"""XML as QGIS reads it: elements with attributes in a fixed order, text without characters that XML forbids."""

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping

from siting.ledger import Lang, Text

Element = ET.Element
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FONT = "Noto Sans CJK SC"
FONTS = (FONT, "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei")
"""From the first to the last resort; QGIS before 3.24 knows only the first and lets Qt find one for what it lacks."""
Value = str | int | float | bool


def node(
    tag: str, attributes: Mapping[str, Value] | None = None, *children: Element, text: str | None = None
) -> Element:
    """Return an element; numbers are written as short as they are exact."""
    made = ET.Element(tag, {key: plain(value) for key, value in (attributes or {}).items()})
    made.extend(children)
    if text is not None:
        made.text = clean(text)
    return made


def texts(pairs: Mapping[str, Value]) -> list[Element]:
    """Return one element a pair: its tag and its text."""
    return [node(tag, text=plain(value)) for tag, value in pairs.items()]


def plain(value: Value) -> str:
    """Return a value as QGIS reads it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return clean(value) if isinstance(value, str) else f"{value:.12g}"


def clean(text: str) -> str:
    """Leave out what an XML file must not hold."""
    return FORBIDDEN.sub("", text)


def options(values: Mapping[str, Value]) -> list[Element]:
    """Return the settings of a symbol layer twice: QGIS from 3.26 on reads the first form, earlier ones the second."""
    typed = [node("Option", {"name": key, "value": plain(value), "type": "QString"}) for key, value in values.items()]
    older = [node("prop", {"k": key, "v": plain(value)}) for key, value in values.items()]
    return [node("Option", {"type": "Map"}, *typed), *older]


def by_expression(tag: str, expressions: Mapping[str, str]) -> Element:
    """Return settings that an expression decides for each row, by their name in QGIS."""
    rows = [
        node(
            "Option",
            {"name": name, "type": "Map"},
            node("Option", {"name": "active", "value": "true", "type": "bool"}),
            node("Option", {"name": "expression", "value": expression, "type": "QString"}),
            node("Option", {"name": "type", "value": "3", "type": "int"}),
        )
        for name, expression in expressions.items()
    ]
    held = (
        node("Option", {"name": "properties", "type": "Map"}, *rows) if rows else node("Option", {"name": "properties"})
    )
    return node(
        tag,
        {},
        node(
            "Option",
            {"type": "Map"},
            node("Option", {"name": "name", "value": "", "type": "QString"}),
            held,
            node("Option", {"name": "type", "value": "collection", "type": "QString"}),
        ),
    )


def families() -> Element:
    """Return the fonts that may stand in for the first one."""
    return node("families", {}, *[node("family", {"name": name}) for name in FONTS])


def document(root: Element, kind: str = "http://mrcc.com/qgis.dtd") -> str:
    """Return the text of a file of QGIS."""
    ET.indent(root, " ")
    return f"<!DOCTYPE qgis PUBLIC '{kind}' 'SYSTEM'>\n{ET.tostring(root, encoding='unicode')}\n"


def colour(code: str, alpha: int = 255) -> str:
    """Return ``#rrggbb`` as QGIS writes colours."""
    return ",".join(str(int(code[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"


def digest(*parts: str) -> str:
    """Return 32 hexadecimal digits, the same for the same parts."""
    return hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()


def key(*parts: str) -> str:
    """Return an identifier in braces, the same for the same parts."""
    d = digest(*parts)
    return f"{{{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}}}"


def ordered(text: Text, lang: Lang, sep: str = " / ") -> str:
    """Return both languages, the reader's first."""
    if text.zh == text.en:
        return text.zh
    return f"{text.zh}{sep}{text.en}" if lang == "zh" else f"{text.en}{sep}{text.zh}"


def quoted(name: str) -> str:
    """Return a column as expressions of QGIS and SQL name it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | int | bool) -> str:
    """Return a value as expressions of QGIS and SQL write it; truth values are 1 and 0 in both."""
    if isinstance(value, bool | int):
        return str(int(value))
    return "'" + value.replace("'", "''") + "'"


def joined(parts: Iterable[str]) -> str:
    """Return conditions that hold together."""
    return " AND ".join(parts)
