"""Cars to spaces as one cheapest flow: rows of cars, lots with room, and doors of lots that may be opened to others.

minimise    sum_ij d_ij x_ij + M sum_i z_i
subject to  sum_j x_ij + z_i = c_i      every car is parked or not
            sum_i x_ij <= s_j           no lot above its spaces
            sum_i through door k <= r_k what a lot gives to others
with M above any way that making room for one more car can cost, so that most cars are parked first, and among all such
assignments the walking is least. All numbers are whole; flows are whole cars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.two_stage.network_simplex import first_tree, set_cost, settle

Longs = NDArray[np.int64]
ARCS_A_BLOCK, BLOCKS = 2000, 100
"""Arcs looked at before the best of them enters the tree: at least so many, and of many arcs a share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doors:
    """Ways into lots for cars that are not of the lot's own users.

    Attributes
    ----------
    lot : shape (n_door,), position of the lot behind the door
    room : shape (n_door,), most cars through it
    """

    lot: Longs
    room: Longs


class CarFlow:
    """The cheapest flow of cars to spaces, which can be settled again after doors open or close.

    Parameters
    ----------
    indptr, target, cost_mm : the ways of row ``i`` are ``indptr[i]:indptr[i + 1]``; targets are lots, then doors
    cars : shape (n_row,), whole cars
    spaces : shape (n_lot,), whole spaces
    doors : closed at first
    """

    def __init__(self, indptr: Longs, target: Longs, cost_mm: Longs, cars: Longs, spaces: Longs, doors: Doors) -> None:
        n, m, k, p = len(cars), len(spaces), len(doors.lot), len(target)
        self.cars, self.spaces, self.doors = cars, spaces, doors
        self.indptr, self.target, self.cost_mm = indptr, target, cost_mm
        self.n_row, self.n_lot, self.n_door, self.n_way = n, m, k, p
        # Making room for one more car moves at most one car out of each other row and lot.
        self.unparked_cost = int(cost_mm.max(initial=0)) * (min(n, m) + 1) + 1
        closed = self.unparked_cost + 1
        # Arcs: ways, door to lot, then one from every node to the root: unparked cars, cars in a lot, nothing (doors).
        tail = np.concatenate([np.repeat(np.arange(n), np.diff(indptr)), n + m + np.arange(k), np.arange(n + m + k)])
        head = np.concatenate([n + target, n + doors.lot, np.full(n + m + k, n + m + k)])
        cost = np.concatenate(
            [cost_mm, np.full(k, closed), np.full(n, self.unparked_cost), np.zeros(m), np.full(k, closed)]
        )
        most = int(cars.sum()) + 1
        # A lot without spaces is no way to the root; the tree needs room on every arc, so its ways are shut by cost.
        room = np.concatenate([np.full(p, most), doors.room, np.full(n, most), spaces, np.full(k, most)])
        self._tail, self._head = tail.astype(np.int64), head.astype(np.int64)
        self._cost, self._room = cost.astype(np.int64), room.astype(np.int64)
        empty = p + k + n + np.flatnonzero(spaces == 0)
        self._cost[empty], self._room[empty] = closed, most
        shut = p + np.flatnonzero(doors.room == 0)
        self._room[shut] = most
        self._at_lot, self._at_door = p + k + n, p
        nodes = n + m + k
        self._flow = np.zeros(len(tail), dtype=np.int64)
        self._state = np.zeros(len(tail), dtype=np.int8)
        self._tree = np.full((8, nodes + 1), -1, dtype=np.int64)
        self._stack = np.empty(nodes + 1, dtype=np.int64)
        supply = np.concatenate([cars, np.zeros(m + k, dtype=np.int64)]).astype(np.int64)
        first_tree(supply, p + k, self._cost, self._flow, self._state, self._tree)
        # Ways in blocks of a row; the arcs of doors and those to the root one block each.
        self._groups = np.concatenate([indptr, [p + k, p + k + nodes]]).astype(np.int64)
        self._awake = np.ones(len(self._groups) - 1, dtype=np.bool_)

    def settle(self) -> None:
        """Make the flow cheapest."""
        block = max(ARCS_A_BLOCK, self.n_way // BLOCKS)
        settle(
            self._groups, self._awake, block, self._tail, self._head, self._cost, self._room, self._flow,
            self._state, self._tree, self._stack,
        )  # fmt: skip

    def open_door(self, door: int, *, closed: bool = False) -> None:
        """Open a door, or close it; the flow is settled by the next `settle`."""
        arc = self._at_door + door
        cost = self.unparked_cost + 1 if closed or self.doors.room[door] == 0 else 0
        set_cost(arc, cost, self._tail, self._head, self._cost, self._state, self._tree, self._stack)

    @property
    def ways(self) -> Longs:
        """Cars on each way, shape (n_way,)."""
        return self._flow[: self.n_way].copy()

    @property
    def unparked(self) -> Longs:
        """Cars of each row without a space."""
        start = self.n_way + self.n_door
        return self._flow[start : start + self.n_row].copy()

    @property
    def in_lots(self) -> Longs:
        """Cars in each lot."""
        return self._flow[self._at_lot : self._at_lot + self.n_lot].copy()

    @property
    def through_doors(self) -> Longs:
        """Cars through each door."""
        return self._flow[self.n_way : self.n_way + self.n_door].copy()

    def bound(self, is_open: NDArray[np.bool_]) -> int:
        """Least that any assignment can cost, computed anew from the prices of lots and doors, in whole numbers.

        ``is_open`` says which doors are. Prices that are not negative give a bound whatever they are: a car saves at
        most what its cheapest way, priced, leaves of M. Equal to the cost of the flow, it proves the flow.
        """
        price = np.maximum(-self._tree[4, self.n_row : self.n_row + self.n_lot], 0)
        price[self.spaces == 0] = self.unparked_cost + 1
        behind = price[self.doors.lot]
        at_door = np.maximum(-self._tree[4, self.n_row + self.n_lot : -1], 0)
        toll = np.maximum(at_door - behind, 0)
        toll[~is_open | (self.doors.room == 0)] = self.unparked_cost
        priced = np.concatenate([price, behind + toll])
        least = np.full(self.n_row, self.unparked_cost)
        rows = np.repeat(np.arange(self.n_row), np.diff(self.indptr))
        np.minimum.at(least, rows, self.cost_mm + priced[self.target])
        rent = int(np.dot(price, self.spaces))
        rent += int(np.dot(toll[is_open], self.doors.room[is_open]))
        return int(np.dot(least, self.cars)) - rent

    @property
    def cost(self) -> int:
        """What the flow costs: walking in millimetres, and `unparked_cost` for every car without a space."""
        walked = int(np.dot(self.ways, self.cost_mm))
        return walked + self.unparked_cost * int(self.unparked.sum())
