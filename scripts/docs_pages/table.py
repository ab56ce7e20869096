"""Markdown tables out of rows of text."""

from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    """Write text so that it stays in its cell and is no markup."""
    plain = "" if text is None else str(text)
    return plain.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").strip()


def code(text: object) -> str:
    """Write text as code; nothing where there is none."""
    return f"`{text}`".replace("|", "\\|") if text not in (None, "") else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are markup already."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
