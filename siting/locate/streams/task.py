"""What a transfer problem of several streams is made of, checked once, in whole units."""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.answer import Units, whole_units
from siting.locate.conditions import ConditionArgs
from siting.locate.costs import Costs, read_costs, read_weight
from siting.locate.streams.sites import Sites, read_sites
from siting.locate.two_stage.task import aligned_table, numbers_of, read_share, whole_capacity

# Flows of several streams may have to be split into halves or thirds of a unit; the most parts that sums allow.
_PARTS = (5040, 720, 60, 12, 2)
_LARGEST_TOTAL = 2**36


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsTask:
    """Rows are pairs of source and stream with something to take away; ``inf`` in costs means that there is no way.

    Attributes
    ----------
    costs : of collecting the first stream, whose columns are the stations, versions of sites among them
    streams, plants : their labels
    units : supply of the rows in whole units
    source, stream : shape (n_rows,), positions
    amount : shape (n_rows,), whole units, above 0
    collect : shape (n_rows, m), cost per 1 of supply
    haul : shape (n_streams, m, k)
    direct : shape (n_rows, k)
    station_capacity, plant_capacity : whole units, never above the total
    station_cost, plant_cost : opening costs; that of an existing station is 0
    sites : versions of sites, and the conditions on them
    most_share : most of all supply that one station may take; ``station_capacity`` is never above it
    """

    costs: Costs
    streams: tuple[Hashable, ...]
    plants: "pd.Index[Any]"
    units: Units
    source: NDArray[np.int64]
    stream: NDArray[np.int64]
    amount: NDArray[np.int64]
    collect: NDArray[np.float64]
    haul: NDArray[np.float64]
    direct: NDArray[np.float64]
    station_capacity: NDArray[np.int64]
    station_cost: NDArray[np.float64]
    plant_capacity: NDArray[np.int64]
    plant_cost: NDArray[np.float64]
    sites: Sites
    most_share: float | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of rows, stations and plants."""
        return len(self.amount), len(self.station_cost), len(self.plant_cost)

    @property
    def total(self) -> int:
        """Units of all streams together."""
        return int(self.amount.sum())

    @property
    def through_stations(self) -> int:
        """Units that have no straight way to a plant."""
        return int(self.amount[~np.isfinite(self.direct).any(axis=1)].sum())

    def opening(self, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> float:
        """Cost of opening these stations and plants."""
        return math.fsum(self.station_cost[stations]) + math.fsum(self.plant_cost[plants])


def read_streams_task(
    supply: Any, collect_cost: Any, haul_cost: Any, direct_cost: Any, *, site: Any, station_capacity: Any,
    station_cost: Any, plant_capacity: Any, plant_cost: Any, station_streams: Any, plant_streams: Any, p: Any,
    n_least: Any, most_share: Any, conditions: ConditionArgs,
) -> StreamsTask:  # fmt: skip
    """Check everything against each other and carry supplies and capacities as whole units.

    Raises
    ------
    InputError
        Tables that do not fit together, or numbers that are missing, negative or not finite.
    """
    streams = _streams(supply)
    tables = {name: _by_stream(given, streams, name) for name, given in
              (("collect_cost", collect_cost), ("haul_cost", haul_cost), ("direct_cost", direct_cost))}  # fmt: skip
    for name in ("collect_cost", "haul_cost"):
        lacking = [stream for stream, table in zip(streams, tables[name], strict=True) if table is None]
        if lacking:
            msg = f"{name} has no table for stream {lacking[0]!r}; give one, of inf if need be"
            raise InputError(msg)
    collects, hauls = ([read_costs(table) for table in tables[name]] for name in ("collect_cost", "haul_cost"))
    costs, haul_first = collects[0], hauls[0]
    stations, plants, on = costs.columns, haul_first.columns, costs.labelled
    of_stations, of_plants = "stations, in the order of collect_cost", "sources and the plants of haul_cost"
    collect = np.stack([
        aligned_table(table, costs.rows, on, stations, "collect_cost", "sources and stations, alike for all streams")
        for table in collects
    ])  # fmt: skip
    haul = np.stack([aligned_table(t, stations, on, plants, "haul_cost", of_stations) for t in hauls])
    none = np.full((costs.n_demand, len(plants)), np.inf)
    direct = np.stack([
        none if t is None else aligned_table(read_costs(t), costs.rows, on, plants, "direct_cost", of_plants)
        for t in tables["direct_cost"]
    ])  # fmt: skip
    takes = _takes(station_streams, stations, streams, on, "station_streams")
    collect[np.broadcast_to(~takes.T[:, None, :], collect.shape)] = np.inf
    takes = _takes(plant_streams, plants, streams, haul_first.labelled, "plant_streams")
    haul[np.broadcast_to(~takes.T[:, None, :], haul.shape)] = np.inf
    direct[np.broadcast_to(~takes.T[:, None, :], direct.shape)] = np.inf
    weights = _weights(supply, streams, costs)
    stream, source = np.nonzero(np.asarray(weights > 0))
    if not len(source):
        msg = "supply is 0 everywhere, so there is nothing to collect"
        raise InputError(msg)
    units = _finer(whole_units(weights[stream, source]))
    some = np.flatnonzero(units.units)
    source, stream = source[some], stream[some]
    units = replace(units, units=units.units[some], weight=units.weight[some])
    total = int(units.units.sum())
    sites = read_sites(costs, site, p=p, n_least=n_least, conditions=conditions)
    opening = numbers_of(station_cost, stations, on, "station_cost")
    opening[sites.existing] = 0.0
    room = numbers_of(station_capacity, stations, on, "station_capacity", endless=True)
    plant_room = numbers_of(plant_capacity, plants, haul_first.labelled, "plant_capacity", endless=True)
    share = read_share(most_share)
    most = (
        total if share is None else int(whole_capacity(np.array([share * total / units.per_weight]), units, total)[0])
    )
    rows = collect[stream, source]
    # A way that no plant lies behind is none.
    leads = np.asarray(np.isfinite(haul).any(axis=2))
    rows[~leads[stream]] = np.inf
    return StreamsTask(
        costs=costs, streams=streams, plants=plants, units=units, source=source.astype(np.int64),
        stream=stream.astype(np.int64), amount=units.units, collect=rows, haul=haul,
        direct=np.ascontiguousarray(direct[stream, source]),
        station_capacity=np.minimum(whole_capacity(room, units, total), most), station_cost=opening,
        plant_capacity=whole_capacity(plant_room, units, total),
        plant_cost=np.zeros(len(plants)) if plant_cost is None
        else numbers_of(plant_cost, plants, haul_first.labelled, "plant_cost"),
        sites=sites, most_share=share,
    )  # fmt: skip


def _finer(units: Units) -> Units:
    """Carry supplies in parts of a thousandth, or other weights as finely as a linear program can tell apart."""
    total = int(units.units.sum())
    if not units.exact:
        scale = 2.0 ** math.floor(math.log2(_LARGEST_TOTAL / math.fsum(units.weight)))
        return replace(units, units=np.rint(units.weight * scale).astype(np.int64), per_weight=scale)
    for parts in _PARTS:
        if total * parts < _LARGEST_TOTAL:
            return replace(units, units=units.units * parts, per_weight=units.per_weight * parts)
    return units


def _streams(supply: Any) -> tuple[Hashable, ...]:
    found: tuple[Hashable, ...]
    if isinstance(supply, pd.DataFrame):
        found = tuple(supply.columns.tolist())
    elif isinstance(supply, Mapping):
        found = tuple(supply)
    else:
        shape = np.shape(supply)
        if len(shape) != 2:
            msg = f"supply has shape {shape}, expected a table of sources by streams, or one supply for each stream"
            raise InputError(msg)
        found = tuple(np.arange(shape[1]).tolist())
    if not found or len(set(found)) < len(found):
        msg = f"supply has the streams {list(found)}; expected one or more, each once"
        raise InputError(msg)
    return found


def _weights(supply: Any, streams: tuple[Hashable, ...], costs: Costs) -> NDArray[np.float64]:
    """Return the supply, stream by source."""
    if isinstance(supply, pd.DataFrame | Mapping):
        columns = [supply[stream] for stream in streams]
    else:
        columns = list(np.asarray(supply).T)
    return np.stack([
        read_weight(column, costs, f"supply of {stream}") for stream, column in zip(streams, columns, strict=True)
    ])  # fmt: skip


def _by_stream(given: Any, streams: tuple[Hashable, ...], name: str) -> list[Any]:
    """Return one table for each stream; one that is given alone counts for all, None where there is none."""
    if not isinstance(given, Mapping):
        return [given] * len(streams)
    unknown = [stream for stream in given if stream not in streams]
    if unknown:
        msg = f"{name} has {unknown[:3]}, which supply has not; its streams are {list(streams)}"
        raise InputError(msg)
    return [given.get(stream) for stream in streams]


def _takes(
    given: Any, labels: "pd.Index[Any]", streams: tuple[Hashable, ...], labelled: bool, name: str
) -> NDArray[np.bool_]:
    """Return which station or plant takes which stream; nothing said = all."""
    takes = np.ones((len(labels), len(streams)), dtype=bool)
    if given is None:
        return takes
    if isinstance(given, pd.Series) and labelled:
        given = given.reindex(labels)
    listed = list(given)
    if isinstance(given, str) or len(listed) != len(labels):
        msg = f"{name} has {len(listed)} entries, expected {len(labels)}: the streams that each takes, or None for all"
        raise InputError(msg)
    for at, entry in enumerate(listed):
        if isinstance(entry, str):
            named: list[Any] = [part.strip() for part in entry.replace("，", ",").split(",") if part.strip()]
        elif isinstance(entry, Iterable):
            named = list(entry)
        elif entry is None or pd.isna(entry):
            continue
        else:
            named = [entry]
        unknown = [stream for stream in named if stream not in streams]
        if unknown:
            msg = f"{name}: {labels[at]} has {unknown[:3]}, which supply has not; its streams are {list(streams)}"
            raise InputError(msg)
        if named:
            takes[at] = [stream in named for stream in streams]
    return takes
