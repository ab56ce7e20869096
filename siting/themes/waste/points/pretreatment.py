"""Small treatment units on the ground of those who make most: so many units where they take most tonnes."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from siting.errors import InputError
from siting.nearest_word import hint
from siting.themes.waste.generation.bands import positive
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

if TYPE_CHECKING:
    from siting.themes.waste.generation import Generation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pretreatment:
    """Where the units stand.

    Attributes
    ----------
    places : every place that was looked at, most tonnes first: ``origin``, ``name``, ``t_day`` (of the stream),
        ``order`` (of its first unit, NaN = none), ``units``, ``treated_t_day``, ``share`` (treated of its own)
    units : asked for, and ``placed``: fewer where no place is left with anything to treat
    capacity_t_day : of one unit; None = a unit takes all of a place
    total_t_day, treated_t_day : of all places. No other way to place as many units treats more: each unit goes where
        the most is left, and what is left of a place only falls
    """

    places: gpd.GeoDataFrame
    units: int
    placed: int
    stream: Stream | None
    origins: tuple[str, ...]
    capacity_t_day: float | None
    least_t_day: float
    total_t_day: float
    treated_t_day: float


def rank_pretreatment(
    generation: Generation,
    *,
    units: int,
    origins: Sequence[str],
    stream: Stream | None = None,
    capacity_t_day: float | None = None,
    least_t_day: float = 0.0,
) -> Pretreatment:
    """Place units so that they treat as many tonnes as possible.

    Parameters
    ----------
    units : how many
    origins : of the sources that may have one: firms, campuses, parks
    stream : that a unit treats; None = all
    capacity_t_day : of one unit, several may stand at one place; None: one unit takes what a place makes
    least_t_day : a place with less has none

    Raises
    ------
    InputError
        An origin or stream that is not there, a number that is none, or a stream that is not known at every place.
    """
    if isinstance(units, bool) or not isinstance(units, int) or units < 1:
        msg = f"waste: units of pretreatment are {units!r}, expected a whole number above 0"
        raise InputError(msg)
    there = sorted(set(generation.accounts["origin"]) - {"people"})
    for origin in origins:
        if origin not in there:
            known = ", ".join(there) or "none: give [[waste.sources]]"
            msg = f"waste: no source of origin {origin!r}{hint(origin, there)}; there are {known}"
            raise InputError(msg)
    if stream is not None and stream not in STREAMS:
        msg = f"waste: no stream {stream!r}{hint(stream, STREAMS)}"
        raise InputError(msg)
    most = None if capacity_t_day is None else positive(capacity_t_day, "capacity_t_day")
    rows = generation.points[generation.points["origin"].isin(list(origins))]
    column = "t_day" if stream is None else tonnes_of(stream)
    tonnes = rows[column].to_numpy(dtype=np.float64)
    if np.isnan(tonnes).any():
        msg = f"waste: {int(np.isnan(tonnes).sum())} places do not say how much {stream} they make; give shares"
        raise InputError(msg)
    given, first = _placed(tonnes, rows.index.astype(str).tolist(), units, most, least_t_day)
    treated = tonnes * (given > 0) if most is None else np.minimum(tonnes, given * most)
    made = gpd.GeoDataFrame(
        {
            "origin": rows["origin"].to_numpy(),
            "name": rows["name"].to_numpy(),
            "t_day": tonnes,
            "order": first,
            "units": given,
            "treated_t_day": treated,
            "share": np.divide(treated, tonnes, out=np.full(len(tonnes), np.nan), where=tonnes > 0),
        },
        geometry=np.asarray(rows.geometry),
        crs=rows.crs,
        index=rows.index,
    )
    ranks = np.lexsort((made.index.to_numpy(dtype=object), -tonnes))
    return Pretreatment(
        places=gpd.GeoDataFrame(made.iloc[ranks]),
        units=units,
        placed=int(given.sum()),
        stream=stream,
        origins=tuple(origins),
        capacity_t_day=most,
        least_t_day=least_t_day,
        total_t_day=math.fsum(tonnes),
        treated_t_day=math.fsum(treated),
    )


def _placed(
    tonnes: np.ndarray, ids: list[str], units: int, most: float | None, least: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give each unit to the place with the most left, ties to the one with fewer units, then by id."""
    given, first = np.zeros(len(tonnes), dtype=np.int64), np.full(len(tonnes), np.nan)

    def gain(k: int) -> float:
        left = tonnes[k] if most is None else min(most, tonnes[k] - given[k] * most)
        return float(left) if most is not None or not given[k] else 0.0

    queue = [(-gain(k), 0, ids[k], k) for k in range(len(tonnes)) if tonnes[k] > 0 and tonnes[k] >= least]
    heapq.heapify(queue)
    order = 0
    while queue and order < units:
        value, _, id_, k = heapq.heappop(queue)
        if value >= 0:
            break
        order += 1
        given[k] += 1
        first[k] = order if np.isnan(first[k]) else first[k]
        heapq.heappush(queue, (-max(0.0, gain(k)), int(given[k]), id_, k))
    return given, first
