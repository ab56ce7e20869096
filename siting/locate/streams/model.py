"""The problem as a mixed-integer model, for what search and Lagrangian bound leave open."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.clock import Clock
from siting.locate.solver import MipAnswer, minimise
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

# More columns than this take HiGHS longer than they are worth.
LARGEST_MODEL = 6_000

_Part = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


def n_ways(task: StreamsTask, may: NDArray[np.bool_]) -> int:
    """Return the number of ways from rows to stations, from stations to plants and from rows to plants."""
    over = int(np.isfinite(task.collect[:, may]).sum()) + int(np.isfinite(task.haul[:, may]).sum())
    return over + int(np.isfinite(task.direct).sum())


def solve_model(
    task: StreamsTask, rules: SiteRules, clock: Clock, best: tuple[float, float] | None, may: NDArray[np.bool_],
    plants: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None,
) -> MipAnswer:  # fmt: skip
    """Solve the whole model; ``x`` begins with stations and plants.

    Parameters
    ----------
    best : value of the best plan, and a bound of all plans
    may : stations that are not ruled out
    plants : those that are closed, and those that are open, if that is settled
    """
    n, m, k = task.shape
    per = task.units.per_weight
    supply, room, plant_room = task.amount / per, task.station_capacity / per, task.plant_capacity / per
    by_stream = np.bincount(task.stream, weights=supply, minlength=len(task.streams))
    low, high = rules.limits()
    may = may & (high > 0)
    r, j = np.nonzero(np.isfinite(task.collect) & may)
    s, o, q = np.nonzero(np.isfinite(task.haul) & may[:, None])
    d, e = np.nonzero(np.isfinite(task.direct))
    first = m + k
    into = first + np.arange(len(r))
    out = into.size + first + np.arange(len(s))
    past = out.size + into.size + first + np.arange(len(d))
    n_columns = first + len(r) + len(s) + len(d)
    one = np.ones
    rows = _Rows(n_columns)
    # Everything is collected.
    rows.add(n, [(r, into, one(len(r))), (d, past, one(len(d)))], supply, supply)
    # What comes into a station goes out of it, stream by stream.
    n_nodes = len(task.streams) * m
    rows.add(n_nodes, [(task.stream[r] * m + j, into, one(len(r))), (s * m + o, out, -one(len(s)))],
             np.zeros(n_nodes), np.zeros(n_nodes))  # fmt: skip
    # Capacity, of what is open, shared by the streams.
    rows.add(m, [(j, into, one(len(r))), (np.arange(m), np.arange(m), -room)], np.full(m, -np.inf), np.zeros(m))
    rows.add(k, [(q, out, one(len(s))), (e, past, one(len(d))), (np.arange(k), m + np.arange(k), -plant_room)],
             np.full(k, -np.inf), np.zeros(k))  # fmt: skip
    # Nothing goes to what is closed: implied by capacity, but stronger way by way.
    most = np.minimum(supply[r], room[j])
    rows.add(len(r), [(np.arange(len(r)), into, one(len(r))), (np.arange(len(r)), j, -most)],
             np.full(len(r), -np.inf), np.zeros(len(r)))  # fmt: skip
    through = np.minimum(np.minimum(room[o], plant_room[q]), by_stream[s])
    rows.add(len(s), [(np.arange(len(s)), out, one(len(s))), (np.arange(len(s)), m + q, -through)],
             np.full(len(s), -np.inf), np.zeros(len(s)))  # fmt: skip
    rows.add(len(d), [(np.arange(len(d)), past, one(len(d))), (np.arange(len(d)), m + e, -supply[d])],
             np.full(len(d), -np.inf), np.zeros(len(d)))  # fmt: skip
    matrix, lower, upper = rows.together()
    plain, plain_lower, plain_upper = rules.rows()
    wide = sparse.hstack([plain, sparse.csr_array((plain.shape[0], n_columns - m))])
    ways = [task.collect[r, j], task.haul[s, o, q], task.direct[d, e]]
    whole = np.zeros(n_columns, dtype=bool)
    whole[:first] = True
    closed, paid = (np.zeros(k, dtype=bool), np.zeros(k, dtype=bool)) if plants is None else plants
    return minimise(
        np.concatenate([task.station_cost, task.plant_cost, *ways]),
        sparse.csr_array(sparse.vstack([matrix, wide], format="csr")), np.append(lower, plain_lower),
        np.append(upper, plain_upper), col_lower=np.concatenate([low, paid * 1.0, np.zeros(n_columns - first)]),
        col_upper=np.concatenate([may * 1.0, ~closed * 1.0, most, through, supply[d]]), integral=whole,
        time_limit_s=clock.left_s, seed=clock.seed,
        abs_gap=0.0 if best is None else clock.mip_gap * max(1.0, abs(best[0])),
        on_progress=None if best is None else lambda v, b, _: clock.tell(min(v, best[0]), max(b, best[1])),
    )  # fmt: skip


class _Rows:
    """Rows of a model, put together block by block."""

    def __init__(self, n_columns: int) -> None:
        self.n_columns, self.n_rows = n_columns, 0
        self.parts: list[_Part] = []
        self.limits: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []

    def add(
        self, n_rows: int, parts: list[_Part], lower: NDArray[np.float64], upper: NDArray[np.float64]
    ) -> None:  # fmt: skip
        """Add rows that hold these entries."""
        self.parts += [(self.n_rows + row, column, value) for row, column, value in parts]
        self.n_rows += n_rows
        self.limits.append((lower, upper))

    def together(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Return all rows with their lower and upper limits."""
        row, column, value = (np.concatenate([part[at] for part in self.parts]) for at in range(3))
        matrix = sparse.csr_array(sparse.coo_array((value, (row, column)), shape=(self.n_rows, self.n_columns)))
        lower, upper = (np.concatenate([limit[side] for limit in self.limits]) for side in (0, 1))
        return matrix, lower, upper
