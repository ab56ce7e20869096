"""Breaks of numbers in legends: distances by the limit of the rule, people by round numbers, shares by fifths."""

from itertools import pairwise

import numpy as np
import pandas as pd

from siting.coverage.model import Audit
from siting.ledger import Text
from siting.outputs.theme_style import MISSING_COLOUR, RAMP_COLOURS
from siting.outputs.views.model import ViewClass

GAP_RAMP = ("#f2c9a0", "#e38b4f", "#c2410c", "#7c1d05")
BEYOND = Text("无路可达或超出搜索范围", "no path, or beyond the search")


def distance_classes(audit: Audit) -> tuple[ViewClass, ...]:
    """Return classes of costs: half the limit, the limit, twice and four times it; and those without a cost."""
    limit = audit.limit_m if audit.limit_s is None else audit.limit_s / 60
    if limit is None or limit <= 0:
        return (ViewClass(name=Text("全部", "all"), colour=RAMP_COLOURS["neutral"][2], low=-np.inf, high=np.inf),)
    edges = [-np.inf, limit / 2, limit, 2 * limit, 4 * limit, np.inf]
    colours = ("#2b7ea8", "#9cc9de", "#f2a65a", "#dd6b20", "#9a3412")
    unit = Text("米", "m") if audit.unit == "m" else Text("分钟", "min")
    return (*_ranges(edges, colours, unit), ViewClass(name=BEYOND, colour=MISSING_COLOUR, missing=True))


def people_classes(values: pd.Series) -> tuple[ViewClass, ...]:
    """Return classes of people or units in gaps, by round numbers of which each holds some."""
    most = float(values.max())
    steps = [round(m * 10**e) for e in range(1, 8) for m in (1, 3)]
    breaks = [s for s in steps if s < most][-3:]
    edges = [-np.inf, *breaks, np.inf]
    return _ranges(edges, GAP_RAMP[-(len(edges) - 1) :], Text("", ""))


def share_classes() -> tuple[ViewClass, ...]:
    """Return classes of shares, by fifths; the breaks are this package's own, from no standard."""
    edges = [-np.inf, 0.2, 0.4, 0.6, 0.8, np.inf]
    named = ("≤ 20%", "20% – 40%", "40% – 60%", "60% – 80%", "> 80%")
    found = [
        ViewClass(name=Text(name, name), colour=colour, low=low, high=high)
        for (low, high), colour, name in zip(pairwise(edges), RAMP_COLOURS["more_is_better"], named, strict=True)
    ]
    return (*found, ViewClass(name=Text("无数据", "no data"), colour=MISSING_COLOUR, missing=True))


def _ranges(edges: list[float], colours: tuple[str, ...], unit: Text) -> tuple[ViewClass, ...]:
    found = []
    for (low, high), colour in zip(pairwise(edges), colours, strict=True):
        if np.isinf(low):
            words = f"≤ {high:,.10g}" if np.isfinite(high) else ""
        elif np.isinf(high):
            words = f"> {low:,.10g}"
        else:
            words = f"{low:,.10g} – {high:,.10g}"
        zh, en = f"{words} {unit.zh}".strip() or "全部", f"{words} {unit.en}".strip() or "all"
        found.append(ViewClass(name=Text(zh, en), colour=colour, low=low, high=high))
    return tuple(found)
