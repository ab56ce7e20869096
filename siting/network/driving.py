"""Speeds of vehicles: a legal limit where a way has one, else a figure by the class of the road."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.ledger import Finding, Text
from siting.network.passable import each
from siting.network.profiles import DriveSpeeds, Figure

if TYPE_CHECKING:
    from siting.network.graph import Network

KMH_PER_MPH = 1.609344
KMH_PER_KNOT = 1.852


def drive_kmh(
    network: Network, speeds: DriveSpeeds, at_most: Figure | None
) -> tuple[NDArray[np.float64], tuple[Finding, ...]]:
    """Speed on each edge in km/h, shape (m,), and what a reader should know of them."""
    n = network.n_edges
    kmh = np.full(n, np.nan)
    limits = network.edges["maxspeed"].tolist() if "maxspeed" in network.edges.columns else [None] * n
    unread = 0
    known: dict[object, tuple[float | None, bool]] = {}  # few values, many edges
    for e, value in enumerate(limits):
        key = tuple(value) if isinstance(value, list | set) else value
        if key not in known:
            known[key] = maxspeed_kmh(key, speeds.walking_pace)
        limit, clear = known[key]
        unread += not clear
        if limit is not None:
            kmh[e] = limit
    given = np.isfinite(kmh)
    unlisted: dict[str, int] = {}
    highways = network.edges["highway"].tolist()
    for e in np.flatnonzero(~given).tolist():
        listed = [speeds.classes[h] for h in each(highways[e]) if isinstance(h, str) and h in speeds.classes]
        if not listed:
            unlisted[str(highways[e])] = unlisted.get(str(highways[e]), 0) + 1
        kmh[e] = min(listed, default=speeds.unlisted)
    if at_most is not None:
        kmh = np.minimum(kmh, at_most.value)
    by_class = int((~given).sum())
    found = [
        note("speed_by_class", by_class, "条路段无限速标注，按道路等级设定车速（本工具设定）",
             "edges without a speed limit have the assumed speed of their class"),
        note("class_unlisted", sum(unlisted.values()), "条路段的等级不在车速表中",
             "edges of a class that the table of speeds does not have", tuple(sorted(unlisted)[:20])),
        note("maxspeed_unread", unread, "条路段的限速标注无法识别", "edges have a maxspeed that names no figure"),
    ]  # fmt: skip
    return kmh, tuple(f for f in found if f.count)


def maxspeed_kmh(value: object, walking_pace: float) -> tuple[float | None, bool]:
    """Read an OpenStreetMap ``maxspeed``.

    Returns
    -------
    km/h (of several the lowest) or None, and whether the value was understood: an absent one and ``none`` are.
    """
    found: list[float] = []
    clear = True
    for single in each(value):
        if single is None or single != single:  # NaN
            continue
        for part in re.split(r"[;|,]", str(single)):
            text = part.strip().lower()
            if text in ("", "none", "nan"):
                continue
            if text == "walk":
                found.append(walking_pace)
                continue
            match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?", text)
            if match is None or float(match[1]) == 0:
                clear = False
                continue
            factor = {"mph": KMH_PER_MPH, "knots": KMH_PER_KNOT}.get(match[2] or "", 1.0)
            found.append(float(match[1]) * factor)
    return min(found, default=None), clear


def note(code: str, count: int, zh: str, en: str, ids: tuple[str, ...] = ()) -> Finding:
    """Return a remark on a number of edges."""
    return Finding(code=code, kind="note", count=count, text=Text(f"{count} {zh}", f"{count} {en}"), ids=ids)
