"""Of all ways to do with the fewest sheds, the one with the least walking: a second question, the number fixed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.errors import InfeasibleError, SolverError
from siting.locate import SitingResult, capacitated, p_median

_SHARE = 1e-6
"""Walking is proved to this share of it, as the models of the engine are."""
_LEAST_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class LeastWalk:
    """What the homes of new sheds walk together.

    Attributes
    ----------
    sites : places chosen, ascending
    total : metres times weight: of households, of bicycles where sheds have a capacity, or of homes
    bound : the least that as many sheds can do with; NaN where that was not sought
    weight : of all these homes together
    """

    sites: NDArray[np.intp]
    total: float
    bound: float
    weight: float

    @property
    def mean_m(self) -> float:
        """The mean way."""
        return self.total / self.weight if self.weight else math.nan

    @property
    def bound_m(self) -> float:
        """The least mean way that as many sheds allow."""
        return self.bound / self.weight if self.weight else math.nan

    @property
    def is_proved(self) -> bool:
        """Whether no choice of as many sheds means less walking."""
        return bool(self.total - self.bound <= _SHARE * max(self.total, 1.0))


def weights_of(households: NDArray[np.float64]) -> NDArray[np.float64]:
    """Households where they are all known and none is 0, else every home as one: each must have its shed."""
    known = bool(np.isfinite(households).all()) and bool((households > 0).all())
    return households if known else np.ones(len(households))


def least_walk(
    dense: NDArray[np.float64],
    weights: NDArray[np.float64],
    fewest: SitingResult,
    sites: NDArray[np.intp],
    effort: tuple[float, float, int],
    *,
    capacity: float | None = None,
    total: float | None = None,
) -> LeastWalk:
    """Look for as many places as ``sites`` with less walking.

    Parameters
    ----------
    dense : shape (n_home, n_place), ways; ``inf`` beyond the walk
    weights : of the homes, bicycles where there is a capacity
    fewest : the proof of the number
    total : what ``sites`` mean, where homes do not all go to the nearest
    """
    seconds, gap, seed = effort
    left = max(_LEAST_S, seconds - fewest.seconds)
    own = math.fsum(weights * dense[:, sites].min(axis=1)) if total is None else total
    weight = math.fsum(weights)
    try:
        if capacity is None:
            found = p_median(dense, weights, len(sites), time_limit_s=left, mip_gap=gap, seed=seed)
        else:
            found = capacitated(dense, weights, capacity, None, len(sites), time_limit_s=left, mip_gap=gap, seed=seed)
    except (InfeasibleError, SolverError):
        # No answer in the time: the plan with the fewest sheds stands, and no less is known to be possible.
        return LeastWalk(sites, own, math.nan, weight)
    bound = min(float(found.bound), own) if np.isfinite(found.bound) else math.nan
    if found.objective >= own:
        return LeastWalk(sites, own, bound, weight)
    return LeastWalk(np.sort(np.asarray(found.sites, dtype=np.intp)), float(found.objective), bound, weight)
