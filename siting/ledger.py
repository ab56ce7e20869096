"""What happened to the rows of each input: rows in = rows used + rows listed."""

from dataclasses import dataclass, field
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One phrase that a person reads, in Chinese and English."""

    zh: str
    en: str

    def get(self, lang: Lang) -> str:
        """Return the phrase in one language."""
        return self.zh if lang == "zh" else self.en

    def both(self, sep: str = " ") -> str:
        """Return the Chinese phrase followed by the English one, as maps and legends show it."""
        return self.zh if self.zh == self.en else f"{self.zh}{sep}{self.en}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was done to rows of a layer, or that its reader should know.

    ``code`` is stable (`"null_geometry"`), ``ids`` lists the first rows concerned (all of them if at most 20).
    """

    code: str
    kind: Literal["dropped", "repaired", "warning", "note"]
    count: int
    text: Text
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The bookkeeping of one input, as `evidence.json` shows it."""

    layer: str
    source: str
    rows_in: int
    rows_used: int
    findings: tuple[Finding, ...] = field(default=())
    sha256: str | None = None

    def __post_init__(self) -> None:
        dropped = sum(f.count for f in self.findings if f.kind == "dropped")
        if self.rows_in != self.rows_used + dropped:
            msg = f"{self.layer}: {self.rows_in} rows in, {self.rows_used} used, {dropped} listed as dropped"
            raise ValueError(msg)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that a user must see at the end of a run."""
        return tuple(f for f in self.findings if f.kind == "warning")
