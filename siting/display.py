"""Short cards that a notebook shows for a value: one builder for every stage, so that all of them look alike.

Everything that is put in is escaped: names come from data. No colour is set for text or ground, so a card reads in
light and in dark notebooks; colour is only a border, and what it says stands in words, too.
"""

import html
import math
from collections.abc import Iterable, Sequence
from typing import Literal

from siting.ledger import Finding, Text

Shade = Literal["plain", "good", "bad", "caution"]
DASH = "—"
_BORDER = {"plain": "#8a8f98", "good": "#2a9d74", "bad": "#d9622b", "caution": "#c8922a"}
_LINE = "1px solid rgba(128,128,128,.35)"
_TABLE = "border-collapse:collapse;margin:4px 0;font-size:inherit"
_ROW = f"border-bottom:{_LINE}"
_FAINT = "opacity:.7"
_LISTED = 5


class Markup(str):
    """Finished HTML: whatever went into it was escaped."""

    __slots__ = ()


Piece = Markup | Text | str | float | None


def escaped(piece: Piece) -> Markup:
    """Return a piece as HTML: a `Text` in both languages, an unknown figure as a dash, never as 0."""
    if isinstance(piece, Markup):
        return piece
    if isinstance(piece, Text):
        return both(piece)
    if piece is None or (isinstance(piece, float) and math.isnan(piece)):
        return Markup(DASH)
    return Markup(html.escape(str(piece)))


def both(text: Text) -> Markup:
    """Return Chinese and, where it differs, English in a fainter hand."""
    if text.zh == text.en:
        return escaped(text.zh)
    return Markup(f'{html.escape(text.zh)} <span style="{_FAINT}">{html.escape(text.en)}</span>')


def joined(pieces: Iterable[Piece], between: str = " · ") -> Markup:
    """Return pieces one after the other."""
    return Markup(html.escape(between).join(escaped(piece) for piece in pieces))


def tag(text: Text, shade: Shade = "plain") -> Markup:
    """Return a small label with a border, for a grade of reading, a verdict or a proof."""
    style = (
        f"border:1px solid {_BORDER[shade]};border-left-width:4px;border-radius:3px;padding:0 4px;white-space:nowrap"
    )
    return Markup(f'<span style="{style}">{both(text)}</span>')


def code(text: str) -> Markup:
    """Return a name as one would type it."""
    return Markup(f"<code>{html.escape(text)}</code>")


def named(name: Text, id_: str) -> Markup:
    """Return a name with what one would type for it below."""
    return Markup(f"{both(name)}<br>{code(id_)}")


def count(value: float | None, unit: Text | None = None) -> Piece:
    """Write a number of people, places or square metres; None where it is unknown, "inf" is said to be unreachable."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return Text("无法到达", "unreachable")
    shown = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.4g}"
    return shown if unit is None else Text(f"{shown} {unit.zh}", f"{shown} {unit.en}")


def percent(share: float | None) -> str | None:
    """Write a share; None where it is unknown. Nearly all is not written as all, nor nearly none as none.

    Halves go up, as people round and as the page does: every writer of shares uses this.
    """
    if share is None or math.isnan(share):
        return None
    tenths = math.floor(1000 * share + 0.5)
    if tenths >= 1000 and share < 1:
        return "> 99.9%"
    return "< 0.1%" if tenths == 0 and share > 0 else f"{tenths / 10:.1f}%"


def percent_up(share: float) -> str:
    """Write an upper bound of a share: rounded up, so that the sentence stays true."""
    shown = 100 * share
    digits = 1 if shown >= 1 else 2
    step = 10.0**-digits
    return f"{math.ceil(round(shown / step, 6)) * step:.{digits}f}%"


def whole(value: float) -> str:
    """Write a count without decimals, halves away from zero: 1,240."""
    if not math.isfinite(value):
        return f"{value:,.0f}"
    return f"{int(math.copysign(math.floor(abs(value) + 0.5), value)):,}"


def increase(before: float, after: float) -> str:
    """Write what is gained as the difference of the two counts as shown, so that a reader who subtracts agrees."""
    up, down = (math.floor(value + 0.5) for value in (after, before))
    return f"{up - down:+,}"


def facts(rows: Sequence[tuple[Text, Piece]]) -> Markup:
    """Return rows of a name and what is known; rows that are unknown keep their dash."""
    head = "text-align:left;vertical-align:top;font-weight:normal;white-space:nowrap;padding-right:1em"
    body = "".join(
        f'<tr style="{_ROW}"><th style="{head}">{both(name)}</th><td style="text-align:left">{escaped(value)}</td></tr>'
        for name, value in rows
    )
    return Markup(f'<table cellpadding="4" style="{_TABLE}">{body}</table>')


def grid(head: Sequence[Text], rows: Iterable[Sequence[Piece]], *, figures: Iterable[int] = ()) -> Markup:
    """Return a table; columns in ``figures`` are set to the right."""
    right = set(figures)

    def style(column: int) -> str:
        return "text-align:" + ("right" if column in right else "left")

    top = "".join(f'<th style="{style(i)}">{both(name)}</th>' for i, name in enumerate(head))
    body = "".join(
        f'<tr style="{_ROW}">'
        + "".join(f'<td style="{style(i)};vertical-align:top">{escaped(cell)}</td>' for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    head_row = f'<thead><tr style="{_ROW}">{top}</tr></thead>'
    return Markup(f'<table cellpadding="4" style="{_TABLE}">{head_row}<tbody>{body}</tbody></table>')


def lines(texts: Iterable[Piece]) -> Markup:
    """Return a short list."""
    items = "".join(f"<li>{escaped(text)}</li>" for text in texts)
    return Markup(f'<ul style="margin:4px 0;padding-left:1.4em">{items}</ul>') if items else Markup("")


def folded(title: Text, *parts: Markup, unfolded: bool = False) -> Markup:
    """Return parts that unfold on a click, or are unfolded at first."""
    summary = f'<summary style="cursor:pointer">{both(title)}</summary>'
    return Markup(f'<details{" open" * unfolded} style="margin:4px 0">{summary}{"".join(parts)}</details>')


def one_line(piece: Piece) -> Markup:
    """Return a piece that is not broken into lines, but where it says so."""
    return Markup(f'<span style="white-space:nowrap">{escaped(piece)}</span>')


def warnings(findings: Iterable[Finding]) -> Markup:
    """Return what a reader must know: a few in view, the rest unfold; nothing where there is nothing."""
    texts = list(dict.fromkeys(f.text for f in findings if f.kind == "warning"))
    if not texts:
        return Markup("")
    title = Text(f"提示 {len(texts)} 条", f"{len(texts)} {'warning' if len(texts) == 1 else 'warnings'}")
    if len(texts) <= _LISTED:
        return Markup(f'<div style="margin-top:4px">{tag(title, "caution")}{lines(texts)}</div>')
    return folded(title, lines(texts))


def card(title: Piece, *parts: Markup, kind: Text | None = None, marks: Iterable[Markup] = ()) -> str:
    """Return a value as a notebook shows it.

    Parameters
    ----------
    title : its name
    parts : made with the functions above, one under the other
    kind : what it is, before the name
    marks : labels behind the name
    """
    before = "" if kind is None else f'<span style="{_FAINT}">{both(kind)}</span> '
    behind = "".join(f" {mark}" for mark in marks)
    head = f'<div style="margin-bottom:2px">{before}<b>{escaped(title)}</b>{behind}</div>'
    style = f"border-left:3px solid {_BORDER['plain']};padding:2px 0 2px 10px;margin:4px 0;line-height:1.45"
    return f'<div class="siting-card" style="{style}">{head}{"".join(parts)}</div>'
