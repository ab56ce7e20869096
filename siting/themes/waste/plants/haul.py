"""Haul from sources to candidates for a plant: tonnes times way over the streets for vehicles, or as the crow flies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access import cost_matrix
from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError, ModelError
from siting.inputs.schema import parse_numbers
from siting.ledger import Finding, Text
from siting.locate import SitingResult, p_median
from siting.network import MAX_SNAP_M
from siting.themes.waste.ground.plots import rows_found
from siting.themes.waste.streams import Stream, tonnes_of
from siting.units import MM_PER_M, metres_to_mm

if TYPE_CHECKING:
    from siting.network import Network

Floats = NDArray[np.float64]
TONNES_DAY = Text("吨/日", "t/d")
TONNES_COLUMN = "t_day"
PEOPLE = Text("人", "people")
M_PER_KM = 1000.0
NO_WAY = 2.0
"""A source without a way counts as so many times the longest way that was found."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Haul:
    """What candidates are fed by, and how far it is.

    A source that reaches one candidate but not another must not make the second look near, nor leave it without a
    figure: what has no way counts as twice the longest way that was found from any source to any of the places. At once
    the longest way, leaving a source behind would cost no more than the way to it.

    Attributes
    ----------
    sources : points with ``weight`` above 0 that reach a candidate or a plant that stands, index = id
    unit : of ``weight``
    places : ids of the candidates, then of the plants that stand
    candidates : how many of the places are candidates
    cost : sources x places, metres, inf where there is no way
    by_network : over the streets for vehicles; else straight lines
    unreached : sources with weight that reach no place, as ids; ``unreached_weight`` of them. They say nothing about
        one candidate beside another and stay out of every figure
    """

    sources: gpd.GeoDataFrame
    unit: Text
    places: tuple[str, ...]
    candidates: int
    cost: Floats
    by_network: bool
    unreached: tuple[str, ...]
    unreached_weight: float

    @property
    def standing(self) -> tuple[str, ...]:
        """Ids of the plants that stand."""
        return self.places[self.candidates :]

    @property
    def weight(self) -> Floats:
        """Weight by source."""
        weight: Floats = self.sources["weight"].to_numpy(dtype=np.float64)
        return weight

    @cached_property
    def no_way_m(self) -> float:
        """What a source without a way counts as: twice the longest way that was found; NaN where there is none."""
        found = self.cost[np.isfinite(self.cost)]
        return NO_WAY * float(found.max()) if len(found) else np.nan

    @cached_property
    def served(self) -> Floats:
        """By candidate, the share of the weight that has a way to it; NaN without sources."""
        weight = self.weight
        reached = np.isfinite(self.cost[:, : self.candidates])
        # Where nothing is lost the share is 1 to the last digit.
        shares: Floats = 1 - weight @ ~reached / weight.sum() if len(weight) else np.full(self.candidates, np.nan)
        return np.where(reached.any(axis=0), shares, 0.0) if len(weight) else shares

    @cached_property
    def lost(self) -> Floats:
        """By candidate, the weight that has a way neither to it nor to a plant that stands; NaN without sources."""
        if not len(self.sources):
            return np.full(self.candidates, np.nan)
        lost: Floats = self.weight @ ~np.isfinite(self._ways)
        return lost

    @cached_property
    def work(self) -> Floats:
        """By candidate, weight times kilometres (t.km a day) if it opens and each goes to the nearest plant.

        What has no way counts `no_way_m`; NaN where nothing has a way to the candidate.
        """
        if not len(self.sources) or np.isnan(self.no_way_m):
            return np.full(self.candidates, np.nan)
        ways = np.where(np.isfinite(self._ways), self._ways, self.no_way_m)
        return np.where(self.served > 0, self.weight @ ways / M_PER_KM, np.nan)

    @property
    def mean_km(self) -> Floats:
        """By candidate, `work` for each unit of weight."""
        return self.work / self.weight.sum() if len(self.sources) else self.work

    @cached_property
    def before(self) -> float:
        """Weight times kilometres with the plants that stand alone; NaN without any, or where part has no way there."""
        today = self._today
        return float(self.weight @ today / M_PER_KM) if len(today) and np.isfinite(today).all() else np.nan

    def of_candidates(self, kept: NDArray[np.bool_]) -> Haul:
        """Return the haul to some of the candidates, from the same sources."""
        columns = np.append(kept, np.ones(len(self.standing), dtype=bool))
        places = tuple(p for p, k in zip(self.places, columns, strict=True) if k)
        return replace(self, places=places, candidates=int(kept.sum()), cost=self.cost[:, columns])

    @property
    def _today(self) -> Floats:
        today: Floats = self.cost[:, self.candidates :].min(axis=1, initial=np.inf)
        return today

    @property
    def _ways(self) -> Floats:
        """By source and candidate, the way to the nearest of the candidate and the plants that stand."""
        return np.minimum(self.cost[:, : self.candidates], self._today[:, None])


def weighted_sources(
    sources: gpd.GeoDataFrame, streams: Sequence[Stream], weight: str | None, crs: object
) -> tuple[gpd.GeoDataFrame, Text, tuple[Finding, ...]]:
    """Return the sources as points with the ``weight`` that goes to a plant, and its unit.

    Parameters
    ----------
    streams : whose columns ``t_day_<stream>`` are added up
    weight : a column in place of them; tonnes a day if its name begins with `TONNES_COLUMN`

    Raises
    ------
    InputError
        None of the columns is there.
    """
    layer = keyed(in_crs("sources", sources, crs))
    named = [weight] if weight is not None else [tonnes_of(s) for s in streams]
    there = [c for c in named if c in layer.columns]
    if not there:
        wanted = ", ".join(named) or "a column: name it by weight"
        msg = f"sources: no column {wanted}. They have: {', '.join(str(c) for c in layer.columns if c != 'geometry')}"
        raise InputError(msg)
    total, found = np.zeros(len(layer)), []
    bad = np.zeros(len(layer), dtype=bool)
    for column in there:
        values, _, unreadable = parse_numbers(layer[column])
        wrong = unreadable | ~np.isfinite(values) | (values < 0)
        bad |= wrong
        total += np.where(wrong, 0.0, values)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if (bad | lost).any():
        text = Text(
            f"产生源：{int((bad | lost).sum())} 行的数量缺失、为负或无几何，该部分未计入",
            f"sources: {int((bad | lost).sum())} rows lack an amount or a place, or it is negative: not counted",
        )
        found.append(rows_found("source_amount", "warning", layer.index[bad | lost], text))
    keep = ~lost & (total > 0)
    points = shapely.point_on_surface(shapes[keep]) if keep.any() else shapes[keep]
    points = np.where(shapely.get_type_id(shapes[keep]) == 0, shapes[keep], points)
    made = gpd.GeoDataFrame(
        {"weight": total[keep]}, geometry=gpd.GeoSeries(points, index=layer.index[keep], crs=crs),
        index=layer.index[keep], crs=crs,
    )  # fmt: skip
    tonnes = weight is None or weight.startswith(TONNES_COLUMN)
    unit = TONNES_DAY if tonnes else PEOPLE if weight == "people" else Text(str(weight), str(weight))
    return made, unit, tuple(found)


def haul_to(
    sources: gpd.GeoDataFrame,
    unit: Text,
    candidates: gpd.GeoDataFrame,
    standing: gpd.GeoDataFrame | None,
    drive: Network | None,
    max_snap_m: float = MAX_SNAP_M,
) -> Haul:
    """Measure from every source to every candidate and every plant that stands."""
    n = len(candidates)
    places = candidates[["geometry"]]
    if standing is not None and len(standing):
        places = gpd.GeoDataFrame(pd.concat([places, standing[["geometry"]]]), crs=candidates.crs)
    if drive is not None:
        matrix = cost_matrix(drive, sources, places, None, max_snap_m=max_snap_m)
        cost = np.asarray(matrix.to_dense(), dtype=np.float64)
    else:
        points, shapes = (np.asarray(f.geometry.array, dtype=object) for f in (sources, places))
        cost = metres_to_mm(shapely.distance(points[:, None], shapes[None, :])) / MM_PER_M
    ids = tuple(str(i) for i in places.index)
    return haul_of(sources, unit, ids, n, cost, by_network=drive is not None)


def haul_of(
    sources: gpd.GeoDataFrame, unit: Text, places: tuple[str, ...], candidates: int, cost: Floats, *, by_network: bool
) -> Haul:
    """Put ways together; sources that reach none of the places are named and left out."""
    reached = np.isfinite(cost).any(axis=1) if cost.size else np.zeros(len(sources), dtype=bool)
    return Haul(
        sources=gpd.GeoDataFrame(sources[reached]),
        unit=unit,
        places=places,
        candidates=candidates,
        cost=cost[reached],
        by_network=by_network,
        unreached=tuple(str(i) for i in sources.index[~reached]),
        unreached_weight=float(sources["weight"].to_numpy(dtype=np.float64)[~reached].sum()),
    )


def median_of(
    haul: Haul, p: int, *, time_limit_s: float, seed: int
) -> tuple[SitingResult | None, tuple[tuple[Text, Text], ...]]:
    """Return the plan of at most ``p`` candidates with the least weighted haul, or why there is none.

    As in `Haul.work`, what has no way to any plant of the plan counts twice the longest way that was found.
    """
    what = Text("运输量最小方案", "plan of least haul")
    if not len(haul.sources) or not haul.candidates:
        why = Text("产生量未知或不能到达任何候选地块", "no amount is known, or none can reach a candidate")
        return None, ((what, why),)
    stand = np.arange(haul.candidates, len(haul.places))
    try:
        most = min(p, haul.candidates)
        without = None if np.isfinite(haul.cost).all() else haul.no_way_m
        plan = p_median(
            haul.cost, haul.weight, most, existing=stand, unassigned_cost=without, time_limit_s=time_limit_s, seed=seed
        )
        return plan, ()
    except ModelError as error:
        return None, ((what, Text(f"没有可行方案：{error}", f"no plan: {error}")),)


def people_within(places: Floats, xy: Floats, people: Floats, radius_m: float) -> Floats:
    """Return people within a distance of places, shape (n,); unknown counts for none."""
    weight = np.nan_to_num(people)
    return np.array([weight[np.hypot(xy[:, 0] - x, xy[:, 1] - y) <= radius_m].sum() for x, y in places], dtype=float)
