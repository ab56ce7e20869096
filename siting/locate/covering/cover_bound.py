"""What serving all rows costs at least: the linear relaxation of set covering by primal-dual steps, in whole units.

    max_u min_x  sum_i u_i + sum_j (c_j - v_j) x_j,   v_j = sum_{i in rows of j} u_i,   u >= 0,  0 <= x <= 1

Every ``u`` gives a valid bound, ``sum u + sum_j min(0, c_j - v_j)``; the steps look for a tight one, as in
`siting.locate.covering.primal_dual`. The bound that leaves this module is evaluated in integers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siting.locate.covering.kernels import cover_steps, served, worth
from siting.locate.covering.reduce import Instance

_ROUND = 50
_BALANCE = 1.0
_FINEST, _LARGEST = 32, 60


@dataclass(frozen=True, slots=True)
class CheapBound:
    """A bound on the price of serving all rows, times ``scale``; ``reduced`` is what each column costs beyond it."""

    total: int
    reduced: NDArray[np.int64]
    scale: int

    @property
    def bound(self) -> int:
        """The bound in units, rounded up."""
        return max(0, -(-self.total // self.scale))

    def decided(self, most: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return masks of columns that every plan of price at most ``most`` has, and of those that none has."""
        slack = most * self.scale - self.total
        return -self.reduced > slack, self.reduced > slack


@dataclass
class CoverRelaxation:
    """The linear relaxation of one instance, as far as it is solved; ``best_u`` are the multipliers of ``best``."""

    instance: Instance
    price: NDArray[np.int64]
    x: NDArray[np.float64]
    u: NDArray[np.float64]
    best: float
    best_u: NDArray[np.float64]

    @classmethod
    def begin(cls, instance: Instance, price: NDArray[np.int64]) -> "CoverRelaxation":
        """Start from no sites, and rows that are worth their share of the column that serves them for least."""
        by, reach = instance.reached_by, instance.reach
        share = price / np.maximum(np.diff(by.indptr), 1)
        u = np.minimum.reduceat(share[reach.indices], reach.indptr[:-1]) if instance.n_rows else np.empty(0)
        # What costs at most its share of every column costs no column more than its price.
        return cls(instance, price, np.zeros(instance.n_columns), u, float(u.sum()), u)

    def run(self, rounds: int, is_over: Callable[[], bool]) -> None:
        """Take rounds of steps until nothing more is won, or the time is over."""
        instance = self.instance
        by, reach = instance.reached_by, instance.reach
        every = np.arange(instance.n_columns)
        first = np.minimum.reduceat(
            (self.price / np.maximum(np.diff(by.indptr), 1))[reach.indices], reach.indptr[:-1]
        )  # fmt: skip
        x_step = 1.0 / np.maximum(self._worth(first), 1e-9)
        u_step = first / np.maximum(np.diff(reach.indptr), 1)
        for _ in range(rounds):
            if is_over():
                return
            before = self.best
            x, u, amount = self.x.copy(), self.u.copy(), np.zeros(instance.n_rows)
            served(by.indptr, by.indices, x, every, amount)
            x_sum, u_sum = np.zeros_like(x), np.zeros_like(u)
            cover_steps(
                by.indptr, by.indices, self.price.astype(np.float64), every, x_step, u_step, _BALANCE, _ROUND, x, u,
                amount, x_sum, u_sum,
            )  # fmt: skip
            self.x, self.u = x, u
            if self._look(u_sum / _ROUND) > self._look(u):
                self.x, self.u = x_sum / _ROUND, u_sum / _ROUND
            if 0 < self.best - before <= 1e-7 * self.best:
                return

    def state(self) -> CheapBound:
        """Evaluate the best multipliers in whole numbers."""
        most = max(1, int(self.price.sum()))
        scale = 1 << max(0, min(_FINEST, _LARGEST - most.bit_length()))
        u = np.floor(np.minimum(self.best_u, float(most)) * scale)
        # More than all columns cost together, no row is worth; sums stay within 64 bits.
        if float(u.sum()) > 2.0**61:
            u = np.floor(u * (2.0**61 / float(u.sum())))
        whole = u.astype(np.int64)
        reduced = self.price * scale - self._worth(whole)
        return CheapBound(int(whole.sum()) + int(np.minimum(reduced, 0).sum()), reduced, scale)

    def _look(self, u: NDArray[np.float64]) -> float:
        bound = float(u.sum() + np.minimum(self.price - self._worth(u), 0.0).sum())
        if bound > self.best:
            self.best, self.best_u = bound, u.copy()
        return bound

    def _worth(self, u: NDArray[Any]) -> NDArray[Any]:
        by = self.instance.reached_by
        value = np.zeros(self.instance.n_columns, dtype=u.dtype)
        worth(by.indptr, by.indices, u, np.arange(self.instance.n_columns), value)
        return value
