"""Problems with capacities for the solver, in the strong form.

minimise    sum_j f_j x_j + sum_ij c_ij y_ij
subject to  sum_j y_ij = 1                      for every row i
            sum_i w_i y_ij <= Q_j x_j           for every column j
            y_ij <= x_j
            sum_j x_j <= q,  spacing,  quotas,  x_j in {0, 1},  y_ij >= 0, whole where rows may not be split

Versions of the same site share y: the room of whichever is open bounds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.capacity.instance import Hosts
from siting.locate.clock import Clock
from siting.locate.solver import SolverStopped, minimise
from siting.locate.spacing import at_most_one, cliques

_BLUR = 1e-9


@dataclass(frozen=True)
class Sent:
    """Open columns and the column of each row (None where nothing was found), and a bound for all plans.

    ``proved`` says that nothing is better than the plan within the tolerances of the solver; ``value`` is its own.
    ``interrupted`` says that Ctrl-C came on the way.
    """

    is_open: NDArray[np.bool_] | None
    column: NDArray[np.intp] | None
    value: float
    bound: float
    proved: bool
    interrupted: bool = False

    @property
    def impossible(self) -> bool:
        """Whether there is no plan."""
        return self.bound == np.inf


def solve_hosts(
    hosts: Hosts,
    clock: Clock,
    *,
    keep: NDArray[np.bool_] | None = None,
    lower: NDArray[np.bool_] | None = None,
    upper: NDArray[np.bool_] | None = None,
    known: tuple[NDArray[np.bool_], NDArray[np.float64]] | None = None,
    abs_gap: float = 0.0,
    tell: Callable[[float, float], None] | None = None,
) -> Sent:
    """Solve to the end, or as far as the time goes.

    Parameters
    ----------
    keep : shape (n, m), which columns a row may go to; None = all in reach
    lower, upper : shape (m,), columns that are open, and that may be
    known : open columns, and shares (n, m), of a plan to begin with
    abs_gap : stop once value and bound are this close
    tell : called with value and bound
    """
    n, m = hosts.unit.shape
    lowest = hosts.opened if lower is None else hosts.opened | lower
    highest = np.ones(m, dtype=bool) if upper is None else upper | hosts.opened
    entry = np.isfinite(hosts.unit) & highest
    if keep is not None:
        entry &= keep
    if hosts.single:
        entry &= hosts.amount[:, None] <= hosts.room
    pair_row, pair_column = np.nonzero(entry)
    if n and not entry.any(axis=1).all():
        return Sent(None, None, np.inf, np.inf, proved=True)
    sites = int(hosts.group.max(initial=-1)) + 1
    place, pair = np.unique(pair_row * sites + hosts.group[pair_column], return_inverse=True)
    row, site = place // max(1, sites), place % max(1, sites)
    e = len(row)
    matrix, row_lower, row_upper = _rows(hosts, row, site, pair, pair_column, lowest)
    whole = np.empty(e)
    whole[pair] = hosts.amount[pair_row] * hosts.unit[pair_row, pair_column]
    c = np.concatenate([hosts.price, whole])
    largest = float(c.max(initial=0.0))
    unit = hosts.step if hosts.step > 0 else 1.0
    # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
    per = 1.0 / unit if hosts.step > 0 and largest / unit <= 2**20 else 1024.0 / max(largest, 1e-300)
    integral = np.ones(m + e, dtype=bool)
    integral[m:] = hosts.single
    start = None
    if known is not None:
        # Of the versions of a site only the open one serves.
        share = np.zeros(e)
        np.add.at(share, pair, known[1][pair_row, pair_column])
        start = np.concatenate([known[0].astype(np.float64), share])
    interrupted = False
    try:
        answer = minimise(
            c * per, matrix, row_lower, row_upper,
            col_lower=np.concatenate([lowest.astype(np.float64), np.zeros(e)]),
            col_upper=np.concatenate([highest.astype(np.float64), np.ones(e)]),
            integral=integral, start=start, time_limit_s=clock.left_s, abs_gap=abs_gap * per, seed=clock.seed,
            on_progress=None if tell is None else lambda value, bound, _: tell(value / per, bound / per),
        )  # fmt: skip
    except SolverStopped as stopped:
        answer, interrupted = stopped.answer, True
    if answer.status == "infeasible":
        return Sent(None, None, np.inf, np.inf, proved=True)
    bound = answer.bound / per
    bound -= (_BLUR * abs(bound) + 1e-6 / per) if np.isfinite(bound) else 0.0
    if answer.x is None:
        return Sent(None, None, np.inf, bound, proved=False, interrupted=interrupted)
    goes = np.full(n, -1, dtype=np.intp)
    at = np.flatnonzero(answer.x[m:] > 0.5)
    open_version = np.full(sites, -1, dtype=np.intp)
    chosen = np.flatnonzero(answer.x[:m] > 0.5)
    open_version[hosts.group[chosen]] = chosen
    goes[row[at]] = open_version[site[at]]
    value = float(c @ answer.x)
    proved = answer.status == "optimal" and answer.bound / per >= value - 1e-6 * max(abs(value), 1.0 / per)
    return Sent(answer.x[:m] > 0.5, goes, value, bound, proved, interrupted)


def _rows(
    hosts: Hosts,
    row: NDArray[np.intp],
    site: NDArray[np.intp],
    pair: NDArray[np.intp],
    pair_column: NDArray[np.intp],
    lowest: NDArray[np.bool_],
) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Constraints over columns and entries; entry k is a row and a site, ``pair`` its entries and columns."""
    n, m = hosts.unit.shape
    e, sites = len(row), int(hosts.group.max(initial=-1)) + 1
    y = m + np.arange(e)
    share = sparse.csr_array((np.ones(e), (row, y)), shape=(n, m + e))
    common = float(max(1, np.gcd.reduce(hosts.amount))) if n else 1.0
    size = common if hosts.amount.max(initial=0) / common <= 2**16 else float(hosts.amount.max()) / 1024.0
    room = (np.floor(hosts.room / common) * common if hosts.single else hosts.room) / size
    load = sparse.csr_array(
        (
            np.concatenate([hosts.amount[row] / size, -room]),
            (np.concatenate([site, hosts.group]), np.concatenate([y, np.arange(m)])),
        ),
        shape=(sites, m + e),
    )
    # No link where the site is open anyway, unless only some of its versions can take the row.
    unlinked = np.bincount(pair, minlength=e) == np.bincount(hosts.group[~hosts.counted], minlength=sites)[site]
    unlinked[pair[lowest[pair_column]]] = True
    linked = ~unlinked[pair]
    entry, number = np.unique(pair[linked], return_inverse=True)
    link = sparse.csr_array(
        (
            np.concatenate([np.ones(len(entry)), -np.ones(int(linked.sum()))]),
            (
                np.concatenate([np.arange(len(entry)), number]),
                np.concatenate([y[entry], pair_column[linked]]),
            ),
        ),
        shape=(len(entry), m + e),
    )
    groups = cliques(hosts.pairs, m)
    zones = len(hosts.quotas)
    inside = sparse.lil_array((zones, m))
    for z, (columns, _, _) in enumerate(hosts.quotas):
        inside[z, columns] = 1.0
    count = sparse.csr_array(hosts.counted.astype(np.float64)[None, :])
    rules = sparse.vstack([count, sparse.csr_array(at_most_one(groups, m)), sparse.csr_array(inside)])
    rules = sparse.hstack([rules, sparse.csr_array((rules.shape[0], e))])
    matrix = sparse.csr_array(sparse.vstack([share, load, link, rules], format="csr"))
    endless = np.full(sites + len(entry), -np.inf)
    row_lower: list[Any] = [np.ones(n), endless, [-np.inf], np.full(len(groups), -np.inf), [q[1] for q in hosts.quotas]]
    row_upper: list[Any] = [
        np.ones(n),
        np.zeros(sites + len(entry)),
        [hosts.q],
        np.ones(len(groups)),
        [q[2] for q in hosts.quotas],
    ]
    return matrix, np.concatenate(row_lower).astype(float), np.concatenate(row_upper).astype(float)
