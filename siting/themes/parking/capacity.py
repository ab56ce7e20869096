"""Numbers of spaces as car parks state them: "120", "120辆", "约80", and what cannot be taken for a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.ledger import Text

Reading = Literal["stated", "about", "missing", "unreadable", "range", "negative", "absurd", "not_whole"]
READINGS: dict[str, Text] = {
    "stated": Text("泊位数已注明", "spaces stated"),
    "about": Text("泊位数为约数", "spaces stated as about"),
    "missing": Text("未注明泊位数", "spaces not stated"),
    "unreadable": Text("泊位数无法识别", "spaces not readable"),
    "range": Text("泊位数为区间", "spaces given as a range"),
    "negative": Text("泊位数为负", "spaces below zero"),
    "absurd": Text("泊位数过大", "more spaces than can be"),
    "not_whole": Text("泊位数不是整数", "spaces not a whole number"),
}
"""What came of a text, in words."""
USED = ("stated", "about")

MISSING = frozenset({"", "-", "--", "—", "——", "na", "n/a", "nan", "null", "none", "<na>", "无", "無", "暂无", "暫無",
                      "不详", "不詳", "未知", "待定", "unknown", "?", "？"})  # fmt: skip
"""Words that say that nothing is known."""
# Full-width forms and the ideographic space, one by one: NFKC would also turn "10²" into "102".
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2212: 0x2D}
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = (
    r"(?:个|個)?(?:小型车|小汽车|机动车|汽车|停车|車|车)?"
    r"(?:泊位|车位|車位|位|辆|輛|台|个|個|spaces?|cars?|stalls?)?"
)
_BEFORE = r"(?:约|約|大约|大約|约为|近|逾|超过|不少于|至少|~|≈|about|approx\.?|approximately|circa|ca?\.|c\.|over|>)"
_AFTER = r"(?:左右|上下|余|餘|多|以上|\+|\?)"
_STATED = re.compile(
    rf"(?P<before>{_BEFORE})?\s*(?P<n>{_NUMBER})\s*(?P<after>{_AFTER})?\s*{_UNIT}\s*(?P<late>{_AFTER})?", re.IGNORECASE
)
_RANGE = re.compile(rf"\d+\s*(?:个|辆)?\s*(?:-|–|—|~|至|到|to)\s*\d+\s*{_UNIT}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stated:
    """What a column of capacities says.

    Attributes
    ----------
    spaces : shape (n,), whole numbers as floats, NaN where the text gives none that can be used
    reading : shape (n,), one of `READINGS`
    text : shape (n,), as the source has it, None where there is nothing
    """

    spaces: NDArray[np.float64]
    reading: NDArray[np.object_]
    text: NDArray[np.object_]


def read_spaces(values: Iterable[object], most: float) -> Stated:
    """Read capacities; what is no clear number stays unknown and is told, never guessed.

    Parameters
    ----------
    values : numbers, texts or nothing
    most : a car park with more spaces than this is taken for an error
    """
    found = [_read(value, most) for value in values]
    return Stated(
        spaces=np.array([n for n, _, _ in found], dtype=np.float64),
        reading=np.array([r for _, r, _ in found], dtype=object),
        text=np.array([t for _, _, t in found], dtype=object),
    )


def _read(value: object, most: float) -> tuple[float, Reading, str | None]:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return np.nan, "missing", None
    shown = f"{value:g}" if isinstance(value, float) and value < most else str(value)
    text = shown.translate(_FULL_WIDTH).strip()
    if text.casefold() in MISSING:
        return np.nan, "missing", shown
    if _RANGE.fullmatch(text):
        return np.nan, "range", shown
    match = _STATED.fullmatch(text)
    if match is None:
        return np.nan, "absurd" if text.casefold() in ("inf", "infinity") else "unreadable", shown
    number = float(match["n"].replace(",", ""))
    if number < 0:
        return np.nan, "negative", shown
    if number > most:
        return np.nan, "absurd", shown
    if not number.is_integer():
        return np.nan, "not_whole", shown
    about = match["before"] or match["after"] or match["late"]
    return number, "about" if about else "stated", shown
