"""What a report consists of, before any file format: a cover, then headings, paragraphs, lists, tables and figures."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from siting.ledger import Lang, Text

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML refuses, and marks that turn the direction of the text around them."""


_BLANKS = re.compile("[ \t\n\v\f\r\u2028\u2029]+")
"""Not the blank that keeps a figure and its unit on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading; ``number`` is given by `numbered`."""

    level: Literal[1, 2, 3]
    title: Text
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph in the language of the report."""

    text: str
    kind: Literal["body", "lead", "note", "caution"] = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list of short lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table; ``width`` is its part of the width beside the others."""

    title: str
    right: bool = False
    width: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of words.

    Attributes
    ----------
    key : names the table for programs: ``rules``, ``zones-<rule>``, ``gaps-<rule>``, ``sites-<plan>``, …
    rows : one text a column
    last_is_sum : whether the last row adds up the others
    """

    key: str
    caption: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    last_is_sum: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture of the run; ``alt`` says what it shows to those who cannot see it."""

    path: Path
    caption: Text
    alt: str
    number: int = 0


Block = Heading | Paragraph | Items | Table | Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The head of a report: what it is, of where, and the facts that a file clerk looks for."""

    title: Text
    subtitle: Text
    facts: tuple[tuple[Text, str], ...]
    caution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that both files say."""

    lang: Lang
    cover: Cover
    blocks: tuple[Block, ...]

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings of the two upper levels, for the table of contents."""
        return tuple(b for b in self.blocks if isinstance(b, Heading) and b.level <= 2)


def clean(text: str) -> str:
    """Return text on one line without characters that a file format or a reader's screen cannot take."""
    return _BLANKS.sub(" ", _REFUSED.sub("", text)).strip()


def numbered(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks with numbers in their order and every text clean."""
    counts = [0, 0, 0]
    tables = figures = 0
    out: list[Block] = []
    for block in blocks:
        match block:
            case Heading():
                counts[block.level - 1] += 1
                counts[block.level :] = [0] * (3 - block.level)
                number = ".".join(str(n) for n in counts[: block.level])
                out.append(replace(block, number=number, title=clean_text(block.title)))
            case Table():
                tables += 1
                columns = tuple(replace(c, title=clean(c.title)) for c in block.columns)
                rows = tuple(tuple(clean(cell) for cell in row) for row in block.rows)
                out.append(replace(block, number=tables, caption=clean_text(block.caption), columns=columns, rows=rows))
            case Figure():
                figures += 1
                out.append(replace(block, number=figures, caption=clean_text(block.caption), alt=clean(block.alt)))
            case Paragraph():
                out.append(replace(block, text=clean(block.text)))
            case Items():
                out.append(replace(block, lines=tuple(clean(line) for line in block.lines)))
    return tuple(out)


def clean_text(text: Text) -> Text:
    """Clean both languages."""
    return Text(clean(text.zh), clean(text.en))
