"""Lagrangian bound of a median problem, and what it decides.

Relaxes "every row is served once" with multipliers v_i, which stand for what a row is ready to pay:

    L(v) = sum_i v_i + the best sum_j rho_j within count and quotas,   rho_j = f_j + sum_i min(0, w_i d_ij - v_i)

Every v gives a valid bound; subgradient steps with memory look for a tight one. Spacing is left out, which keeps the
bound valid. Cornuejols, Fisher & Nemhauser (1977), Management Science 23, 789-810.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.median.dual import ascend, choose, worth
from siting.locate.median.instance import Median

_MOMENTUM = 0.9
_SHRINK = 0.75
_CHUNK, _CHUNK_ENTRIES = 50, 50_000_000
_OFTEN = 0.3


@dataclass
class Dual:
    """Multipliers on their way up, and the best bound so far (``median.base`` included)."""

    v: NDArray[np.float64]
    best_v: NDArray[np.float64]
    mean_x: NDArray[np.float64]
    bound: float = -np.inf
    theta: float = 1.0

    @classmethod
    def begin(cls, median: Median, v: NDArray[np.float64], theta: float = 1.0) -> "Dual":
        """Start from such multipliers."""
        v = np.clip(v, median.cost[median.start[:-1]], median.cap)
        return cls(v=v, best_v=v.copy(), mean_x=np.zeros(median.n_columns), theta=theta)

    def on(self, rest: Median, kept: NDArray[np.bool_]) -> "Dual":
        """Carry the multipliers over to what is left of the columns."""
        best_v = np.clip(self.best_v, rest.cost[rest.start[:-1]], rest.cap)
        return Dual(v=best_v.copy(), best_v=best_v, mean_x=self.mean_x[kept], bound=self.bound, theta=self.theta)

    def pointed(self, median: Median) -> NDArray[np.bool_]:
        """Return the plan that the relaxed answers point to on average."""
        chosen = np.zeros(median.n_columns, dtype=bool)
        chosen[np.argsort(-self.mean_x, kind="stable")[: median.q]] = True
        if median.price.any():
            chosen &= self.mean_x >= _OFTEN
        return chosen

    def climb(self, median: Median, target: float, steps: int, clock: Clock, patience: int = 25) -> None:
        """Step until the bound reaches ``target``, the step length is nothing or the time is up; a few always."""
        direction = np.zeros(median.n_rows)
        self.v = self.best_v.copy()
        stale = 0
        left, portion = steps, min(_CHUNK, max(5, _CHUNK_ENTRIES // max(1, len(median.cost))))
        while left > 0 and self.bound < target and self.theta >= 1e-4 and not (clock.is_over and left < steps):
            best, self.theta, used, stale = ascend(  # type: ignore[call-arg]
                *median.rows, median.price, median.q, *median.quotas, self.v, self.best_v, direction, self.mean_x,
                self.bound - median.base, target - median.base, self.theta, min(left, portion), _MOMENTUM, patience,
                _SHRINK, stale,
            )  # fmt: skip
            self.bound = best + median.base
            left -= used

    def decided(self, median: Median, cut: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], float]:
        """Return columns that every better plan opens, those that none opens, and the bound at these multipliers.

        Parameters
        ----------
        cut : a plan with a bound of at least this is not better
        """
        rho, chosen = np.empty(median.n_columns + 1), np.zeros(median.n_columns + 1, dtype=bool)
        bound = worth(*median.rows, median.price, self.best_v, rho) + median.base  # type: ignore[call-arg]
        bound += choose(rho, median.q, *median.quotas, chosen)  # type: ignore[call-arg]
        rho, chosen = rho[:-1], chosen[:-1]
        spare = 0.0 if chosen.sum() < median.q else -np.inf
        # Forcing a column in pushes out the worst chosen one at most; forcing one out lets the best other one in.
        worst = max(float(rho[chosen].max(initial=-np.inf)), spare)
        other = min(float(rho[~chosen].min(initial=np.inf)), 0.0)
        never = ~chosen & (bound + rho - worst >= cut)
        always = chosen & (bound - rho + other >= cut)
        return always, never, bound

    def farthest(self, bound: float, cut: float) -> NDArray[np.float64]:
        """Return the cost beyond which no better plan serves a row: all nearer columns are closed then."""
        return self.best_v + max(0.0, cut - bound)
