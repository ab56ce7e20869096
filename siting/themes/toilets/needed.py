"""Stalls that busy places need by the standard's formula, from their users at the busiest hour."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InputError
from siting.standards import Catalogue
from siting.themes.toilets.stalls import FORMULA_RULE, formula_factor, stalls_needed

COLUMNS = ["place", "name", "women", "men", "estimated", "female", "male", "ratio", "confidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How a study takes people at a place for users of its toilets: no clause of the catalogue says any of it.

    Attributes
    ----------
    users_per_stall : men whom one stall or urinal takes in the busiest hour
    women_share : women among the people of a place whose women and men are not counted
    use_share : those of them who use the toilet in that hour
    """

    users_per_stall: float
    women_share: float | None = None
    use_share: float | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.users_per_stall) and self.users_per_stall > 0):
            msg = f"toilets: users_per_stall is {self.users_per_stall}, expected above 0"
            raise InputError(msg)
        for name in ("women_share", "use_share"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                msg = f"toilets: {name} is {share}, expected from 0 to 1"
                raise InputError(msg)
        if (self.women_share is None) != (self.use_share is None):
            msg = "toilets: women_share and use_share go together: both turn footfall into users"
            raise InputError(msg)


def stalls_of_places(busy: gpd.GeoDataFrame | None, use: Use | None, catalogue: Catalogue) -> pd.DataFrame:
    """Return what each place needs, columns `COLUMNS`; places whose users are not known have no row.

    Users are the columns ``women`` and ``men`` of the place where both are known, else its ``footfall`` × use_share,
    split by women_share; ``estimated`` says which.
    """
    rows: list[tuple[object, ...]] = []
    if busy is None or use is None or FORMULA_RULE not in catalogue:
        return pd.DataFrame(rows, columns=COLUMNS)
    rule = catalogue[FORMULA_RULE]
    factor = formula_factor(rule)
    counted = {c: _known(busy, c) for c in ("women", "men", "footfall")}
    names = busy["name"] if "name" in busy.columns else pd.Series([None] * len(busy), index=busy.index, dtype=object)
    for k, place in enumerate(busy.index.astype(str)):
        women, men, feet = (float(counted[c][k]) for c in ("women", "men", "footfall"))
        estimated = bool(np.isnan(women) or np.isnan(men))
        if estimated:
            if np.isnan(feet) or use.women_share is None or use.use_share is None:
                continue
            users = feet * use.use_share
            women, men = users * use.women_share, users * (1 - use.women_share)
        need = stalls_needed(women, men, users_per_stall=use.users_per_stall, factor=factor)
        ratio = need.ratio if np.isfinite(need.ratio) else np.nan
        rows.append(
            (place, names.iloc[k], round(women, 3), round(men, 3), estimated, need.female, need.male, ratio,
             rule.confidence.value)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _known(busy: gpd.GeoDataFrame, column: str) -> np.ndarray:
    """Numbers of a column, NaN where there is none, or none that can be."""
    if column not in busy.columns:
        return np.full(len(busy), np.nan)
    values = pd.to_numeric(busy[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values) & (values >= 0), values, np.nan)
