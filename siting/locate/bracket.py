"""Between the best plan and what is proved impossible: levels of an objective that is one of many known values."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock

# From here on one proof just beside the best plan is cheaper than several on the way there.
_CLOSE = 0.003
_FEW = 4
# Steps of the first attempt at a level; each further one has twice as many.
_STEPS = 4_000
_TIME_FOR_PLANS = 0.15

# Given a level, a plan to begin with, steps and a seed: a plan that reaches the level, or None.
Swap = Callable[[int, NDArray[np.bool_], int, int], NDArray[np.bool_] | None]


@dataclass(slots=True, kw_only=True)
class Bracket:
    """Levels that are still open; a level is a position among the ascending ``values``, and lower is better.

    Attributes
    ----------
    values : what the levels stand for, in the caller's unit, except for the sign
    low : no plan is below this level, proved
    high : level of the best plan
    is_open : columns of that plan
    """

    values: NDArray[np.float64]
    low: int
    high: int
    is_open: NDArray[np.bool_]
    clock: Clock
    sign: float = 1.0

    @property
    def done(self) -> bool:
        """Whether the best plan is proved, or close enough to what is."""
        if self.low >= self.high:
            return True
        value, bound = self.values[self.high], self.values[self.low]
        return bool(np.isfinite(value) and np.isfinite(bound) and self.clock.settled(value, bound))

    def offer(self, is_open: NDArray[np.bool_], level: int) -> bool:
        """Keep a plan if it is better; say whether it is."""
        if level >= self.high:
            return False
        self.high, self.is_open = level, is_open.copy()
        self.tell()
        return True

    def exclude(self, level: int) -> None:
        """Note that no plan reaches this level."""
        if level >= self.low:
            self.low = min(level + 1, self.high)
            self.tell()

    def tell(self) -> None:
        """Report value and bound."""
        self.clock.tell(self.sign * self.values[self.high], self.sign * self.values[min(self.low, self.high)])

    def improve(self, swap: Swap, level_of: Callable[[NDArray[np.bool_]], int], attempts: int) -> None:
        """Look for better plans by swaps, at levels that halve what is open, then just below the best plan."""
        low, seed = self.low, self.clock.seed % 2**31
        ends_at = self.clock.seconds + _TIME_FOR_PLANS * self.clock.time_limit_s

        def reaches(level: int, attempts: int, seed: int) -> bool:
            for attempt in range(attempts):
                found = swap(level, self.is_open, _STEPS << attempt, seed + attempt)
                if found is not None:
                    return self.offer(found, level_of(found))
                if self.clock.seconds >= ends_at:
                    break
            return False

        while low < self.high and self.clock.seconds < ends_at:
            level = (low + self.high - 1) // 2
            if not reaches(level, max(1, attempts - 3), seed):
                low = level + 1
        while self.low < self.high and self.clock.seconds < ends_at:
            if not reaches(self.high - 1, attempts, seed + attempts):
                return

    def at(self, share: float, low: int, high: int) -> int:
        """Return a level from ``low`` to ``high - 1``, about this share of the way in value."""
        first, last = self.values[low], self.values[high]
        if not (np.isfinite(first) and np.isfinite(last)):
            return (low + high) // 2
        level = int(np.searchsorted(self.values, first + share * (last - first), side="right")) - 1
        return min(max(level, low), high - 1)

    def next(self, share: float) -> int:
        """Return the level to try next: on the way to the best plan, and just beside it once that is close."""
        first, last = self.values[self.low], self.values[self.high]
        near = np.isfinite(first) and np.isfinite(last) and last - first <= _CLOSE * abs(last)
        if near or self.high - self.low <= _FEW:
            return self.high - 1
        return self.at(share, self.low, self.high)
