"""Cars against spaces in one slot of the week: who parks where, who is short, which lots are full."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access.cost import CostMatrix
from siting.access.matrix import cost_matrix
from siting.access.straight import cost_matrix_straight
from siting.themes.city import City
from siting.themes.parking.assignment import NO_AREA, NO_LOT, Assignment, Ways, assign_cars
from siting.themes.parking.demand import Cars
from siting.themes.parking.flow import Longs
from siting.themes.parking.kinds import OWN, PUBLIC, RESIDENTS
from siting.themes.parking.slots import HOME
from siting.units import MM_PER_M

PLACE_COLUMNS = ["cars", "parked", "short", "walk_m", "area", "unknown_lots"]
LOT_COLUMNS = ["open", "spaces", "cars", "free"]
AREA_COLUMNS = ["area", "places", "lots", "cars", "spaces", "short", "unknown_lots"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach:
    """Places of cars and car parks, both in the order of their ids, with the distances within the limit.

    Attributes
    ----------
    cost : places by lots
    use : shape (n_place,), what the cars of each place are for
    users : shape (n_lot,), who may use each lot
    spaces : shape (n_lot,), whole spaces; 0 where they are not known
    known : shape (n_lot,), whether they are
    """

    cost: CostMatrix
    use: NDArray[np.object_]
    users: NDArray[np.object_]
    spaces: Longs
    known: NDArray[np.bool_]

    @property
    def serves(self) -> NDArray[np.bool_]:
        """Whether the lot of each pair is open to the cars of its place.

        A lot for its own users is open to all uses but homes: offices, shops and the like park at their own.
        """
        home = (self.use == HOME)[self.cost.row_of]
        users = self.users[self.cost.indices]
        found: NDArray[np.bool_] = (users == PUBLIC) | (home & (users == RESIDENTS)) | (~home & (users == OWN))
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Balance:
    """One slot.

    Attributes
    ----------
    places : index = place id: ``cars``, ``parked``, ``short``, ``walk_m`` (mean of those parked, NaN if none),
        ``area`` (number of the shortage area, `NO_LOT` = nothing within the limit, `NO_AREA` = not short) and
        ``unknown_lots`` (lots of unknown spaces within the limit)
    lots : index = lot id: ``open`` (to any of the cars), ``spaces`` (NaN: unknown), ``cars``, ``free``
    areas : one row a shortage area, the shortest first: ``area``, ``places``, ``lots``, ``cars``, ``spaces``,
        ``short`` = cars less spaces, and ``unknown_lots`` within its limit
    assignment : with its proof
    """

    slot: str
    places: pd.DataFrame
    lots: pd.DataFrame
    areas: pd.DataFrame
    assignment: Assignment

    @property
    def cars(self) -> int:
        """Cars that look for a space."""
        return int(self.places["cars"].sum())

    @property
    def short(self) -> int:
        """Cars without one."""
        return int(self.places["short"].sum())

    @property
    def walk_m(self) -> float | None:
        """Mean way of the cars that are parked."""
        parked = self.assignment.parked
        return self.assignment.walked_mm / MM_PER_M / parked if parked else None


def reach_of(city: City, cars: Cars, lots: gpd.GeoDataFrame, limit_m: float) -> Reach:
    """Search the lots within the limit of every place: over the streets, in a straight line where there are none."""
    order = np.argsort(lots.index.astype(str).to_numpy(), kind="stable")
    sorted_lots = gpd.GeoDataFrame(lots.iloc[order])
    if city.network is None:
        cost = cost_matrix_straight(cars.places, sorted_lots, limit_m)
    else:
        cost = cost_matrix(
            city.network, cars.places, sorted_lots, limit_m, max_snap_m=city.max_snap_m, entrances=city.entrances
        )
    spaces = sorted_lots["spaces"].to_numpy(dtype=np.float64)
    return Reach(
        cost=cost,
        use=cars.places["use"].to_numpy(dtype=object),
        users=sorted_lots["users"].to_numpy(dtype=object),
        spaces=np.nan_to_num(spaces).astype(np.int64),
        known=np.isfinite(spaces),
    )


def ways_of(cost: CostMatrix, keep: NDArray[np.bool_]) -> Ways:
    """Return the pairs that are kept as ways of the flow."""
    row = cost.row_of[keep]
    counts = np.bincount(row, minlength=len(cost.rows))
    return Ways(
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        target=cost.indices[keep].astype(np.int64),
        cost_mm=cost.cost_mm[keep].astype(np.int64),
    )


def balance_of(reach: Reach, cars: Longs, slot: str) -> Balance:
    """Park the cars of one slot.

    Parameters
    ----------
    cars : shape (n_place,), in the order of ``reach``
    """
    serves = reach.serves
    ways = ways_of(reach.cost, serves)
    found = assign_cars(ways, cars, reach.spaces)
    n = len(cars)
    parked = cars - found.unparked
    walked = np.bincount(ways.row, found.on_way * ways.cost_mm, n) / MM_PER_M
    unknown_pair = serves & ~reach.known[reach.cost.indices]
    unknown = np.bincount(reach.cost.row_of[unknown_pair], minlength=n)
    areas, area_of = _areas(reach, found, unknown_pair)
    places = pd.DataFrame(
        {
            "cars": cars,
            "parked": parked,
            "short": found.unparked,
            "walk_m": np.divide(walked, parked, out=np.full(n, np.nan), where=parked > 0),
            "area": area_of,
            "unknown_lots": unknown,
        },
        index=reach.cost.rows,
    )
    wanted = np.zeros(len(reach.spaces), dtype=bool)
    uses = set(reach.use[cars > 0])
    home, other = HOME in uses, bool(uses - {HOME})
    wanted |= reach.users == PUBLIC
    wanted |= (reach.users == RESIDENTS) & home
    wanted |= (reach.users == OWN) & other
    spaces = np.where(reach.known, reach.spaces, np.nan)
    lots = pd.DataFrame(
        {"open": wanted, "spaces": spaces, "cars": found.in_lot, "free": spaces - found.in_lot},
        index=reach.cost.columns,
    )
    return Balance(slot=slot, places=places, lots=lots, areas=areas, assignment=found)


def _areas(reach: Reach, found: Assignment, unknown: NDArray[np.bool_]) -> tuple[pd.DataFrame, Longs]:
    area_of = np.full(len(reach.cost.rows), NO_AREA, dtype=np.int64)
    rows = []
    number = 0
    for area in found.shortages:
        number += bool(len(area.lots))
        name = number if len(area.lots) else NO_LOT
        area_of[area.rows] = name
        mine = unknown & np.isin(reach.cost.row_of, area.rows)
        rows.append(
            {
                "area": name,
                "places": len(area.rows),
                "lots": int((reach.spaces[area.lots] > 0).sum()),
                "cars": area.cars,
                "spaces": area.spaces,
                "short": area.short,
                "unknown_lots": len(np.unique(reach.cost.indices[mine])),
            }
        )
    return pd.DataFrame(rows, columns=AREA_COLUMNS), area_of
