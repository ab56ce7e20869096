"""Shapes of service areas beyond one cutoff in metres for all: shared out, by each facility's own cutoff, by time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.access.amounts import amounts_of
from siting.access.own_parts import own_parts
from siting.access.places import Goals
from siting.access.reached_hulls import Hulls
from siting.access.service_split import split_shapes
from siting.access.street_parts import nearest_parts
from siting.units import limit_to_mm

if TYPE_CHECKING:
    from siting.access.service_area import Outline

Longs = NDArray[np.int64]


def own_cutoffs(facilities: gpd.GeoDataFrame, field: str) -> NDArray[np.float64]:
    """Cutoff of each facility in metres, from a column; refused where one is missing or negative."""
    return np.asarray(amounts_of(facilities, field, "facilities"), dtype=np.float64)


def own_shapes(
    outline: Outline | Hulls, goals: Goals, cutoffs: NDArray[np.float64], overlap: str
) -> list[shapely.Geometry]:
    """Do as `shapes_of`, with a cutoff in metres for each facility."""
    limits = np.array([limit_to_mm(cutoff) for cutoff in cutoffs.tolist()], dtype=np.int64)
    shifted, longest = with_own_limits(goals, limits)
    if overlap != "split" or isinstance(outline, Hulls):
        return shapes_of(outline, shifted, longest, overlap)
    parts = own_parts(outline.network, goals, limits)
    return split_shapes(outline, parts, outline.dissolved(shifted, longest), len(limits))


def with_own_limits(goals: Goals, limits: Longs) -> tuple[Goals, int]:
    """Goals and one limit in millimetres, which reach what each facility reaches within its own limit.

    A facility whose limit is shorter than the longest begins later by the difference. So the reached places are right,
    but which of several facilities is nearest can no longer be told.
    """
    longest = int(limits.max(initial=0))
    return replace(goals, access_mm=goals.access_mm + (longest - limits)[goals.owner]), longest


def shapes_of(outline: Outline | Hulls, goals: Goals, limit: int, overlap: str) -> list[shapely.Geometry]:
    """One shape where dissolved, else one for every facility.

    Parameters
    ----------
    limit : whole millimetres, or milliseconds where the network has times
    overlap : "dissolve", "overlap" or "split"
    """
    if overlap == "split" and not isinstance(outline, Hulls):
        parts = nearest_parts(outline.network, goals, limit)
        return split_shapes(outline, parts, outline.dissolved(goals, limit), len(goals.ptr) - 1)
    return [outline.dissolved(goals, limit)] if overlap == "dissolve" else outline.each(goals, limit)


def only(goals: Goals, facility: int) -> Goals:
    """Entries of one facility."""
    mine = slice(goals.ptr[facility], goals.ptr[facility + 1])
    ptr = np.clip(goals.ptr - goals.ptr[facility], 0, goals.ptr[facility + 1] - goals.ptr[facility])
    return Goals(
        goals.edge[mine], goals.offset_mm[mine], goals.far_mm[mine], goals.access_mm[mine], goals.owner[mine], ptr
    )
