"""What a transfer problem is made of: costs, capacities and supplies, checked once, in whole units."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.answer import Units, whole_units
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs, read_costs, read_weight


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTask:
    """Sources, stations and plants; ``inf`` in a table of costs means that there is no way.

    Attributes
    ----------
    costs : of collection, whose columns are the candidates
    plants : labels of the plants
    units : supply in whole units
    supply : shape (n,), whole units
    collect, haul, direct : shapes (n, m), (m, k) and (n, k), cost per 1 of supply, in the caller's unit
    station_capacity, plant_capacity : whole units, never above the total supply
    station_cost, plant_cost : opening costs; that of an existing station is 0
    conditions : on stations
    n_least : fewest new stations
    single : whether each source goes wholly to one station or plant
    most_share : most of all supply that one station may take; ``station_capacity`` is never above it
    """

    costs: Costs
    plants: "pd.Index[Any]"
    units: Units
    supply: NDArray[np.int64]
    collect: NDArray[np.float64]
    haul: NDArray[np.float64]
    direct: NDArray[np.float64]
    station_capacity: NDArray[np.int64]
    station_cost: NDArray[np.float64]
    plant_capacity: NDArray[np.int64]
    plant_cost: NDArray[np.float64]
    conditions: Conditions
    n_least: int
    single: bool = False
    most_share: float | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sources, stations and plants."""
        return len(self.supply), len(self.station_cost), len(self.plant_cost)

    @property
    def open_anyway(self) -> NDArray[np.bool_]:
        """Stations that are existing or required."""
        mask = np.zeros(self.shape[1], dtype=bool)
        mask[self.conditions.existing] = mask[self.conditions.required] = True
        return mask

    @property
    def through_stations(self) -> int:
        """Units that have no straight way to a plant, so that stations must take them."""
        return int(self.supply[~np.isfinite(self.direct).any(axis=1)].sum())

    def opening(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> float:
        """Cost of opening these stations and plants."""
        return math.fsum(self.station_cost[stations]) + math.fsum(self.plant_cost[plants])


def read_station_costs(collect_cost: Any, haul_cost: Any, direct_cost: Any) -> tuple[Costs, Costs, Costs | None]:
    """Check the three tables of costs, as far as each goes by itself."""
    return read_costs(collect_cost), read_costs(haul_cost), None if direct_cost is None else read_costs(direct_cost)


def read_task(
    costs: Costs, haul: Costs, direct: Costs | None, conditions: Conditions, *, supply: Any, station_capacity: Any,
    station_cost: Any, plant_capacity: Any, plant_cost: Any, n_least: Any, single: Any = False, most_share: Any = None,
) -> TransferTask:  # fmt: skip
    """Check everything against each other and carry supplies and capacities as whole units.

    Raises
    ------
    InputError
        Tables that do not fit together, or numbers that are missing, negative or not finite.
    """
    stations, plants = costs.columns, haul.columns
    units = whole_units(_some(read_weight(supply, costs, "supply")))
    total = int(units.units.sum())
    opening = numbers_of(station_cost, stations, costs.labelled, "station_cost")
    opening[conditions.existing] = 0.0
    plant_opening = (
        np.zeros(len(plants)) if plant_cost is None else numbers_of(plant_cost, plants, haul.labelled, "plant_cost")
    )
    room = numbers_of(station_capacity, stations, costs.labelled, "station_capacity", endless=True)
    plant_room = numbers_of(plant_capacity, plants, haul.labelled, "plant_capacity", endless=True)
    share = read_share(most_share)
    most = (
        total if share is None else int(whole_capacity(np.array([share * total / units.per_weight]), units, total)[0])
    )
    none = np.full((costs.n_demand, len(plants)), np.inf)
    task = TransferTask(
        costs=costs,
        plants=plants,
        units=units,
        supply=units.units,
        collect=dense_table(costs),
        haul=aligned_table(
            haul, stations, costs.labelled, plants, "haul_cost", "stations, in the order of collect_cost"
        ),
        direct=none
        if direct is None
        else aligned_table(
            direct, costs.rows, costs.labelled, plants, "direct_cost", "sources and the plants of haul_cost"
        ),
        station_capacity=np.minimum(whole_capacity(room, units, total), most),
        station_cost=opening,
        plant_capacity=whole_capacity(plant_room, units, total),
        plant_cost=plant_opening,
        conditions=conditions,
        n_least=read_least(n_least, conditions),
        single=_switch(single),
        most_share=share,
    )
    return _without_too_small(task) if task.single else task


def _without_too_small(task: TransferTask) -> TransferTask:
    """Drop ways to stations and plants that cannot hold the whole source."""
    supply = task.supply[:, None]
    return replace(
        task,
        collect=np.where(supply <= task.station_capacity, task.collect, np.inf),
        direct=np.where(supply <= task.plant_capacity, task.direct, np.inf),
    )


def _switch(given: Any) -> bool:
    if not isinstance(given, bool | np.bool_):
        msg = f"single_source is {given!r}, expected True or False"
        raise InputError(msg)
    return bool(given)


def read_share(given: Any) -> float | None:
    """Check a share of all supply; None = no limit."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float | np.number) or not 0 < given <= 1:
        msg = f"most_share is {given!r}, expected a share of all supply above 0, at most 1"
        raise InputError(msg)
    return float(given)


def _some(supply: NDArray[np.float64]) -> NDArray[np.float64]:
    if not supply.sum() > 0:
        msg = "supply is 0 everywhere, so there is nothing to collect"
        raise InputError(msg)
    return supply


def whole_capacity(capacity: NDArray[np.float64], units: Units, total: int) -> NDArray[np.int64]:
    """Return capacities in whole units, never above the total."""
    scaled = np.minimum(capacity * units.per_weight, float(total))
    near = np.rint(scaled)
    # 0.29 * 1000 is a hair below 290: such a capacity holds 290.
    held = np.where(np.abs(scaled - near) <= 1e-9 * np.maximum(1.0, near), near, np.floor(scaled))
    return held.astype(np.int64)


def read_least(n_least: Any, conditions: Conditions) -> int:
    """Check the fewest new stations against the most."""
    if isinstance(n_least, bool) or not isinstance(n_least, int | np.integer) or n_least < 0:
        msg = f"min_sites is {n_least!r}, expected a whole number of new stations, 0 or more"
        raise InputError(msg)
    if conditions.p is not None and n_least > conditions.p:
        msg = f"min_sites is {n_least}, but p is {conditions.p}; at least so many cannot be more than at most"
        raise InputError(msg)
    return int(n_least)


def dense_table(costs: Costs) -> NDArray[np.float64]:
    """Return costs as a full table in the caller's unit, ``inf`` where there is no way."""
    table = np.full((costs.n_demand, costs.n_candidates), np.inf)
    values = costs.cost.astype(np.float64)
    table[costs.row_of_entry(), costs.indices] = values / 1000.0 if costs.whole else values
    return table


def aligned_table(
    costs: Costs, rows: "pd.Index[Any]", labelled: bool, columns: "pd.Index[Any]", name: str, expected: str
) -> NDArray[np.float64]:
    """Return a table with these rows and columns, by their labels where both sides have some."""
    table = dense_table(costs)
    if labelled and costs.labelled:
        row, column = costs.rows.get_indexer(rows), costs.columns.get_indexer(columns)
        missing = [*rows[row < 0].tolist(), *columns[column < 0].tolist()]
        if missing:
            msg = f"{name} lacks {len(missing)} rows or columns (first {missing[:3]}); it needs all {expected}"
            raise InputError(msg)
        return table[np.ix_(row, column)]
    if table.shape != (len(rows), len(columns)):
        msg = f"{name} has shape {table.shape}, expected {(len(rows), len(columns))}: {expected}"
        raise InputError(msg)
    return table


def numbers_of(
    given: Any, labels: "pd.Index[Any]", labelled: bool, name: str, endless: bool = False
) -> NDArray[np.float64]:
    """Read one number for each label; one number alone counts for all."""
    if isinstance(given, pd.Series) and labelled:
        missing = labels.difference(given.index)
        if len(missing) or not given.index.is_unique:
            msg = f"{name}: {len(missing)} of {len(labels)} have none ({list(missing[:3])}), or labels occur twice"
            raise InputError(msg)
        given = given.reindex(labels)
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name} cannot be read as numbers: {error}"
        raise InputError(msg) from None
    if values.ndim == 0:
        values = np.full(len(labels), float(values))
    if values.shape != (len(labels),):
        msg = f"{name} has shape {values.shape}, expected one number, or {len(labels)} of them"
        raise InputError(msg)
    bad = np.isnan(values) | (values < 0) | (np.isinf(values) & (not endless))
    if bad.any():
        msg = f"{name}: {int(bad.sum())} of {len(values)} are NaN, infinite or negative ({labels[bad][:3].tolist()})"
        raise InputError(msg)
    return values
