"""Counts of spaces, chargers and cars, read as those of car parks: what is no clear number is told, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.schema import SHOWN_IN_MESSAGES, listed
from siting.ledger import Finding, Text
from siting.themes.parking.capacity import READINGS, read_spaces
from siting.themes.parking.supply import MOST_SPACES

_WORDS = {
    "missing": Text("未注明", "not stated"),
    "unreadable": Text("无法识别为数字", "not readable as a number"),
    "range": Text("为区间", "a range"),
    "negative": Text("为负数", "below zero"),
    "absurd": Text("过大", "more than can be"),
    "not_whole": Text("不是整数", "not a whole number"),
}
assert set(_WORDS) < set(READINGS)
_CHARGERS = re.compile(r"(?<=\d)\s*(?:个|座|台)?(?:充电桩|桩|枪|chargers?)$", re.IGNORECASE)
_PLAIN = re.compile(r"\d+(?:\.0*)?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """A column of counts.

    Attributes
    ----------
    value : shape (n,), whole numbers of 0 or more; NaN where there is none that can be used
    reading : shape (n,), a key of `siting.themes.parking.capacity.READINGS`
    from_text : shape (n,), True where a number was taken out of a text such as "120辆"
    text : shape (n,), as the source has it, None where there is nothing
    """

    value: NDArray[np.float64]
    reading: NDArray[np.object_]
    from_text: NDArray[np.bool_]
    text: NDArray[np.object_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows with a usable count."""
        return ~np.isnan(self.value)

    @property
    def about(self) -> NDArray[np.bool_]:
        """Rows whose count the source itself calls an approximate one."""
        return np.asarray(self.reading == "about", dtype=np.bool_)

    def findings(self, index: pd.Index, layer: Text, field: Text, code: str) -> list[Finding]:
        """List the rows without a usable count by reason, the approximate ones, and those read from a text."""
        found = []
        for reading, words in _WORDS.items():
            rows = self.reading == reading
            if rows.any():
                said = [(i, t) for i, t, row in zip(index, self.text, rows, strict=True) if row and t is not None]
                said = said[:SHOWN_IN_MESSAGES]
                zh, en = "；".join(f"{i}：“{t}”" for i, t in said), "; ".join(f"{i}: '{t}'" for i, t in said)
                text = Text(
                    f"{layer.zh}：{int(rows.sum())} 行的{field.zh}{words.zh}，按未知处理"
                    + (f"（{zh}）" if said else ""),
                    f"{layer.en}: {field.en} of {int(rows.sum())} rows: {words.en}; taken as unknown"
                    + (f" ({en})" if said else ""),
                )
                ids = listed(index[rows])
                found.append(
                    Finding(code=f"{code}_{reading}", kind="warning", count=int(rows.sum()), text=text, ids=ids)
                )
        more = (
            ("about", self.about, Text("为约数，按所述数字计", "approximate, taken as stated")),
            (
                "from_text",
                self.from_text,
                Text("带文字（如“120辆”），已读出数字", 'read out of a text such as "120辆"'),
            ),
        )
        for name, rows, words in more:
            if rows.any():
                text = Text(
                    f"{layer.zh}：{int(rows.sum())} 行的{field.zh}{words.zh}",
                    f"{layer.en}: {field.en} of {int(rows.sum())} rows: {words.en}",
                )
                ids = listed(index[rows])
                found.append(Finding(code=f"{code}_{name}", kind="note", count=int(rows.sum()), text=text, ids=ids))
        return found


def read_counts(column: pd.Series | None, n: int, most: float = MOST_SPACES) -> Counts:
    """Read a column of counts; a column that is not there is unknown throughout.

    Parameters
    ----------
    column : numbers or text
    n : number of rows
    most : a larger count is taken for an error
    """
    values = [_prepared(value) for value in ([None] * n if column is None else column.tolist())]
    said = read_spaces(values, most)
    odd = [isinstance(v, str) and not _PLAIN.fullmatch(v.strip()) for v in values]
    return Counts(
        value=said.spaces,
        reading=said.reading,
        from_text=np.array(odd, dtype=bool) & (said.reading == "stated"),
        text=said.text,
    )


def _prepared(value: object) -> object:
    """Write numbers with all their digits, and leave out the measure words of chargers."""
    if isinstance(value, float) and np.isfinite(value):
        return int(value) if value == int(value) else repr(float(value))
    return _CHARGERS.sub("", value.strip()) if isinstance(value, str) else value
