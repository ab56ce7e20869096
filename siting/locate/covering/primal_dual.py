"""How good any plan could be: the linear relaxation of maximal covering by primal-dual steps, bounds in whole units.

    max_x min_u  sum_i (w_i - u_i) + sum_j x_j v_j,   v_j = sum_{i in rows of j} u_i,   0 <= u <= w,  sum x <= p

Every choice of ``u`` gives a valid bound; the steps only look for a tight one. They run in floating point and on those
columns that matter, but the bound that leaves this module is evaluated in integers over all columns.

Chambolle & Pock (2011), Journal of Mathematical Imaging and Vision 40, 120-145; diagonal steps of Pock & Chambolle
(2011), ICCV, 1762-1769; restarts of Applegate et al. (2021), NeurIPS 34.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.kernels import served, steps, worth
from siting.locate.covering.reduce import Instance

# Steps between two looks at all columns; how far below the price of a site a column still takes part; how many take
# part at least, in multiples of p; and how the balance of both sides may change at a restart.
_ROUND = 40
_NEAR = 0.95
_FEWEST = 10
_BALANCE = 0.3


@dataclass(frozen=True, slots=True)
class CoverBound:
    """A bound on the greatest weight that ``p`` columns can serve.

    ``value`` are the multipliers' worth of each column, ``chosen`` the columns of the relaxed answer. A bound with one
    column forced in or out follows from them, and so which columns every better answer has, or none.
    """

    bound: int
    value: NDArray[np.int64]
    chosen: NDArray[np.bool_]

    def decided(self, incumbent: int, p: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return masks of columns that every answer above ``incumbent`` contains, and of those that none contains."""
        n = len(self.value)
        ranked = np.sort(self.value)[::-1]
        last_in = ranked[p - 1] if p <= n else 0
        first_out = ranked[p] if p < n else 0
        # Forcing a column in pushes out the worst chosen one; forcing one out lets the best unchosen one in.
        never = ~self.chosen & (self.bound - max(last_in, 0) + self.value <= incumbent)
        always = self.chosen & (self.bound - self.value + max(first_out, 0) <= incumbent)
        return always, never


@dataclass
class Relaxation:
    """The linear relaxation of one instance, as far as it is solved.

    Attributes
    ----------
    x, u : where the steps stand
    best : the tightest bound so far
    low : weight that the fractional plan serves; the bound cannot come below the greatest of them
    """

    instance: Instance
    p: int
    x: NDArray[np.float64]
    u: NDArray[np.float64]
    gamma: float = _BALANCE
    best: float = math.inf
    low: float = 0.0
    best_u: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @classmethod
    def begin(cls, instance: Instance, p: int, columns: NDArray[np.intp]) -> "Relaxation":
        """Start from a plan."""
        x = np.zeros(instance.n_columns)
        x[columns] = 1.0
        relaxed = cls(instance, min(p, instance.n_columns), x, np.empty(0))
        weight = instance.weight.astype(np.float64)
        # A row is worth the less, the more weight the heaviest column that serves it has.
        value = relaxed._worth(weight)
        fair = float(weight[relaxed._amount(x) > 0].sum()) / max(1, len(columns))
        heaviest = np.maximum.reduceat(value[instance.reach.indices], instance.reach.indptr[:-1])
        relaxed.u = weight * np.minimum(1.0, fair / np.maximum(heaviest, 1.0))
        relaxed.best_u = relaxed.u
        return relaxed

    def run(self, rounds: int, enough: float, is_over: Callable[[], bool]) -> None:
        """Take rounds of steps until the bound is ``enough``, nothing more can be won, or the time is over."""
        instance, weight = self.instance, self.instance.weight.astype(np.float64)
        by, size = instance.reached_by, np.maximum(self._worth(weight), 1e-9)
        value = self._look(self.u)
        for _ in range(rounds):
            if self.best <= enough or self.best - self.low <= 1e-6 * self.best or is_over():
                return
            columns = self._near(value)
            part = np.zeros(instance.n_columns)
            part[columns] = 1.0
            self.x *= part
            width = np.maximum(self._amount(part), 1.0)
            x, u, amount = self.x.copy(), self.u.copy(), self._amount(self.x)
            x_sum, u_sum = np.zeros_like(x), np.zeros_like(u)
            steps(
                by.indptr, by.indices, weight, float(self.p), columns, 1.0 / size, weight / width, self.gamma, _ROUND,
                x, u, amount, x_sum, u_sum,
            )  # fmt: skip
            x_mean, u_mean = x_sum / _ROUND, u_sum / _ROUND
            value, mean_value = self._look(u), self._look(u_mean)
            now = self._bound(u, value) - self._low(x)
            mean = self._bound(u_mean, mean_value) - self._low(x_mean)
            self.x, self.u = x, u
            if mean < now:
                self.x, self.u, value = x_mean, u_mean, mean_value

    def state(self) -> CoverBound:
        """Evaluate the best multipliers in whole numbers."""
        weight = self.instance.weight
        u = np.clip(np.rint(self.best_u).astype(np.int64), 0, weight)
        value = self._worth(u)
        chosen = np.zeros(self.instance.n_columns, dtype=bool)
        chosen[top := np.argsort(-value, kind="stable")[: self.p]] = True
        return CoverBound(int((weight - u).sum() + value[top].sum()), value, chosen)

    def near(self, share: float) -> NDArray[np.intp]:
        """Return the columns that are worth at least a share of the price of a site by the best multipliers."""
        return self._near(self._worth(self.best_u), share)

    def _near(self, value: NDArray[np.float64], share: float = _NEAR) -> NDArray[np.intp]:
        ranked = np.argsort(-value, kind="stable")
        price = value[ranked[self.p - 1]] if self.p else 0.0
        within = (value >= share * price) | (self.x > 0)
        within[ranked[: _FEWEST * self.p]] = True
        return np.flatnonzero(within)

    def _look(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Evaluate multipliers over all columns, and keep them if they are the best."""
        value = self._worth(u)
        if (bound := self._bound(u, value)) < self.best:
            self.best, self.best_u = bound, u.copy()
        return value

    def _bound(self, u: NDArray[np.float64], value: NDArray[np.float64]) -> float:
        top = np.partition(value, len(value) - self.p)[len(value) - self.p :] if self.p else value[:0]
        return float((self.instance.weight - u).sum() + top.sum())

    def _low(self, x: NDArray[np.float64]) -> float:
        low = float(self.instance.weight @ np.minimum(self._amount(x), 1.0))
        self.low = max(self.low, low)
        return low

    def _worth(self, u: NDArray[Any]) -> NDArray[Any]:
        by = self.instance.reached_by
        value = np.zeros(self.instance.n_columns, dtype=u.dtype)
        worth(by.indptr, by.indices, u, np.arange(self.instance.n_columns), value)
        return value

    def _amount(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        by = self.instance.reached_by
        amount = np.zeros(self.instance.n_rows)
        served(by.indptr, by.indices, x, np.flatnonzero(x > 0), amount)
        return amount
