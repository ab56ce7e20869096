"""The fewest sheds of one estate, from the places that keep their distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight
from siting.errors import InfeasibleError
from siting.locate import SitingResult, capacitated, capacitated_cover, lscp
from siting.themes.charging.shed_places import Places
from siting.themes.charging.shed_walks import LeastWalk, least_walk, weights_of
from siting.themes.city import City

Measure = Literal["straight", "network"]
SERVED, PARTLY, NO_PLACE, NO_HOMES, NO_AREA = "served", "partly", "no_place", "no_homes", "no_area"
ESTATE_COLUMNS = ["name", "homes", "households", "bikes", "places", "widest_m", "existing", "sheds", "homes_served",
                  "homes_left", "bikes_left", "state", "status", "bound", "walk_mean_m", "walk_bound_m"]  # fmt: skip
SHED_COLUMNS = ["estate", "estate_name", "away_m", "homes", "bikes", "capacity"]
_REACHED = 1.0
"""A limit between 0, a home that reaches a place, and ``inf``, one that does not."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Ways from homes to places, no longer than the walk."""

    city: City
    measure: Measure
    limit_m: float

    def costs(self, homes: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> CostMatrix:
        """Return the ways within the walk."""
        city = self.city
        if self.measure == "network" and city.network is not None:
            return cost_matrix(
                city.network, homes, places, self.limit_m, max_snap_m=city.max_snap_m, entrances=city.entrances
            )
        return cost_matrix_straight(homes, places, self.limit_m)

    def nearest_m(self, homes: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None) -> NDArray[np.float64]:
        """Return the way to the nearest place, ``inf`` where none is within the walk."""
        if places is None or not len(places) or not len(homes):
            return np.full(len(homes), np.inf)
        return np.asarray(self.costs(homes, places).to_dense().min(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What was chosen in one estate.

    Attributes
    ----------
    homes : with ``shed``, ``walk_m`` and ``served``
    places : the places chosen, index = id of the shed
    loads : bicycles of each; NaN without capacities
    result : None where nothing was to be decided
    bikes_left : bicycles without a place in reach; 0 without capacities
    walk : of the homes of the new sheds; None where there are none
    """

    homes: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    loads: NDArray[np.float64]
    result: SitingResult | None
    capacity: int | None
    bikes_left: float
    walk: LeastWalk | None

    def row(self, places: Places, existing: int, *, is_area: bool) -> dict[str, object]:
        """Return the figures of the estate, `ESTATE_COLUMNS` without its name."""
        n, served = len(self.homes), int(self.homes["served"].sum())
        state = SERVED if served == n and not self.bikes_left else PARTLY
        if not is_area:
            state = NO_AREA
        elif not n:
            state = NO_HOMES
        elif not len(places.points) and served < n:
            state = NO_PLACE
        # Where not all bicycles fit, what is bounded is what fits and not the count.
        counts = self.result is not None and self.result.model != "capacitated_cover"
        return {
            "homes": n,
            "households": self.homes["households"].sum(min_count=n),
            "bikes": self.homes["bikes"].sum(min_count=n),
            "places": len(places.points),
            "widest_m": places.widest_m,
            "existing": existing,
            "sheds": len(self.places),
            "homes_served": served,
            "homes_left": n - served,
            "bikes_left": np.nan if self.capacity is None else self.bikes_left,
            "state": state,
            "status": None if self.result is None else self.result.status,
            "bound": float(math.ceil(self.result.bound - 1e-6)) if self.result is not None and counts else np.nan,
            "walk_mean_m": np.nan if self.walk is None else round(self.walk.mean_m, 3),
            "walk_bound_m": np.nan if self.walk is None else round(self.walk.bound_m, 3),
        }

    def table(self, estate: str, name: str) -> gpd.GeoDataFrame:
        """Return the sheds, `SHED_COLUMNS`."""
        n = len(self.places)
        mine = self.homes["shed"].value_counts()
        ids = self.places.index.tolist()
        return gpd.GeoDataFrame(
            {
                "estate": [estate] * n,
                "estate_name": [name] * n,
                "away_m": self.places["away_m"].to_numpy(),
                "homes": [int(mine.get(i, 0)) for i in ids],
                "bikes": self.loads,
                "capacity": np.full(n, np.nan if self.capacity is None else float(self.capacity)),
            },
            geometry=np.asarray(self.places.geometry),
            crs=self.places.crs,
            index=pd.Index(ids, name="id", dtype=object),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Estate:
    """One estate's question.

    Attributes
    ----------
    homes : columns ``estate``, ``households``, ``bikes``
    existing : sheds that stand in it
    capacity : bicycles of a shed; None = any number
    effort : seconds, gap and seed of the search
    """

    walk: Walk
    homes: gpd.GeoDataFrame
    places: Places
    existing: gpd.GeoDataFrame | None
    capacity: int | None
    effort: tuple[float, float, int]

    def answer(self, estate: str) -> Answer:
        """Choose sheds for the homes that no existing one serves."""
        homes = self.homes
        way = self.walk.nearest_m(homes, self.existing)
        names = np.full(len(homes), None, dtype=object)
        places = gpd.GeoDataFrame(
            {"away_m": self.places.away_m}, geometry=self.places.points, crs=homes.crs,
            index=pd.RangeIndex(len(self.places.points)),
        )  # fmt: skip
        bikes = homes["bikes"].to_numpy(dtype=np.float64)
        result, loads, left = None, np.empty(0), 0.0
        walk: LeastWalk | None = None
        sites = np.empty(0, dtype=np.intp)
        if len(homes) and len(places):
            dense = self.walk.costs(homes, places).to_dense()
            rows = np.flatnonzero(np.isinf(way) & np.isfinite(dense).any(axis=1))
            if len(rows):
                households = homes["households"].to_numpy(dtype=np.float64)[rows]
                result, walk, home, loads = self._choose(dense[rows], bikes[rows], households)
                sites = walk.sites
                mine = home >= 0
                names[rows[mine]] = [f"{estate}-{k + 1}" for k in home[mine]]
                way[rows[mine]] = dense[rows[mine], sites[home[mine]]]
                if self.capacity is not None:
                    left = max(0.0, round(math.fsum(bikes[rows]) - math.fsum(loads), 6))
            if self.capacity is not None:
                out = np.isinf(way)
                out[rows] = False  # counted with what does not fit
                left += math.fsum(bikes[out])
        elif self.capacity is not None:
            left = math.fsum(bikes[np.isinf(way)])
        ids = pd.Index([f"{estate}-{k + 1}" for k in range(len(sites))], dtype=object)
        chosen = gpd.GeoDataFrame(places.iloc[sites].set_axis(ids, axis=0))
        table = gpd.GeoDataFrame(homes.assign(shed=names, walk_m=way, served=np.isfinite(way)))
        return Answer(table, chosen, loads, result, self.capacity, left, walk)

    def _choose(
        self, dense: NDArray[np.float64], bikes: NDArray[np.float64], households: NDArray[np.float64]
    ) -> tuple[SitingResult, LeastWalk, NDArray[np.intp], NDArray[np.float64]]:
        """Return the proof, the places, the place of each home (its number among them, -1 = none) and the loads."""
        seconds, gap, seed = self.effort
        free = np.where(np.isfinite(dense), 0.0, np.inf)
        if self.capacity is None:
            result = lscp(free, _REACHED, time_limit_s=seconds, mip_gap=gap, seed=seed)
            walk = least_walk(dense, weights_of(households), result, result.sites, self.effort)
            return result, walk, dense[:, walk.sites].argmin(axis=1), np.full(len(walk.sites), np.nan)
        held = float(self.capacity)
        kept = _enough_of_each(free == 0, max(1, math.ceil(math.fsum(bikes) / held)))
        longest = float(dense[np.isfinite(dense)].max()) + 1.0
        try:
            result = capacitated(free[:, kept], bikes, held, 1.0, time_limit_s=seconds, mip_gap=gap, seed=seed)
        except InfeasibleError:
            # The places hold too few: those that hold most.
            result = capacitated_cover(
                dense[:, kept], bikes, longest, None, held, time_limit_s=seconds, mip_gap=gap, seed=seed
            )
            filled, total = self._filled(dense, bikes, kept[result.sites], longest)
            walk = LeastWalk(kept[result.sites], total, np.nan, float(filled.flows.sum()))
        else:
            sites = kept[result.sites]
            filled, total = self._filled(dense, bikes, sites, longest)
            walk = least_walk(dense, bikes, result, sites, self.effort, capacity=held, total=total)
            if not np.array_equal(walk.sites, sites):
                filled, total = self._filled(dense, bikes, walk.sites, longest)
        loads = np.asarray(filled.flows.sum(axis=0), dtype=np.float64).ravel()
        return result, walk, np.asarray(filled.assignment, dtype=np.intp), loads

    def _filled(
        self, dense: NDArray[np.float64], bikes: NDArray[np.float64], sites: NDArray[np.intp], longest: float
    ) -> tuple[SitingResult, float]:
        """Of all ways to fill the same sheds, homes go to the nearest; and what they walk together."""
        filled = capacitated_cover(
            dense[:, sites], bikes, longest, None, float(self.capacity or 0), existing=np.arange(len(sites)),
            time_limit_s=self.effort[0],
        )  # fmt: skip
        home, shed = filled.flows.nonzero()
        flows = np.asarray(filled.flows[home, shed], dtype=np.float64).ravel()
        return filled, math.fsum(flows * dense[home, sites[shed]])


def _enough_of_each(within: NDArray[np.bool_], most: int) -> NDArray[np.intp]:
    """Keep the first ``most`` of the places that serve the same homes: more of them are never needed."""
    seen: dict[bytes, int] = {}
    kept = []
    for j in range(within.shape[1]):
        key = within[:, j].tobytes()
        seen[key] = seen.get(key, 0) + 1
        if within[:, j].any() and seen[key] <= most:
            kept.append(j)
    return np.array(kept, dtype=np.intp)
