"""Field names of a shapefile: at most ten bytes, and different whatever the case."""

from collections.abc import Iterable

NAME_BYTES = 10
_SHORT_WORDS = {
    "served": "sv",
    "cost": "co",
    "facility": "fa",
    "share": "sh",
    "total": "to",
    "unit": "un",
    "people": "pe",
    "zone": "zo",
    "group": "gr",
}
"""First words of our columns, shortened so that the rest of the name still tells the rule."""


def short_names(names: Iterable[str], encoding: str) -> list[str]:
    """Return a name for each field, in order; names that fit stay as they are.

    Parameters
    ----------
    names : all different
    encoding : of the table, which decides how many bytes a Chinese character takes
    """
    given = list(names)
    taken = {name.lower() for name in given if _fits(name, encoding)}
    out = []
    for name in given:
        if _fits(name, encoding):
            out.append(name)
            continue
        first, _, rest = name.partition("_")
        plain = f"{_SHORT_WORDS[first]}_{rest}" if rest and first in _SHORT_WORDS else name
        new, number = cut(plain, NAME_BYTES, encoding).rstrip("_"), 1
        while new.lower() in taken or not new:
            number += 1
            new = cut(plain, NAME_BYTES - len(f"_{number}"), encoding).rstrip("_") + f"_{number}"
        taken.add(new.lower())
        out.append(new)
    return out


def cut(text: str, width: int, encoding: str) -> str:
    """Return as many whole characters of a text as fit into so many bytes."""
    data = text.encode(encoding, "replace")
    return text if len(data) <= width else data[:width].decode(encoding, "ignore")


def _fits(name: str, encoding: str) -> bool:
    try:
        return 0 < len(name.encode(encoding)) <= NAME_BYTES and name.isprintable()
    except UnicodeEncodeError:
        return False
