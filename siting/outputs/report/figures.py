"""Numbers as the report writes them: rounded as on the maps, a dash where unknown, never 0 where something is."""

import math
from typing import Any

from siting.ledger import Lang, Text
from siting.outputs.maps import style
from siting.standards.model import Denominator

UNKNOWN = "–"
KEPT = "\u00a0"
"""A blank at which no line is broken."""
M2_PER_HA = 10_000


def known(value: Any) -> bool:
    """Whether there is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def count(value: Any) -> str:
    """Write a count without decimals: 1,240; less than one half is still not nothing."""
    if not known(value):
        return UNKNOWN
    return f"<{KEPT}1" if 0 < value < 0.5 else style.number(value)


def hectares(value_m2: Any) -> str:
    """Write an area in hectares with two decimals; a smaller one is still not nothing."""
    if not known(value_m2):
        return UNKNOWN
    shown = value_m2 / M2_PER_HA
    return f"<{KEPT}0.01" if 0 < shown < 0.005 else f"{shown:,.2f}"


def amount(value: Any, denominator: Denominator | None) -> str:
    """Write what a rule counts: people and units whole, land in hectares."""
    return hectares(value) if denominator == "land" else count(value)


def percent(share: Any) -> str:
    """Write a share: never 100.0% unless all, never 0.0% unless none."""
    return style.percent(float(share)).replace(" ", KEPT) if known(share) else UNKNOWN


def distance(value: Any, unit: str, lang: Lang) -> str:
    """Write a way: 1,240 m, 7.5 min."""
    if not known(value):
        return UNKNOWN
    if unit == "min":
        return f"{value:,.1f}{KEPT}{Text('分钟', 'min').get(lang)}"
    return f"{value:,.0f}{KEPT}{Text('米', 'm').get(lang)}"


def words(value: Any) -> str:
    """Write a text, a dash where there is none."""
    return value if isinstance(value, str) and value.strip() else UNKNOWN


def beyond(value: Any, limit: float | None, unit: str, lang: Lang) -> str:
    """Write a way that is longer than a limit, with so many decimals that it does not look as long as the limit."""
    if limit is None or not known(value) or value <= limit:
        return distance(value, unit, lang)
    first = 1 if unit == "min" else 0
    digits = next((n for n in range(first, 4) if round(value, n) > limit), 3)
    return f"{value:,.{digits}f}{KEPT}{Text('分钟', 'min').get(lang) if unit == 'min' else Text('米', 'm').get(lang)}"
