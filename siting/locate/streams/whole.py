"""Flows in whole units: amounts of a linear program rounded so that nothing is lost and no room is overfilled."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import SolverError
from siting.locate.solver import minimise
from siting.locate.streams.flow import Flow, FlowFinder
from siting.locate.streams.task import StreamsTask

_REACH = (16, 1024, 2**20)
_OVERFILL = 1e-9


def whole_amounts(task: StreamsTask, finder: FlowFinder, flow: Flow) -> NDArray[np.int64]:
    """Return whole units on each path of the flow: every row in full, no station or plant above its capacity.

    Where no such flow is near, which with units as fine as these is next to impossible, a station or plant may be
    overfilled by one part in a thousand million of everything.

    Raises
    ------
    SolverError
        Not even that could be found.
    """
    n, m, k = task.shape
    row, station, plant = flow.path.T
    units = np.rint(flow.amount * task.units.per_weight).astype(np.int64)
    # What rounding lost goes onto the largest path of its row.
    lacking = task.amount - np.bincount(row, weights=units, minlength=n).astype(np.int64)
    order = np.lexsort((-units, row))
    first = order[np.unique(row[order], return_index=True)[1]]
    units[first] += lacking[row[first]]
    through = station >= 0
    load = np.bincount(station[through], weights=units[through], minlength=m).astype(np.int64)
    taken = np.bincount(plant, weights=units, minlength=k).astype(np.int64)
    left, plant_left = task.station_capacity - load, task.plant_capacity - taken
    if units.min() >= 0 and left.min() >= 0 and plant_left.min() >= 0:
        return units
    for reach in _REACH:
        moved = _shift(finder, flow, units, left, plant_left, reach)
        if moved is not None:
            return units + moved
    over = -min(int(left.min()), int(plant_left.min()))
    if units.min() >= 0 and over <= _OVERFILL * task.total:
        return units
    msg = "transfer_streams: the flow cannot be put in whole units; give supplies and capacities as round numbers"
    raise SolverError(msg)


def _shift(
    finder: FlowFinder, flow: Flow, units: NDArray[np.int64], left: NDArray[np.int64], plant_left: NDArray[np.int64],
    reach: int,
) -> NDArray[np.int64] | None:  # fmt: skip
    """Return by how many units, at most ``reach``, each path must change so that everything fits; None if none does."""
    row, station, plant = flow.path.T
    rows, of_row = np.unique(row, return_inverse=True)
    n, m, k, n_paths = len(rows), len(left), len(plant_left), len(row)
    column, over = np.arange(n_paths), station >= 0
    entries = (
        np.concatenate([of_row.reshape(-1), n + station[over], n + m + plant]),
        np.concatenate([column, column[over], column]),
    )
    matrix = sparse.csr_array(sparse.coo_array((np.ones(len(entries[0])), entries), shape=(n + m + k, n_paths)))
    cost = finder.costs(flow.path)
    limit = 4.0 * reach * n_paths
    answer = minimise(
        cost / max(float(cost.max(initial=0.0)), 1e-300), matrix,
        np.concatenate([np.zeros(n), np.full(m + k, -np.inf)]),
        np.concatenate([np.zeros(n), np.minimum(np.concatenate([left, plant_left]), limit)]),
        col_lower=-np.minimum(units, reach).astype(np.float64), col_upper=np.full(n_paths, float(reach)),
        integral=np.ones(n_paths, dtype=bool), time_limit_s=20.0,
    )  # fmt: skip
    return None if answer.x is None else np.rint(answer.x).astype(np.int64)
