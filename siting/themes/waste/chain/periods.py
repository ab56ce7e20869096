"""Years and months of a plan, and from when to when a station or plant is open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_WORDS = {"stations": Text("转运站", "stations"), "plants": Text("处理厂", "plants")}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year or a month: from its first day to the day after its last.

    Attributes
    ----------
    name : "2019" or "2019-06"
    """

    first: date
    after: date
    name: str


def period_of(given: object) -> Period:
    """Read "2019" or "2019-06".

    Raises
    ------
    InputError
        It is neither.
    """
    text = str(given).strip()
    found = _ISO.fullmatch(text)
    first = _first_day(text)
    if found is None or first is None or found[3] is not None:
        msg = f"waste chain: period {given!r} is neither a year such as 2019 nor a month such as 2019-06"
        raise InputError(msg)
    if found[2] is None:
        return Period(first=first, after=date(first.year + 1, 1, 1), name=text)
    return Period(first=first, after=date(first.year + first.month // 12, first.month % 12 + 1, 1), name=text)


def _first_day(text: str) -> date | None:
    """Return the first day of a year, a month or a day; None where it is none of them."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """When the sites of a layer are open.

    Attributes
    ----------
    opens, closes : the first day on which they take waste, and the first on which they do not any more
    unusable : dates cannot be read, or closing is not after opening: such a site is in no period
    """

    ids: list[str]
    opens: list[date]
    closes: list[date]
    unusable: NDArray[np.bool_]

    def whole(self, period: Period) -> NDArray[np.bool_]:
        """Whether each is open throughout a period."""
        pairs = zip(self.opens, self.closes, strict=True)
        return np.array([o <= period.first and c >= period.after for o, c in pairs], dtype=bool) & ~self.unusable

    def part(self, period: Period) -> NDArray[np.bool_]:
        """Whether each is open in some of a period, but not throughout."""
        pairs = zip(self.opens, self.closes, strict=True)
        some = np.array([o < period.after and c > period.first for o, c in pairs], dtype=bool)
        return some & ~self.unusable & ~self.whole(period)

    def findings(self, what: str, periods: list[Period]) -> tuple[Finding, ...]:
        """List sites whose dates cannot be used, and those that are open in part of a period only.

        Parameters
        ----------
        what : "stations" or "plants"
        """
        word, found = _WORDS[what], []
        if self.unusable.any():
            n = int(self.unusable.sum())
            text = Text(
                f"{n} 处{word.zh}的启用或关闭日期无法读取（应为 2019、2019-06 或 2019-06-15），"
                "或关闭不晚于启用，各期均未采用",
                f"dates of {n} {word.en} cannot be read (2019, 2019-06 or 2019-06-15), or they close before they "
                "open; they are in no period",
            )  # fmt: skip
            ids = listed(i for i, bad in zip(self.ids, self.unusable, strict=True) if bad)
            found.append(Finding(code=f"waste_{what}_dates", kind="dropped", count=n, text=text, ids=ids))
        parts = [(i, p.name) for p in periods for i, some in zip(self.ids, self.part(p), strict=True) if some]
        if parts:
            shown = "、".join(f"{i}（{p}）" for i, p in parts[:3]), ", ".join(f"{i} ({p})" for i, p in parts[:3])
            text = Text(
                f"{word.zh}只在一期的部分时间开放的，该期不计其能力：{shown[0]}；可按月给出各期",
                f"{word.en} open in part of a period are not counted in it: {shown[1]}; give months as periods",
            )
            ids = listed(dict.fromkeys(i for i, _ in parts))
            found.append(Finding(code=f"waste_{what}_part", kind="note", count=len(parts), text=text, ids=ids))
        return tuple(found)


def read_spans(frame: gpd.GeoDataFrame) -> Spans:
    """Read the columns ``opens`` and ``closes``: a year, a month or a day (ISO); empty or lacking: no limit.

    A site is open from its first day on, and no more from the first day of ``closes``: closing in 2019-06 and opening
    in 2019-06 follow one another.
    """
    opens, bad = _dates(frame, "opens", date.min)
    closes, worse = _dates(frame, "closes", date.max)
    crossed = np.array([o >= c for o, c in zip(opens, closes, strict=True)], dtype=bool)
    return Spans([str(i) for i in frame.index], opens, closes, bad | worse | crossed)


def has_dates(frame: pd.DataFrame) -> bool:
    """Whether any site of a layer says when it opens or closes."""
    return any(column in frame.columns and bool(frame[column].notna().any()) for column in ("opens", "closes"))


def _dates(frame: gpd.GeoDataFrame, column: str, none: date) -> tuple[list[date], NDArray[np.bool_]]:
    if column not in frame.columns:
        return [none] * len(frame), np.zeros(len(frame), dtype=bool)
    read = [_date(value, none) for value in frame[column].tolist()]
    return [none if day is None else day for day in read], np.array([day is None for day in read], dtype=bool)


def _date(value: object, none: date) -> date | None:
    if isinstance(value, datetime):
        return none if pd.isna(value) else value.date()
    if isinstance(value, date):
        return value
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return none
    if isinstance(value, float | int) and float(value).is_integer():
        value = int(value)
    text = str(value).strip()
    return _first_day(text) if text else none
