"""The best plan of a covering search so far, what is proved of all plans, and who hears of both."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siting.locate.clock import Clock
from siting.locate.covering.reduce import Instance, value_of


@dataclass
class Best:
    """What a search for the most weight has reached, in units of the reduced instance.

    Attributes
    ----------
    clock : what the search was given
    instance : the problem
    base : units that are served anyway; the gap is one of the whole
    per_weight : units per 1 of the caller's weight
    columns, value : the best plan; value -1 while there is none
    bound : no plan is above it
    proof : where the bound comes from
    """

    clock: Clock
    instance: Instance
    base: int
    per_weight: float
    columns: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    value: int = -1
    proof: str = "all weight there is"
    bound: int = field(init=False)
    step: int = field(init=False)

    def __post_init__(self) -> None:
        """Start from what no plan can be above: all weight."""
        self.bound = int(self.instance.weight.sum())
        self.step = max(1, int(np.gcd.reduce(self.instance.weight)))

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan at all."""
        return self.value >= 0

    @property
    def slack(self) -> float:
        """How far apart value and bound may stay, in units."""
        return self.clock.mip_gap * max(1, self.base + self.value)

    @property
    def is_done(self) -> bool:
        """Whether the best plan is proved, or good enough."""
        return self.has_plan and self.bound - self.value <= self.slack

    @property
    def is_over(self) -> bool:
        """Whether to stop: done, or the time is up."""
        return self.is_done or self.clock.is_over

    def within(self, share: float) -> bool:
        """Say whether less than a share of the time is over, and there is still something to do."""
        return not self.is_done and self.clock.seconds < share * self.clock.time_limit_s

    def offer(self, columns: NDArray[np.intp]) -> bool:
        """Take a plan if it is better than what there is; say whether it is."""
        value = value_of(self.instance, columns)
        if value <= self.value:
            return False
        self.columns, self.value = np.sort(columns), value
        self.lower(self.bound)
        return True

    def lower(self, bound: float, proof: str = "") -> None:
        """Take a bound if it is tighter; every value is a whole multiple of ``step``."""
        tight = max(self.value, int(bound) // self.step * self.step)
        if tight < self.bound:
            self.bound = tight
            self.proof = proof or self.proof
        self.tell(self.value, self.bound)

    def tell(self, value: float, bound: float) -> None:
        """Report a value and a bound; each counts only where it is better than what is known."""
        if self.has_plan:
            now, most = max(value, self.value), min(bound, self.bound)
            self.clock.tell((self.base + now) / self.per_weight, (self.base + most) / self.per_weight)
