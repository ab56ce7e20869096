"""Read counts of spaces and chargers: whole numbers are used, what is none is listed with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.schema import listed, parse_number
from siting.ledger import Finding, Text

UNKNOWN, NO_NUMBER, NEGATIVE, FRACTION = "unknown", "no_number", "negative", "fraction"
REASONS: Mapping[str, Text] = {
    UNKNOWN: Text("没有数值", "no value"),
    NO_NUMBER: Text("不是数字（约数、区间也不采用）", "no number (nor is an approximate one or a range used)"),
    NEGATIVE: Text("为负数", "negative"),
    FRACTION: Text("不是整数", "not whole"),
}
_COUNTED = re.compile(r"^(.*\d)\s*(?:个|辆|位|台|桩|枪|车位|泊位|个车位|个泊位|spaces|chargers)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """A column of counts.

    Attributes
    ----------
    value : shape (n,), whole numbers of 0 or more; NaN where there is none that can be used
    reason : shape (n,), a key of `REASONS` where ``value`` is NaN, else None
    from_unit : shape (n,), True where a number stood before a measure word ("120辆")
    """

    value: NDArray[np.float64]
    reason: NDArray[np.object_]
    from_unit: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows with a usable count."""
        return ~np.isnan(self.value)

    def findings(self, index: pd.Index, layer: Text, field: Text, code: str) -> list[Finding]:
        """List the rows without a usable count by reason, and those read from a number with a measure word."""
        found = []
        for reason, words in REASONS.items():
            rows = self.reason == reason
            if rows.any():
                text = Text(
                    f"{layer.zh}：{int(rows.sum())} 行的{field.zh}{words.zh}，未采用，按未知处理",
                    f"{layer.en}: {field.en} of {int(rows.sum())} rows: {words.en}; not used, taken as unknown",
                )
                ids = listed(index[rows])
                found.append(
                    Finding(code=f"{code}_{reason}", kind="warning", count=int(rows.sum()), text=text, ids=ids)
                )
        if self.from_unit.any():
            rows = self.from_unit
            text = Text(
                f"{layer.zh}：{int(rows.sum())} 行的{field.zh}带量词（如“120辆”），已按数字读取",
                f'{layer.en}: {field.en} of {int(rows.sum())} rows has a measure word ("120辆"), read as its number',
            )
            ids = listed(index[rows])
            found.append(Finding(code=f"{code}_from_text", kind="repaired", count=int(rows.sum()), text=text, ids=ids))
        return found


def read_counts(column: pd.Series | None, n: int) -> Counts:
    """Read a column of counts; a column that is not there is unknown throughout.

    Parameters
    ----------
    column : numbers or text
    n : number of rows
    """
    values: list[object] = [None] * n if column is None else column.tolist()
    read = [_read(value) for value in values]
    return Counts(
        value=np.array([value for value, _, _ in read], dtype=np.float64),
        reason=np.array([reason for _, reason, _ in read], dtype=object),
        from_unit=np.array([unit for _, _, unit in read], dtype=bool),
    )


def _read(value: object) -> tuple[float, str | None, bool]:
    """Return the count, else NaN with its reason, and whether a measure word was left out."""
    unit = False
    if value is None or value is pd.NA:
        return np.nan, UNKNOWN, False
    if isinstance(value, str):
        counted = _COUNTED.match(value.strip())
        unit = counted is not None
        value = counted.group(1) if counted else value
    number, _, unreadable = parse_number(value)
    if unreadable:
        return np.nan, NO_NUMBER, False
    if np.isnan(number):
        return np.nan, UNKNOWN, False
    if not np.isfinite(number):
        return np.nan, NO_NUMBER, False
    if number < 0:
        return np.nan, NEGATIVE, False
    if number != np.rint(number):
        return np.nan, FRACTION, False
    return float(number), None, unit
