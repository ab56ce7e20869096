"""Docstrings as this project writes them, for a reader that expects types after the colon.

Here types stand in signatures only, and what follows ``name :`` is what the name means; what is returned is told in
sentences. Both are put where mkdocstrings looks for them.
"""

import re
from typing import Any

import griffe

_SECTION = re.compile(
    r"^(Parameters|Attributes|Returns|Raises|References|See Also|Notes|Yields|Examples)\n-{3,}\n", re.MULTILINE
)
_NAMED = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) :\s*(.*)$")


def rewritten(docstring: str) -> str:
    """Return a docstring with meanings below their names, and what is returned as sentences."""
    parts = _SECTION.split(docstring)
    text = parts[0]
    for section, body in zip(parts[1::2], parts[2::2], strict=True):
        if section in ("Parameters", "Attributes"):
            text += f"{section}\n{'-' * len(section)}\n{_meanings(body)}"
        elif section == "Returns":
            text += f"**Returns**\n\n{body}"
        else:
            text += f"{section}\n{'-' * len(section)}\n{body}"
    return text


def _meanings(body: str) -> str:
    lines = []
    for line in body.split("\n"):
        found = _NAMED.match(line)
        lines += [found[1], f"    {found[2]}"] if found else [line]
    return "\n".join(lines)


class Meanings(griffe.Extension):
    """Rewrites every docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:  # noqa: ARG002
        """Rewrite the docstring of one object."""
        if obj.docstring is not None:
            obj.docstring.value = rewritten(obj.docstring.value)
