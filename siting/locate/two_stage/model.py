"""The transfer problem as a mixed-integer model, for what search and Lagrangian bound leave open."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.clock import Clock
from siting.locate.solver import MipAnswer, minimise
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.task import TransferTask

# More columns than this take HiGHS longer than they are worth.
LARGEST_MODEL = 6_000


@dataclass(frozen=True, slots=True)
class _Columns:
    """Ways in use by the model: rows and columns of the three tables, and the cost of each way."""

    collect: tuple[NDArray[np.intp], NDArray[np.intp]]
    haul: tuple[NDArray[np.intp], NDArray[np.intp]]
    direct: tuple[NDArray[np.intp], NDArray[np.intp]]
    cost: NDArray[np.float64]


def n_ways(task: TransferTask) -> int:
    """Return the number of ways from source to station, station to plant and source to plant."""
    return sum(int(np.isfinite(table).sum()) for table in (task.collect, task.haul, task.direct))


def solve_model(
    task: TransferTask, rules: StationRules, clock: Clock, best: tuple[float, float] | None,
    fixed: NDArray[np.int8] | None = None, split: bool = False,
) -> tuple[MipAnswer, NDArray[np.intp] | None]:  # fmt: skip
    """Solve the whole model; ``x`` begins with stations and plants.

    Parameters
    ----------
    best : value of the best plan, and a bound of all plans
    fixed : 1 and 0 for stations and plants that every better plan opens or not, -1 for the others
    split : whether sources may be split even where the task says that they go as a whole

    Returns
    -------
    The answer, and for whole sources the station, or the plant after these, that each goes to
    """
    single = task.single and not split
    n, m, k = task.shape
    per = task.units.per_weight
    supply, room, plant_room = task.supply / per, task.station_capacity / per, task.plant_capacity / per
    low, high = rules.limits()
    low, high = np.append(low, np.zeros(k)), np.append(high, np.ones(k))
    if fixed is not None:
        low, high = np.where(fixed == 1, 1.0, low), np.where(fixed == 0, 0.0, high)
    ways = _ways(task, high[:m] > 0, high[m:] > 0)
    n_in, n_out, n_straight = len(ways.collect[0]), len(ways.haul[0]), len(ways.direct[0])
    first = m + k
    into = first + np.arange(n_in)
    out = first + n_in + np.arange(n_out)
    straight = first + n_in + n_out + np.arange(n_straight)
    builder = _Rows(first + n_in + n_out + n_straight)
    (i, j), (s, q), (d, e) = ways.collect, ways.haul, ways.direct
    one = np.ones
    # Ways of whole sources are taken or not; others carry what they carry.
    load, load_straight = (supply[i], supply[d]) if single else (one(n_in), one(n_straight))
    all_of_it = (supply > 0).astype(np.float64) if single else supply
    # Everything is collected.
    builder.add(n, [(i, into, one(n_in)), (d, straight, one(n_straight))], all_of_it, all_of_it)
    # What comes into a station goes out of it.
    builder.add(m, [(j, into, load), (s, out, -one(n_out))], np.zeros(m), np.zeros(m))
    # Capacity, of what is open.
    builder.add(m, [(j, into, load), (np.arange(m), np.arange(m), -room)], np.full(m, -np.inf), np.zeros(m))
    parts = [(q, out, one(n_out)), (e, straight, load_straight), (np.arange(k), m + np.arange(k), -plant_room)]
    builder.add(k, parts, np.full(k, -np.inf), np.zeros(k))
    # Nothing goes to what is closed: implied by capacity, but stronger way by way.
    least = one(n_in) if single else np.minimum(supply[i], room[j])
    at = np.arange(n_in)
    builder.add(n_in, [(at, into, one(n_in)), (at, j, -least)], np.full(n_in, -np.inf), np.zeros(n_in))
    at, least = np.arange(n_out), np.minimum(room[s], plant_room[q])
    builder.add(n_out, [(at, out, one(n_out)), (at, m + q, -least)], np.full(n_out, -np.inf), np.zeros(n_out))
    matrix, lower, upper = builder.rows()
    plain, plain_lower, plain_upper = rules.rows()
    wide = sparse.hstack([plain, sparse.csr_array((plain.shape[0], matrix.shape[1] - m))])
    amount = np.concatenate([load, one(n_out), load_straight])
    cost = np.concatenate([task.station_cost, task.plant_cost, ways.cost * amount])
    most = ((supply[i] > 0) * 1.0, (supply[d] > 0) * 1.0) if single else (supply[i], supply[d])
    big = np.concatenate([most[0], np.minimum(room[s], plant_room[q]), most[1]])
    whole = np.zeros(len(cost), dtype=bool)
    whole[:first] = True
    whole[into] = whole[straight] = single
    answer = minimise(
        cost, sparse.csr_array(sparse.vstack([matrix, wide], format="csr")), np.append(lower, plain_lower),
        np.append(upper, plain_upper), col_lower=np.append(low, np.zeros(len(big))), col_upper=np.append(high, big),
        integral=whole, time_limit_s=clock.left_s, seed=clock.seed,
        abs_gap=0.0 if best is None or not np.isfinite(best[0]) else clock.mip_gap * max(1.0, abs(best[0])),
        on_progress=None if best is None else lambda v, b, _: clock.tell(min(v, best[0]), max(b, best[1])),
    )  # fmt: skip
    if answer.x is None or not single:
        return answer, None
    to = np.full(n, -1, dtype=np.intp)
    taken, past = answer.x[into] > 0.5, answer.x[straight] > 0.5
    to[i[taken]] = j[taken]
    to[d[past]] = m + e[past]
    return answer, to


def _ways(task: TransferTask, stations: NDArray[np.bool_], plants: NDArray[np.bool_]) -> _Columns:
    found = [
        np.nonzero(np.isfinite(task.collect) & stations),
        np.nonzero(np.isfinite(task.haul) & stations[:, None] & plants),
        np.nonzero(np.isfinite(task.direct) & plants),
    ]
    tables = (task.collect, task.haul, task.direct)
    cost = np.concatenate([table[ways] for table, ways in zip(tables, found, strict=True)])
    collect, haul, direct = ((ways[0], ways[1]) for ways in found)
    return _Columns(collect, haul, direct, cost)


class _Rows:
    """Rows of a model, put together block by block."""

    def __init__(self, n_columns: int) -> None:
        self.n_columns, self.n_rows = n_columns, 0
        self.row: list[NDArray[np.intp]] = []
        self.column: list[NDArray[np.intp]] = []
        self.value: list[NDArray[np.float64]] = []
        self.limits: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []

    def add(
        self, n_rows: int, parts: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]],
        lower: NDArray[np.float64], upper: NDArray[np.float64],
    ) -> None:  # fmt: skip
        """Add rows that hold these entries."""
        for row, column, value in parts:
            self.row.append(self.n_rows + row)
            self.column.append(column)
            self.value.append(value)
        self.n_rows += n_rows
        self.limits.append((lower, upper))

    def rows(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Return all rows with their lower and upper limits."""
        entries = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        matrix = sparse.csr_array(sparse.coo_array(entries, shape=(self.n_rows, self.n_columns)))
        lower, upper = (np.concatenate([limit[side] for limit in self.limits]) for side in (0, 1))
        return matrix, lower, upper
