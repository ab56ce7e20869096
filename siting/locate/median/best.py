"""The best plan of a median search so far, what is proved of all plans, and who hears of both."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.median.instance import Median

RESOLUTION = 1e-10
"""Where values are no whole multiples of a step, two plans closer than this share count as equally good."""


@dataclass
class Best:
    """What a search has reached, in its own units.

    Attributes
    ----------
    ids : what the best plan opens, as `Median.ids`
    value : of that plan
    bound : no plan is below it
    proof : where the bound comes from
    units : of the search to one of the caller's
    step : every value is a whole multiple of it; 0 = not known
    """

    clock: Clock
    units: float
    step: float
    ids: NDArray[np.intp]
    value: float = math.inf
    bound: float = -math.inf
    proof: str = "Lagrangian bound"

    @property
    def cut(self) -> float:
        """The bound from which on no plan is better than the best one."""
        if not math.isfinite(self.value):
            return math.inf
        blurred = self.value - RESOLUTION * abs(self.value)
        if self.step <= 0:
            return blurred
        return min(blurred, self.value - self.step + max(1e-6 * self.step, 1e-12 * abs(self.value)))

    @property
    def is_done(self) -> bool:
        """Whether the best plan is proved, or good enough."""
        return self.bound >= self.value or self.clock.settled(self.value, self.bound)

    def offer(self, ids: NDArray[np.intp], value: float) -> bool:
        """Take a plan if it is better than what there is."""
        if not value < self.value:
            return False
        self.ids, self.value = np.sort(ids), value
        if self.bound >= self.cut:
            self.bound = value
        self.tell()
        return True

    def raise_bound(self, bound: float, proof: str = "") -> None:
        """Take a bound if it is better; one that no better plan can meet is a proof."""
        if bound >= self.cut:
            bound = self.value
        if bound > self.bound:
            self.bound = bound
            self.proof = proof or self.proof
            self.tell()

    def tell(self) -> None:
        """Report both."""
        self.clock.tell(self.value / self.units, self.bound / self.units)

    def mask(self, median: Median) -> NDArray[np.bool_]:
        """Say which columns the best plan opens."""
        found: NDArray[np.bool_] = np.isin(median.ids, self.ids)
        return found
