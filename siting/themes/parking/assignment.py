"""Most cars parked within the walking limit, then least walking, with the proof and the areas that are short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import InputError
from siting.themes.parking.flow import CarFlow, Doors, Longs

NO_AREA, NO_LOT = -1, 0
LARGEST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """Which lots each row of cars may use, and how far they are.

    Attributes
    ----------
    indptr : shape (n_row + 1,)
    target : shape (n_way,), ascending in a row: positions of lots, then (from ``n_lot`` on) of doors
    cost_mm : shape (n_way,)
    """

    indptr: Longs
    target: Longs
    cost_mm: Longs

    @property
    def row(self) -> Longs:
        """Row of every way, shape (n_way,)."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shortage:
    """One area that is short whatever way its cars are spread: together its rows reach these lots and no others.

    Attributes
    ----------
    rows, lots : positions
    cars, spaces : all of its cars, and all spaces that they may use
    short : cars less spaces, which is what stays unparked here
    """

    rows: Longs
    lots: Longs
    cars: int
    spaces: int
    short: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assignment:
    """Cars at their spaces.

    Attributes
    ----------
    on_way : shape (n_way,), cars on each way
    unparked : shape (n_row,), cars without a space
    in_lot : shape (n_lot,), cars in each lot
    walked_mm : of all parked cars together
    proved : whether the prices of the spaces prove that no assignment parks more cars, or as many with less walking
    shortages : areas that are short, the shortest first; they add up to all cars without a space
    """

    on_way: Longs
    unparked: Longs
    in_lot: Longs
    walked_mm: int
    proved: bool
    shortages: tuple[Shortage, ...]

    @property
    def parked(self) -> int:
        """Cars with a space."""
        return int(self.in_lot.sum())


def no_doors() -> Doors:
    """Return doors of none."""
    none = np.empty(0, dtype=np.int64)
    return Doors(lot=none, room=none)


def car_flow(ways: Ways, cars: Longs, spaces: Longs, doors: Doors | None = None) -> CarFlow:
    """Set up the flow, its doors closed; `siting.themes.parking.flow.CarFlow.settle` makes it cheapest.

    Raises
    ------
    InputError
        Cars, spaces or ways are below zero, or so many that whole numbers end.
    """
    doors = no_doors() if doors is None else doors
    for name, values in (("cars", cars), ("spaces", spaces), ("ways", ways.cost_mm), ("doors", doors.room)):
        if (values < 0).any():
            msg = f"parking: {int((values < 0).sum())} {name} are below zero. Correct them"
            raise InputError(msg)
    flow = CarFlow(ways.indptr, ways.target, ways.cost_mm, cars, spaces, doors)
    if flow.unparked_cost * (int(cars.sum()) + int(spaces.sum()) + 1) > LARGEST:
        msg = f"parking: {int(cars.sum()):,} cars on ways of up to {ways.cost_mm.max() / 1000:,.0f} m are too many"
        raise InputError(msg)
    return flow


def assign_cars(ways: Ways, cars: Longs, spaces: Longs) -> Assignment:
    """Park as many cars as can be, and among all ways to do so walk least.

    Rows and lots are taken in the order given: hand them in sorted by id, and equal answers are chosen alike.

    Parameters
    ----------
    cars, spaces : shapes (n_row,) and (n_lot,), whole numbers
    """
    flow = car_flow(ways, cars, spaces)
    flow.settle()
    return read_flow(flow, ways, np.zeros(0, dtype=bool))


def read_flow(flow: CarFlow, ways: Ways, is_open: NDArray[np.bool_]) -> Assignment:
    """Read a settled flow whose doors ``is_open`` are open."""
    on_way = flow.ways
    return Assignment(
        on_way=on_way,
        unparked=flow.unparked,
        in_lot=flow.in_lots,
        walked_mm=int(np.dot(on_way, ways.cost_mm)),
        proved=flow.bound(is_open) == flow.cost,
        shortages=_shortages(flow, ways, is_open),
    )


def short_of(flow: CarFlow, ways: Ways) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows and targets (lots, then doors) from which room is wanted: a space more at one of these parks a car more."""
    every = np.ones(flow.n_door, dtype=bool)
    reached = _reached(flow, ways, every & (flow.doors.room < 0))
    rows = reached[: flow.n_row]
    wanted = np.zeros(flow.n_lot + flow.n_door, dtype=bool)
    wanted[ways.target[rows[ways.row]]] = True
    return rows, wanted


def _reached(flow: CarFlow, ways: Ways, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find what cars without a space reach by pushing others on: the source side of the least cut nearest to them."""
    n, m, k = flow.n_row, flow.n_lot, flow.n_door
    on_way, through = flow.ways, flow.through_doors
    row, target = ways.row, ways.target
    is_lot = target < m
    usable = is_lot.copy()
    if k:
        usable[~is_lot] = is_open[target[~is_lot] - m]
    used = on_way > 0
    onward = np.flatnonzero(is_open & (through < flow.doors.room)) if k else np.empty(0, dtype=np.int64)
    back = np.flatnonzero(through > 0)
    source = n + m + k
    short = np.flatnonzero(flow.unparked > 0)
    tail = [row[usable], n + target[used], n + m + onward, n + flow.doors.lot[back], np.full(len(short), source)]
    head = [n + target[usable], row[used], n + flow.doors.lot[onward], n + m + back, short]
    tails, heads = np.concatenate(tail), np.concatenate(head)
    graph = sparse.csr_array((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(source + 1, source + 1))
    found = np.zeros(source + 1, dtype=bool)
    found[csgraph.breadth_first_order(graph, source, return_predecessors=False)] = True
    return found[:source]


def _shortages(flow: CarFlow, ways: Ways, is_open: NDArray[np.bool_]) -> tuple[Shortage, ...]:
    n, m = flow.n_row, flow.n_lot
    reached = _reached(flow, ways, is_open)
    rows = np.flatnonzero(reached[:n])
    if not len(rows):
        return ()
    row, target = ways.row, ways.target
    inside = reached[row] & reached[n + target]
    nodes = len(reached)
    links = [row[inside]], [n + target[inside]]
    doors = np.flatnonzero(reached[n + m :])
    links[0].append(n + m + doors)
    links[1].append(n + flow.doors.lot[doors])
    tails, heads = np.concatenate(links[0]), np.concatenate(links[1])
    graph = sparse.coo_array((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(nodes, nodes))
    label = csgraph.connected_components(graph, directed=False)[1]
    # Rows without any lot belong together: nothing is within the limit there.
    alone = np.bincount(row, minlength=n)[rows] == 0
    group = np.where(alone, -1, label[rows])
    found = []
    for g in np.unique(group):
        mine = rows[group == g]
        lots = np.flatnonzero(reached[n : n + m] & (label[n : n + m] == g)) if g >= 0 else np.empty(0, dtype=np.int64)
        spaces = int(flow.spaces[lots].sum())
        if g >= 0 and len(doors):
            cut = doors[(label[n + m + doors] == g) & ~reached[n + flow.doors.lot[doors]]]
            spaces += int(flow.doors.room[cut].sum())
        cars = int(flow.cars[mine].sum())
        found.append(Shortage(rows=mine, lots=lots, cars=cars, spaces=spaces, short=cars - spaces))
    return tuple(sorted(found, key=lambda s: (-s.short, int(s.rows[0]))))
