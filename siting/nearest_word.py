"""The right word for a mistyped one, so that an error message can propose it."""

from collections.abc import Iterable
from difflib import SequenceMatcher

_CLOSE_ENOUGH = 0.6


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest to ``word``, or None where none is near.

    Case, hyphens and blanks do not count. A known word that contains ``word`` as a whole part (``toilet`` in
    ``public_toilet``) is near whatever its length. Equally near words: the first in alphabetical order.
    """
    wanted = _plain(word)
    best: tuple[float, str] | None = None
    for candidate in sorted(set(known)):
        score = _likeness(wanted, _plain(candidate))
        if score >= _CLOSE_ENOUGH and (best is None or score > best[0]):
            best = (score, candidate)
    return None if best is None else best[1]


def hint(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean …?"`` for a message, or nothing where no known word is near."""
    nearest = suggest(word, known)
    return "" if nearest is None else f"; did you mean {nearest!r}?"


def _plain(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_").replace(".", "_")


def _likeness(wanted: str, candidate: str) -> float:
    ratio = SequenceMatcher(None, wanted, candidate, autojunk=False).ratio()
    parts = set(wanted.split("_")) & set(candidate.split("_")) - {""}
    if parts and (parts == set(wanted.split("_")) or parts == set(candidate.split("_"))):
        return max(ratio, 0.7)
    return ratio
