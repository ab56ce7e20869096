"""Columns and their values: found by name, read as numbers, checked all at once.

A column either comes out clean, with what was repaired listed, or is refused with every faulty row named.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError, SchemaError
from siting.ledger import Finding, Text
from siting.nearest_word import suggest

SHOWN_IN_MESSAGES = 5
LISTED_IN_FINDINGS = 20
LARGEST_EXACT_FLOAT = 2**53

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_MISSING = frozenset({"", "-", "--", "—", "——", "na", "n/a", "nan", "null", "none", "无", "無", "暂无", "暫無"})
# Full-width forms and the ideographic space, one by one: NFKC would also turn "10²" into "102".
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2212: 0x2D}


class Faults:
    """Everything wrong with one input, raised once."""

    def __init__(self) -> None:
        self._found: list[tuple[type[InputError], str]] = []

    def add(self, message: str, kind: type[InputError] = SchemaError) -> None:
        """Note one fault; ``message`` starts with the layer's name."""
        self._found.append((kind, message))

    def __len__(self) -> int:
        return len(self._found)

    def raise_any(self) -> None:
        """Raise all that was found as one error: of the common kind, or `InputError` if the kinds differ."""
        if not self._found:
            return
        kinds = {kind for kind, _ in self._found}
        messages = [message for _, message in self._found]
        error = kinds.pop() if len(kinds) == 1 else InputError
        raise error(messages[0] if len(messages) == 1 else "\n".join(f"- {m}" for m in messages))


def some(ids: Iterable[object]) -> str:
    """First few ids for a message: ``"F07, F19, F33 and 9 more"``."""
    names = [str(i) for i in ids]
    shown = ", ".join(names[:SHOWN_IN_MESSAGES])
    return shown if len(names) <= SHOWN_IN_MESSAGES else f"{shown} and {len(names) - SHOWN_IN_MESSAGES} more"


def listed(ids: Iterable[object]) -> tuple[str, ...]:
    """Ids as a `Finding` carries them: the first 20."""
    return tuple(str(i) for _, i in zip(range(LISTED_IN_FINDINGS), ids, strict=False))


def require_columns(frame: pd.DataFrame, fields: Sequence[str], layer: str, faults: Faults | None = None) -> None:
    """Refuse a frame that lacks a field, naming the columns there are and the one probably meant.

    Raises
    ------
    SchemaError
        A field is missing (only noted if ``faults`` is given).
    """
    own = Faults() if faults is None else faults
    there = [str(c) for c in frame.columns if c != "geometry"]
    for field in fields:
        if field in frame.columns:
            continue
        near = suggest(field, there)
        hint = f"; did you mean '{near}'?" if near else "."
        own.add(f"{layer}: no column '{field}'{hint} It has: {', '.join(there) or 'no columns at all'}")
    if faults is None:
        own.raise_any()


@dataclass(frozen=True, slots=True)
class NumericColumn:
    """Clean numbers of one field: ``values`` of shape (n,), NaN only where missing was allowed."""

    values: NDArray[np.float64]
    findings: tuple[Finding, ...]


def numeric_column(
    frame: pd.DataFrame,
    field: str,
    layer: str,
    *,
    minimum: float | None = 0.0,
    allow_missing: bool = False,
    fill: float | None = None,
    faults: Faults | None = None,
) -> NumericColumn:
    """Read a field as finite numbers; text such as "1,234" or full-width digits is read, "12人" is refused.

    Parameters
    ----------
    frame : its index holds the ids that messages name
    minimum : smallest allowed value; None allows any
    allow_missing : leave NaN where there is no value
    fill : put this where there is no value, and list it as a repair
    faults : collect faults here instead of raising; the values are then only usable if none were added

    Raises
    ------
    SchemaError
        The column is missing; values are missing, not numbers, infinite, or below ``minimum``; with ids.
    """
    own = Faults() if faults is None else faults
    count = len(own)
    require_columns(frame, [field], layer, own)
    if len(own) > count:
        if faults is None:
            own.raise_any()
        return NumericColumn(np.full(len(frame), np.nan), ())
    column = frame[field]
    values, from_text, unreadable = parse_numbers(column)
    ids = frame.index
    findings: list[Finding] = []
    if unreadable.any():
        bad = ", ".join(f"{i} {str(v)!r}" for i, v in list(column[unreadable].items())[:SHOWN_IN_MESSAGES])
        own.add(
            f"{layer}: {unreadable.sum()} of {len(frame)} values of '{field}' are no numbers ({bad}). Write digits only"
        )
    infinite = np.isinf(values)
    if infinite.any():
        own.add(f"{layer}: '{field}' is infinite in {infinite.sum()} rows ({some(ids[infinite])}). Correct them")
    missing = np.isnan(values) & ~unreadable
    if missing.any() and fill is not None:
        values = np.where(missing, fill, values)
        findings.append(_filled(field, fill, ids[missing]))
    elif missing.any() and not allow_missing:
        own.add(
            f"{layer}: {missing.sum()} of {len(frame)} rows lack '{field}' (ids {some(ids[missing])}). "
            f"Fill them, or set fill = {{ {field} = 0 }} for this layer in the study file"
        )
    low = (values < minimum) if minimum is not None else np.zeros(len(frame), dtype=bool)
    if low.any():
        word = "negative" if minimum == 0 else f"below {minimum:g}"
        own.add(f"{layer}: '{field}' is {word} in {low.sum()} rows (ids {some(ids[low])}). Correct them")
    if from_text.any():
        findings.append(_read_from_text(field, ids[from_text]))
    if faults is None:
        own.raise_any()
    return NumericColumn(values, tuple(findings))


def parse_numbers(column: "pd.Series[Any]") -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Read a column as numbers.

    Returns
    -------
    values (NaN where missing or unreadable); mask of values that took reading (grouping commas, full-width digits);
    mask of values that are not numbers
    """
    n = len(column)
    nothing = np.zeros(n, dtype=bool)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return np.full(n, np.nan), nothing, np.asarray(column.notna())
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan), nothing, nothing
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    parsed = [parse_number(value) for value in distinct]
    numbers = np.array(
        [p[0] for p in parsed] + [np.nan], dtype=np.float64
    )  # the last entry answers code -1, a missing value
    took = np.array([p[1] for p in parsed] + [False], dtype=bool)
    failed = np.array([p[2] for p in parsed] + [False], dtype=bool)
    return numbers[codes], took[codes], failed[codes]


def parse_number(value: object) -> tuple[float, bool, bool]:
    """One value as (number, took reading, not a number)."""
    if isinstance(value, bool):
        return np.nan, False, True
    if not isinstance(value, str):
        try:
            return float(value), False, False  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return np.nan, False, True
    text = value.translate(_FULL_WIDTH).strip()
    if text.casefold() in _MISSING:
        return np.nan, False, False
    if _PLAIN.fullmatch(text):
        return float(text), text != value.strip(), False
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", "")), True, False
    if text.casefold().lstrip("+-") in ("inf", "infinity"):
        return np.inf, False, False
    return np.nan, False, True


def string_ids(values: Iterable[Any], layer: str, field: str) -> pd.Index:
    """Ids as text, so that 1, "1" and 1.0 are the same id in every table.

    Raises
    ------
    SchemaError
        An id is missing, is a fraction, has lost digits as a float, or occurs twice.
    """
    items: list[Any] = list(values)
    texts = [normal_id(v) for v in items]
    faults = Faults()
    missing = [row for row, t in enumerate(texts) if t is None]
    if missing:
        faults.add(f"{layer}: id field '{field}' is empty in {len(missing)} rows (rows {some(missing)}). Fill them")
    floats = [float(v) for v in items if isinstance(v, float | np.floating) and np.isfinite(v)]
    fractions = [v for v in floats if v != int(v)]
    if fractions:
        faults.add(f"{layer}: id field '{field}' holds fractions ({some(fractions)}). Name another id field")
    rounded = [int(v) for v in floats if abs(v) > LARGEST_EXACT_FLOAT]
    if rounded:
        faults.add(
            f"{layer}: id field '{field}' was stored as floating point and lost digits ({some(rounded)}). "
            "Store it as integer or text"
        )
    index = pd.Index(["" if t is None else t for t in texts], dtype="str", name="id")
    twice = index[index.duplicated() & (index != "")].unique()
    if len(twice):
        faults.add(f"{layer}: {len(twice)} ids of '{field}' occur more than once ({some(twice)}). Make them unique")
    faults.raise_any()
    return index


def normal_id(value: Any) -> str | None:
    """One id as text; None if there is none. Whole floats lose their ".0", text its outer spaces."""
    if (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float | np.floating) and np.isnan(value))
    ):
        return None
    if isinstance(value, float | np.floating) and np.isfinite(value) and value == int(value):
        return str(int(value))
    text = str(value).strip()
    return text or None


def _filled(field: str, fill: float, ids: pd.Index) -> Finding:
    n = len(ids)
    text = Text(
        f"字段“{field}”有 {n} 行缺值，按设定填为 {fill:g}",
        f"'{field}' was missing in {n} rows and set to {fill:g} as asked",
    )
    return Finding(code="filled", kind="repaired", count=n, text=text, ids=listed(ids))


def _read_from_text(field: str, ids: pd.Index) -> Finding:
    n = len(ids)
    text = Text(
        f"字段“{field}”有 {n} 个数以文本书写（千分位逗号或全角数字），已读为数值",
        f"'{field}': {n} numbers were written with grouping commas or full-width digits and were read as numbers",
    )
    return Finding(code="number_from_text", kind="repaired", count=n, text=text, ids=listed(ids))
