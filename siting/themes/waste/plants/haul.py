"""Haul from sources to candidates for a plant: tonnes times way over the streets for vehicles, or as the crow flies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
PEOPLE = Text("人", "people")
M_PER_KM = 1000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Haul:
    """What candidates are fed by, and how far it is.

    Attributes
    ----------
    sources : points with ``weight`` above 0 that reach a candidate or a plant that stands, index = id
    unit : of ``weight``
    places : ids of the candidates, then of the plants that stand
    candidates : how many of the places are candidates
    cost : sources x places, metres, inf where there is no way
    by_network : over the streets for vehicles; else straight lines
    unreached : sources with weight that reach no place, as ids; ``unreached_weight`` of them
    mean_km : by candidate, mean way of the weight if it opens and each goes to the nearest plant; NaN where part of it
        cannot get anywhere
    work : by candidate, weight times kilometres (t.km a day); NaN likewise
    before : the same with the plants that stand alone; NaN without any, or where part cannot get there
    """

    sources: gpd.GeoDataFrame
    unit: Text
    places: tuple[str, ...]
    candidates: int
    cost: Floats
    by_network: bool
    unreached: tuple[str, ...]
    unreached_weight: float
    mean_km: Floats
    work: Floats
    before: float

    @property
    def standing(self) -> tuple[str, ...]:
        """Ids of the plants that stand."""
        return self.places[self.candidates :]


def weighted_sources(
    sources: gpd.GeoDataFrame, streams: Sequence[Stream], weight: str | None, crs: object
) -> tuple[gpd.GeoDataFrame, Text, tuple[Finding, ...]]:
    """Return the sources as points with the ``weight`` that goes to a plant, and its unit.

    Parameters
    ----------
    streams : whose columns ``t_day_<stream>`` are added up
    weight : a column in place of them

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
    unit = TONNES_DAY if weight is None else PEOPLE if weight == "people" else Text(weight, weight)
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
    reached = np.isfinite(cost).any(axis=1) if cost.size else np.zeros(len(sources), dtype=bool)
    weight = sources["weight"].to_numpy(dtype=np.float64)
    cost, used = cost[reached], weight[reached]
    today = cost[:, n:].min(axis=1, initial=np.inf)
    work = _work(np.minimum(cost[:, :n], today[:, None]), used)
    return Haul(
        sources=gpd.GeoDataFrame(sources[reached]),
        unit=unit,
        places=tuple(str(i) for i in places.index),
        candidates=n,
        cost=cost,
        by_network=drive is not None,
        unreached=tuple(str(i) for i in sources.index[~reached]),
        unreached_weight=float(weight[~reached].sum()),
        mean_km=work / used.sum() if len(used) else work,
        work=work,
        before=float(_work(today[:, None], used)[0]),
    )


def _work(cost: Floats, weight: Floats) -> Floats:
    """Weight times kilometres by column; NaN where a source has no way, or there are no sources."""
    work = np.full(cost.shape[1], np.nan)
    if len(weight):
        whole = np.isfinite(cost).all(axis=0)
        work[whole] = weight @ cost[:, whole] / M_PER_KM
    return work


def median_of(
    haul: Haul, p: int, *, time_limit_s: float, seed: int
) -> tuple[SitingResult | None, tuple[tuple[Text, Text], ...]]:
    """Return the plan of at most ``p`` candidates with the least weighted haul, or why there is none."""
    what = Text("运输量最小方案", "plan of least haul")
    if not len(haul.sources) or not haul.candidates:
        why = Text("产生量未知或不能到达任何候选地块", "no amount is known, or none can reach a candidate")
        return None, ((what, why),)
    weight = haul.sources["weight"].to_numpy(dtype=np.float64)
    stand = np.arange(haul.candidates, len(haul.places))
    try:
        most = min(p, haul.candidates)
        return p_median(haul.cost, weight, most, existing=stand, time_limit_s=time_limit_s, seed=seed), ()
    except ModelError as error:
        return None, ((what, Text(f"没有可行方案：{error}", f"no plan: {error}")),)


def people_within(places: Floats, xy: Floats, people: Floats, radius_m: float) -> Floats:
    """Return people within a distance of places, shape (n,); unknown counts for none."""
    weight = np.nan_to_num(people)
    return np.array([weight[np.hypot(xy[:, 0] - x, xy[:, 1] - y) <= radius_m].sum() for x, y in places], dtype=float)
