"""The costs of one `[[locate]]` entry: to candidates, to what exists, and between places; never more than fit."""

from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.coverage import Searches, served_mask
from siting.coverage.counted import counted_facilities
from siting.errors import SolverError
from siting.pipeline.asked import Asked, DistanceKind
from siting.study.locate_keys import MODEL_KEYS

MOST_PAIRS = 20_000_000
"""Pairs of a model that has no limit to thin them: some 2 GB with what the model makes of them."""
_FULL_TABLE = frozenset({"capacitated", "capacitated_cover"})
"""Models that make a table of all pairs, whatever lies within reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCosts:
    """What `siting.locate.make_plan` takes of the same names; None where a model has no use for it."""

    cost: CostMatrix | None
    existing_cost: CostMatrix | None = None
    separation: CostMatrix | None = None


def standing(existing: gpd.GeoDataFrame | None, question: Asked, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the existing facilities that count, under ids that no candidate has."""
    if existing is None:
        return gpd.GeoDataFrame({"class": []}, geometry=[], crs=candidates.crs)
    counted = existing
    if question.rule is not None:
        counted, _ = counted_facilities(existing, replace(question.rule, facility=question.facility))
    shapes = np.asarray(counted.geometry)
    counted = counted[~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & ~counted.index.duplicated()]
    taken = set(candidates.index.astype(str))
    ids = [f"existing/{i}" if i in taken else i for i in counted.index.astype(str)]
    return gpd.GeoDataFrame(counted.set_axis(pd.Index(ids, name="id", dtype="str"), axis=0))


def served_today(
    question: Asked, existing: gpd.GeoDataFrame | None, kind: DistanceKind, points: gpd.GeoDataFrame, searches: Searches
) -> NDArray[np.bool_]:
    """Mask of the demand that what exists serves within the plan's own limit.

    Asked of the facilities themselves, not of an audit: a plan may count other facilities (another class, a layer with
    what is under construction) or serve by a limit of its own, with no rule at all.
    """
    if existing is None or question.limit is None:
        return np.zeros(len(points), dtype=bool)
    counted = existing
    if question.rule is not None:
        counted, _ = counted_facilities(existing, replace(question.rule, facility=question.facility))
    way: Literal["network", "straight"] = "straight" if kind == "straight" else "network"
    return served_mask(searches.nearest(points, counted, way).cost, question.limit)


def costs_of(
    name: str, model: str, question: Asked, searches: Searches, points: gpd.GeoDataFrame, places: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
) -> PlanCosts:  # fmt: skip
    """Return what the model of an entry reads.

    Parameters
    ----------
    places : the candidates that are allowed
    existing : as `standing` returns it

    Raises
    ------
    SolverError
        A model without a limit would need more than `MOST_PAIRS` pairs; the message says what to do.
    """
    if model in ("mclp", "lscp"):
        assert question.limit is not None
        return PlanCosts(cost=ways(question.distance, searches, points, places, question.limit))
    if model == "p_dispersion":
        near = None
        if question.limit is not None:
            near = ways(question.distance, searches, points, places, question.limit)
        return PlanCosts(cost=near, separation=_between(name, question, searches, places, existing))
    cutoff = question.limit if model in ("backup_coverage", "capacitated_cover") else question.reach
    full = model in _FULL_TABLE
    if full or not MODEL_KEYS[model].limit:
        _refuse_many(name, model, question, points, places, existing, full=full)
    cost = ways(question.distance, searches, points, places, cutoff)
    if not MODEL_KEYS[model].limit and cost.n_pairs > MOST_PAIRS:
        raise SolverError(_too_many(name, model, cost.n_pairs, len(points), len(places), question))
    more = ways(question.distance, searches, points, existing, cutoff) if len(existing) else None
    return PlanCosts(cost=cost, existing_cost=more)


def ways(
    kind: DistanceKind, searches: Searches, points: gpd.GeoDataFrame, places: gpd.GeoDataFrame, cutoff: float | None
) -> CostMatrix:
    """Return the costs from points to places within a cutoff, by one kind of distance; None = any."""
    if kind == "straight" or searches.network is None:
        return cost_matrix_straight(points, places, np.inf if cutoff is None else cutoff)
    return cost_matrix(
        searches.network, points, places, cutoff, max_snap_m=searches.max_snap_m, entrances=searches.entrances
    )


def _between(
    name: str, question: Asked, searches: Searches, places: gpd.GeoDataFrame, existing: gpd.GeoDataFrame
) -> CostMatrix:
    """Return the distances from each place to each; areas count by a point inside them, the same in both directions."""
    shapes = np.concatenate([np.asarray(places.geometry), np.asarray(existing.geometry)])
    labels = pd.Index([*places.index.astype(str), *existing.index.astype(str)], name="id", dtype="str")
    at = gpd.GeoDataFrame(geometry=shapely.point_on_surface(shapes), index=labels, crs=places.crs)
    if len(at) ** 2 > MOST_PAIRS:
        raise SolverError(_too_many(name, "p_dispersion", len(at) ** 2, len(at), len(at), question))
    return ways(question.distance, searches, at, at, None)


def _refuse_many(
    name: str, model: str, question: Asked, points: gpd.GeoDataFrame, places: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame, *, full: bool,
) -> None:  # fmt: skip
    """Refuse a model before its pairs fill the memory; straight lines are never longer than ways.

    Parameters
    ----------
    full : the model makes a table of all pairs, near or far
    """
    pairs = len(points) * (len(places) + len(existing))
    if pairs > MOST_PAIRS and not full and question.reach is not None and question.trip is None:
        here, there = (shapely.get_coordinates(shapely.centroid(np.asarray(g.geometry))) for g in (points, places))
        pairs = int(cKDTree(here).count_neighbors(cKDTree(there), question.reach)) + len(points) * len(existing)
    if pairs > MOST_PAIRS and (full or question.reach is None or question.trip is None):
        raise SolverError(_too_many(name, model, pairs, len(points), len(places), question))


def _too_many(name: str, model: str, pairs: int, n_from: int, n_to: int, question: Asked) -> str:
    """Say what does not fit, and what to do."""
    unit, fewer = "min" if question.trip is not None else "m", "larger spacing_m or min_area_m2"
    what = f"{n_from:,} places" if model == "p_dispersion" else f"{n_from:,} demand points and {n_to:,} candidates"
    reach = (
        ""
        if model == "p_dispersion" or model in _FULL_TABLE
        else f"reach_{unit} (nobody goes farther; now {_shown(question)}), "
    )
    coarser = "" if model == "p_dispersion" else ", or coarser demand ([demand] cell_m)"
    return (
        f"{name}: {what} make {pairs / 1e6:,.0f} million pairs, more than the {MOST_PAIRS / 1e6:,.0f} million that "
        f"model {model} can hold; give {reach}fewer candidates ({fewer}){coarser}"
    )


def _shown(question: Asked) -> str:
    if question.reach is None:
        return "none"
    return f"{question.reach:g}" if question.trip is None else f"{question.reach / 60:g}"
