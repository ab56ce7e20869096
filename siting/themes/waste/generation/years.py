"""What arises in later years: people and rates times the factors that the study states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from siting.errors import InputError
from siting.themes.waste.generation.bands import positive
from siting.themes.waste.generation.sources import PEOPLE
from siting.themes.waste.streams import STREAMS, tonnes_of

YEAR_COLUMNS = ["year", "origin", "people_factor", "rate_factor", "t_day", "t_day_low", "t_day_high",
                *(tonnes_of(s) for s in STREAMS)]  # fmt: skip
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A later year: people and the waste of a person, times those of today; other sources by origin (default 1)."""

    year: int
    people: float = 1.0
    rate: float = 1.0
    others: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (("people", self.people), ("rate", self.rate), *self.others.items()):
            positive(value, f"{name} of year {self.year}")

    def factor(self, origin: str) -> float:
        """Tonnes of an origin, times those of today."""
        return self.people * self.rate if origin == PEOPLE else self.others.get(origin, 1.0)


def growing(base: int, years: Iterable[int], *, people: float = 0.0, rate: float = 0.0) -> tuple[Year, ...]:
    """Return years of steady growth, compounded from the base year: 0.01 is one per cent a year."""
    return tuple(Year(year=y, people=(1 + people) ** (y - base), rate=(1 + rate) ** (y - base)) for y in years)


def check_years(base: int | None, years: Sequence[Year], origins: Iterable[str]) -> tuple[Year, ...]:
    """Return the years in order.

    Raises
    ------
    InputError
        No base year, a year twice or not after the base, or a factor for an origin that there is not.
    """
    if not years:
        return ()
    if base is None:
        msg = "waste: years need base_year, the year of today's figures"
        raise InputError(msg)
    numbers = [y.year for y in years]
    if len(set(numbers)) < len(numbers) or min(numbers) <= base:
        msg = f"waste: years {', '.join(map(str, numbers))}: each once, and after the base year {base}"
        raise InputError(msg)
    known = set(origins)
    for year in years:
        strange = sorted(set(year.others) - known)
        if strange:
            there = ", ".join(sorted(known)) or "no other sources"
            msg = f"waste: year {year.year} has a factor for {strange[0]!r}; there are {there}"
            raise InputError(msg)
    return tuple(sorted(years, key=lambda y: y.year))


def years_table(today: pd.DataFrame, base: int | None, years: Sequence[Year]) -> pd.DataFrame:
    """Multiply the city's tonnes of today, by origin; "all" adds up the origins of the year.

    Parameters
    ----------
    today : one row an origin, columns ``origin`` and the tonnes of `YEAR_COLUMNS`
    """
    tonnes = [c for c in YEAR_COLUMNS if c.startswith("t_day")]
    parts = []
    for year in () if base is None or not years else (Year(year=base), *years):
        rows = today[["origin", *tonnes]].copy()
        factor = [year.factor(str(o)) for o in rows["origin"]]
        rows[tonnes] = rows[tonnes].mul(factor, axis=0)
        total = {"origin": ALL, **{c: rows[c].sum(skipna=False) for c in tonnes}}
        rows = pd.concat([rows, pd.DataFrame([total])], ignore_index=True)
        parts.append(rows.assign(year=year.year, people_factor=year.people, rate_factor=year.rate)[YEAR_COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=YEAR_COLUMNS)
