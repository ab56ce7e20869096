"""What a plan takes, in whole steps: sites, money, or the worst cost of anybody."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InfeasibleError, SitingError
from siting.locate.conditions import read_p
from siting.locate.costs import Costs, read_costs, read_served, read_weight
from siting.locate.covering.prices import whole_prices
from siting.locate.lscp import lscp
from siting.locate.p_center import p_center
from siting.locate.result import SitingResult

Model = Callable[..., SitingResult]
Given = dict[str, Any]


class Counts:
    """At most so many new sites."""

    bottom = 0

    def __init__(self, model: Model, given: Given, better: Literal["more", "less"], seconds: float) -> None:
        """Take ``p`` as the most, or as many as serve all that can be served."""
        self._model, self._given, self.better = model, given, better
        costs = read_costs(given["cost"])
        self.top = _enough(given, costs, seconds) if given.get("p") is None else read_p(given["p"], costs.n_candidates)

    def value(self, step: int) -> float:
        """Return a number of sites."""
        return float(step)

    def middle(self, low: int, high: int) -> int:
        """Return the number half way."""
        return (low + high) // 2

    def taken(self, result: SitingResult) -> int:
        """Return the number of new sites."""
        return len(result.sites)

    def ask(self, step: int, seconds: float) -> SitingResult:
        """Return the best plan of at most so many sites."""
        return self._model(**{**self._given, "p": step, "time_limit_s": seconds})


class Budgets:
    """New sites that together cost at most so much, in steps of what all prices are multiples of."""

    better: Literal["more", "less"] = "more"

    def __init__(self, model: Model, given: Given) -> None:
        """Take ``budget`` as the most, or what all candidates cost."""
        self._model, self._given = model, given
        costs = read_costs(given["cost"])
        asked = given.get("budget")
        everything = math.fsum(np.atleast_1d(np.asarray(given["site_cost"], dtype=np.float64)).tolist()) or 1.0
        prices = whole_prices(given["site_cost"], everything if asked is None else asked, costs)
        some = prices.price[prices.price > 0]
        self._step = int(np.gcd.reduce(some)) if len(some) else 1
        self._per_whole = prices.per_whole
        self.top = int(prices.price.sum() if asked is None else prices.budget) // self._step
        self.bottom = -1 if len(some) < len(prices.price) else 0  # is anything to be had for nothing?

    def value(self, step: int) -> float:
        """Return an amount of money."""
        return step * self._step / self._per_whole

    def middle(self, low: int, high: int) -> int:
        """Return the amount half way."""
        return (low + high) // 2

    def taken(self, result: SitingResult) -> int:
        """Return what the new sites cost."""
        return round(float(result.parameters["spent"]) * self._per_whole) // self._step

    def ask(self, step: int, seconds: float) -> SitingResult:
        """Return the best plan for at most so much."""
        # A budget must be above 0; half a step buys what is free.
        budget = self.value(step) if step else 0.5 * self.value(1)
        return self._model(**{**self._given, "budget": budget, "time_limit_s": seconds})


class Worst:
    """Plans in which nobody is farther from a site than so much; a step is a cost that occurs."""

    better: Literal["more", "less"] = "less"

    def __init__(self, model: Model, given: Given, seconds: float) -> None:
        """Rank the costs that occur, and find out how near everybody can be."""
        self._model, self._given = model, given
        self._costs = costs = read_costs(given["cost"])
        self._counts = read_weight(given["weight"], costs) > 0
        self._cost = costs.cost[self._counts[costs.row_of_entry()]]
        self._values = np.unique(self._cost)
        self.top = len(self._values) - 1
        self.bottom = int(np.searchsorted(self._values, self._least(seconds))) - 1

    def value(self, step: int) -> float:
        """Return the cost of a step."""
        return float(self._values[step]) / (1000.0 if self._costs.whole else 1.0) if step >= 0 else 0.0

    def middle(self, low: int, high: int) -> int:
        """Return the last step of no more than the mean of two costs."""
        half = (float(self._values[max(low, 0)]) + float(self._values[high])) / 2
        return int(np.searchsorted(self._values, half, side="right")) - 1

    def taken(self, result: SitingResult) -> int:
        """Return the worst cost of anybody."""
        nearest = self._costs.to_assigned(result.assignment)[self._counts]
        return int(np.searchsorted(self._values, nearest.max(initial=self._values[0])))

    def ask(self, step: int, seconds: float) -> SitingResult:
        """Return the best plan in which nobody is farther."""
        keep = self._costs.cost <= self._values[step]
        if keep.all():
            return self._model(**{**self._given, "time_limit_s": seconds})
        every = np.ones(self._costs.n_demand, dtype=bool)
        return self._model(**{**self._given, "cost": _part(self._costs, keep, every), "time_limit_s": seconds})

    def _least(self, seconds: float) -> float:
        """Return a cost below which no plan can keep everybody, in the terms of the costs."""
        row = self._costs.row_of_entry()
        nearest = np.full(self._costs.n_demand, np.inf)
        np.minimum.at(nearest, row, self._costs.cost.astype(np.float64))
        least = float(nearest[self._counts].max(initial=0.0))
        conditions = {k: v for k, v in self._given.items() if k in ("existing", "required", "excluded")}
        others = ("too_close", "min_spacing_m", "zones")
        if any(self._given.get(name) is not None for name in others) or not np.isfinite(least):
            return least
        # Without conditions between sites one more never hurts, so that exactly p do as well as at most p.
        part = _part(self._costs, self._counts[row], self._counts)
        try:
            found = p_center(
                part, self._given["p"], time_limit_s=seconds, seed=self._given.get("seed", 0), **conditions
            )
        except (SitingError, KeyboardInterrupt):
            return least
        return max(least, found.bound * 1000.0 if self._costs.whole else found.bound)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some entries of labelled costs, as the models read them."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    cost_mm: NDArray[np.int64]
    rows: "pd.Index[Any]"
    columns: "pd.Index[Any]"
    unit: str
    cutoff: float


def _part(costs: Costs, entries: NDArray[np.bool_], rows: NDArray[np.bool_]) -> Any:
    """Return costs with some entries and rows only, in the form in which the caller gave them."""
    row = costs.row_of_entry()
    kept = entries & rows[row]
    place = np.cumsum(rows) - 1
    if costs.whole:
        counts = np.bincount(place[row[kept]], minlength=int(rows.sum()))
        return _Part(
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), indices=costs.indices[kept],
            cost_mm=costs.cost[kept], rows=costs.rows[rows], columns=costs.columns, unit=costs.unit,
            cutoff=costs.cutoff,
        )  # fmt: skip
    dense = np.full((int(rows.sum()), costs.n_candidates), np.inf)
    dense[place[row[kept]], costs.indices[kept]] = costs.cost[kept]
    return pd.DataFrame(dense, index=costs.rows[rows], columns=costs.columns) if costs.labelled else dense


def _enough(given: Given, costs: Costs, seconds: float) -> int:
    """Return a number of sites with which all can be served that can be served at all."""
    done = read_served(given.get("served"), costs) | (read_weight(given["weight"], costs) == 0)
    asked = {**given, "served": done, "serve": "reachable", "time_limit_s": seconds}
    asked.pop("p", None)
    try:
        return max(1, len(lscp(**asked).sites))
    except (InfeasibleError, KeyboardInterrupt):
        return costs.n_candidates
