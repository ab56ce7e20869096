"""Prices of candidates and a budget in whole units, so that no rounding decides what can be afforded."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.costs import Costs

# Sums of prices stay exact in float64, which the searches use as well.
_LARGEST_TOTAL = 2**50


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What candidates cost, in whole units.

    Attributes
    ----------
    price : shape (n_candidates,)
    budget : the most that may be spent
    per_whole : units per 1 of the caller's price
    exact : whether units say exactly what the caller's decimals say
    """

    price: NDArray[np.int64]
    budget: int
    per_whole: int
    exact: bool

    def spent(self, sites: NDArray[np.intp]) -> float:
        """Price of the sites together, in the caller's terms."""
        return int(self.price[sites].sum()) / self.per_whole


def whole_prices(site_cost: Any, budget: Any, costs: Costs) -> Prices:
    """Read prices by the decimals that they are written in: 0.1 + 0.2 is exactly 0.3.

    Decimals finer than sums can carry are rounded; ``exact`` is False then.

    Raises
    ------
    InputError
        Not one price a candidate, NaN, infinite or negative ones, or a budget that is not above 0.
    """
    if isinstance(site_cost, pd.Series) and costs.labelled:
        missing = costs.columns.difference(site_cost.index)
        if len(missing):
            msg = f"site_cost: {len(missing)} of {costs.n_candidates} candidates have none (first {list(missing[:3])})"
            raise InputError(msg)
        site_cost = site_cost.reindex(costs.columns)
    try:
        values = np.asarray(site_cost, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"site_cost cannot be read as numbers: {error}"
        raise InputError(msg) from None
    if values.shape != (costs.n_candidates,):
        msg = f"site_cost has shape {values.shape}; one price for each of the {costs.n_candidates} candidates is needed"
        raise InputError(msg)
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        names = costs.columns[bad][:3].tolist()
        msg = f"site_cost: {int(bad.sum())} of {len(values)} are NaN, infinite or negative (candidates {names})"
        raise InputError(msg)
    is_number = isinstance(budget, int | float | np.integer | np.floating) and not isinstance(budget, bool)
    if not is_number or not math.isfinite(budget) or budget <= 0:
        msg = f"budget is {budget!r}, expected a number above 0"
        raise InputError(msg)
    decimals = [Decimal(repr(float(v))) for v in (*values.tolist(), budget)]
    needed = max((-int(d.as_tuple().exponent) for d in decimals if d), default=0)
    carried = math.floor(math.log10(_LARGEST_TOTAL / max(1.0, math.fsum(values), float(budget))))
    places = max(0, min(needed, carried))
    per_whole = 10**places
    units = [int((d * per_whole).to_integral_value(rounding=ROUND_HALF_UP)) for d in decimals]
    return Prices(
        price=np.array(units[:-1], dtype=np.int64), budget=units[-1], per_whole=per_whole, exact=needed <= places
    )
