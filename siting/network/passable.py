"""Which streets a wheelchair or a truck cannot pass, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.ledger import Text
from siting.network.elevation import Slopes
from siting.network.profiles import Profile

if TYPE_CHECKING:
    from siting.network.graph import Network

Mask = NDArray[np.bool_]

REASONS = {
    "closed_wheelchair": Text("标注为轮椅不可通行的路段", "edges that are tagged as closed to wheelchairs"),
    "closed_steps": Text("台阶", "edges that are steps"),
    "closed_kerb": Text("有未降低路缘石的路段", "edges with a raised kerb"),
    "closed_surface": Text("路面不适合轮椅的路段", "edges whose surface a wheelchair cannot pass"),
    "closed_incline": Text("标注坡度超过限值的路段", "edges whose tagged incline is above the limit"),
    "closed_slope": Text(
        "按高程平均坡度超过限值的路段", "edges that are steeper than the limit on average, by the elevation"
    ),
    "closed_hgv": Text("标注为禁止货车通行的路段", "edges that are tagged as closed to trucks"),
    "closed_weight": Text("限重低于车重的路段", "edges whose legal weight is below that of the truck"),
    "closed_height": Text("限高低于车高的路段", "edges whose legal height is below that of the truck"),
}
"""Why edges are closed to a profile; an edge is counted under the first reason that holds."""

_LEGAL_UNITS = {"": 1.0, "t": 1.0, "m": 1.0, "kg": 0.001, "cm": 0.01, "st": 0.90718474, "lbs": 0.00045359237}


def closed_edges(network: Network, profile: Profile, slopes: Slopes | None) -> dict[str, Mask]:
    """Edges that are closed to the profile, by the first of the `REASONS` that holds; each mask has shape (m,).

    The slope of the ground does not close bridges and tunnels, and elevation closes nothing where it is not known.
    """
    rule = profile.step_free
    edges = network.edges
    reasons: dict[str, Mask] = {}
    invited = np.zeros(len(edges), dtype=bool)
    if rule is not None:
        invited = among(edges, "wheelchair", rule.wheelchair_open)
        reasons["closed_wheelchair"] = among(edges, "wheelchair", rule.wheelchair_closed)
        reasons["closed_steps"] = among(edges, "highway", rule.highway) | among(edges, "steps", {"true", "yes"})
        reasons["closed_kerb"] = among(edges, "kerb", rule.kerb)
        reasons["closed_surface"] = among(edges, "surface", rule.surface)
    if profile.slope_limit is not None:
        limit = profile.slope_limit.value
        if "incline" in edges.columns:
            reasons["closed_incline"] = where(edges["incline"], lambda value: steeper(value, limit))
        if slopes is not None:
            above = edges["bridge"].to_numpy(dtype=bool) | edges["tunnel"].to_numpy(dtype=bool)
            reasons["closed_slope"] = (slopes.steepness() > limit) & ~above
    truck = profile.truck
    if truck is not None:
        reasons["closed_hgv"] = among(edges, "hgv", truck.hgv_closed)
        for code, column, least in (
            ("closed_weight", "maxweight", truck.weight.value),
            ("closed_height", "maxheight", truck.height.value),
        ):
            if column in edges.columns:
                reasons[code] = where(edges[column], partial(below, least=least))
    taken = invited
    for code, mask in reasons.items():
        reasons[code] = mask & ~taken
        taken = taken | mask
    return reasons


def among(edges: pd.DataFrame, column: str, values: frozenset[str] | set[str]) -> Mask:
    """Whether a column has one of some values, in any case; False where there is no such column."""
    if column not in edges.columns:
        return np.zeros(len(edges), dtype=bool)
    # osmnx joins ways: such an edge has a list of values, of which the worst counts.
    return where(edges[column], lambda value: any(str(v).lower() in values for v in each(value)))


def where(column: pd.Series[Any], judge: Callable[[object], bool]) -> Mask:
    """Judge every cell of a column, each different value once."""
    known: dict[Any, bool] = {}
    made = np.zeros(len(column), dtype=bool)
    for k, value in enumerate(column.tolist()):
        if isinstance(value, list | set):  # cannot be a key
            made[k] = judge(value)
            continue
        if value not in known:
            known[value] = judge(value)
        made[k] = known[value]
    return made


def each(value: object) -> list[object]:
    """Return the values of a cell, which may hold a list."""
    return list(value) if isinstance(value, list | tuple | set) else [value]


def steeper(value: object, limit: float) -> bool:
    """Whether an OpenStreetMap ``incline`` is steeper than a limit; what names no figure (``up``) is not."""
    return any((slope := incline(v)) is not None and abs(slope) > limit for v in each(value))


def below(value: object, least: float) -> bool:
    """Whether a legal weight in tonnes or height in metres is below a figure; what names none (``default``) is not."""
    return any((limit := legal_limit(v)) is not None and limit < least for v in each(value))


def legal_limit(value: object) -> float | None:
    """Return ``3,5 t``, ``7500 kg``, ``3.8 m``, ``12'6"`` in tonnes or metres; None where it names no figure."""
    text = str(value).strip().lower().replace(",", ".")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(t|kg|m|st|lbs|cm)?", text)
    if match and float(match[1]) > 0:
        return float(match[1]) * _LEGAL_UNITS[match[2] or ""]
    match = re.fullmatch(r"(\d+)'\s*(?:(\d+)\")?", text)
    if match and int(match[1]) > 0:
        return (int(match[1]) * 12 + int(match[2] or 0)) * 0.0254
    return None


def incline(value: object) -> float | None:
    """Return a tagged slope as rise/run: ``10%``, ``-5 %``, ``6°``, ``1:12``; None where it names no figure."""
    text = str(value).strip().replace(",", ".")
    match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(%|°)", text)
    if match:
        number = float(match[1])
        return number / 100 if match[2] == "%" else math.tan(math.radians(number))
    match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)", text)
    if match and float(match[2]) > 0:
        return float(match[1]) / float(match[2])
    return None
