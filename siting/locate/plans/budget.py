"""What the sites of a plan may cost together, by a column of the candidates or by their area."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InputError
from siting.ledger import Text

AREA_HA = "area_ha"
"""The built-in cost: free ground of a candidate in hectares."""
_M2_PER_HA = 10_000
_DECIMALS_HA = 5
_CLOSE = 0.01
"""What is spent is shown in full where two decimals might look like more than the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBudget:
    """The budget of a plan.

    Attributes
    ----------
    cost : column of the candidates by which sites are paid; `AREA_HA` is their free ground
    amount, spent : in the unit of that column
    """

    cost: str
    amount: float
    spent: float

    @property
    def unit(self) -> Text:
        """What is spent, in words."""
        return money_unit(self.cost)

    @property
    def text(self) -> Text:
        """Budget and spending in one line."""
        amount, spent, unit = f"{self.amount:,.10g}", f"{self.spent:,.10g}", self.unit
        if self.amount - self.spent >= _CLOSE:  # the exact figure stands in the summary
            spent = f"{round(self.spent, 2):,.10g}"
        return Text(f"预算 {amount} {unit.zh}，使用 {spent}", f"{spent} of {amount} {unit.en} spent")


def money_unit(column: str | None) -> Text:
    """Return what sites are paid in, in words."""
    return Text("公顷", "ha") if column in (None, AREA_HA) else Text(str(column), str(column))


def site_prices(name: str, pool: gpd.GeoDataFrame, column: str, ids: Sequence[str]) -> pd.Series:
    """Price of each candidate in ``ids``.

    Raises
    ------
    InputError
        No such column, or candidates without a price.
    """
    if column in pool.columns:
        prices = pd.to_numeric(pool.loc[list(ids), column], errors="coerce")
    elif column == AREA_HA:
        prices = (pool.loc[list(ids), "area_m2"] / _M2_PER_HA).round(_DECIMALS_HA)
    else:
        msg = f"{name}: candidates have no column '{column}' to pay by; give one, or cost = \"{AREA_HA}\" (their area)"
        raise InputError(msg)
    bad = ~np.isfinite(prices.to_numpy(dtype=np.float64)) | (prices.to_numpy(dtype=np.float64) < 0)
    if bad.any():
        msg = (
            f"{name}: {int(bad.sum())} of {len(prices)} candidates have no usable '{column}' (first "
            f"{prices.index[bad][:3].tolist()}): it is needed, 0 or more, for every candidate that may be built on"
        )
        raise InputError(msg)
    return pd.Series(prices.to_numpy(dtype=np.float64), index=prices.index)
