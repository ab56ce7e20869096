"""What stations must be able to take: the load of those who are nearest, times the season, against their capacity."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.standards import Catalogue
from siting.themes.waste.stations.classes import StationClass, class_of, is_collection, size_of
from siting.themes.waste.stations.reach import StationReach

SEASON = "waste.ts.season"
COLUMNS = [
    "facility",
    "name",
    "sources",
    "load_t_day",
    "needed_low_t_day",
    "needed_high_t_day",
    "collection",
    "size_zh",
    "size_en",
    "class_low",
    "class_high",
    "capacity_t_day",
    "short_low_t_day",
    "short_high_t_day",
]


def season_of(catalogue: Catalogue) -> tuple[float, float] | None:
    """Return the ends of the seasonal factor; None where the catalogue has none."""
    rule = catalogue.by_id.get(SEASON)
    given = None if rule is None else rule.threshold
    return (given[0], given[-1]) if isinstance(given, tuple) and given else None


def loads_of(
    reach: StationReach,
    facility: str,
    stations: gpd.GeoDataFrame,
    capacity: np.ndarray,
    classes: Sequence[StationClass],
    season: tuple[float, float] | None,
    catalogue: Catalogue,
) -> pd.DataFrame:
    """Give every source to its nearest station, and say what each must be able to take.

    Parameters
    ----------
    reach : with amounts in tonnes a day
    capacity : shape (n,), of each station; NaN where it is not known

    Returns
    -------
    One row a station, index = id, columns `COLUMNS`: needed = load times the ends of the seasonal factor (NaN without
    one); ``collection`` whether even the larger is so little that it counts as a collection station; ``size_*``
    (small, medium, large) of the larger; ``class_*`` that holds it ("" above the largest class, or for none);
    ``short_*`` by which capacity falls behind, 0 where it does not
    """
    near = reach.sources[f"station_{facility}"]
    amount = reach.sources["amount"]
    load = amount.groupby(near.astype(object)).sum().reindex(stations.index).fillna(0.0).to_numpy(dtype=np.float64)
    count = near.value_counts().reindex(stations.index).fillna(0).astype(int).to_numpy()
    low, high = (load * f for f in (season if season is not None else (np.nan, np.nan)))
    sizes = [size_of(t, catalogue) for t in high]
    named = stations["name"].tolist() if "name" in stations.columns else [None] * len(stations)
    made = pd.DataFrame(
        {
            "facility": facility,
            "name": [None if n is None or pd.isna(n) else str(n) for n in named],
            "sources": count,
            "load_t_day": load,
            "needed_low_t_day": low,
            "needed_high_t_day": high,
            "collection": [is_collection(t, catalogue) for t in high],
            "size_zh": [None if r is None else r.name.zh for r in sizes],
            "size_en": [None if r is None else r.name.en for r in sizes],
            "class_low": [_class(t, classes) for t in low],
            "class_high": [_class(t, classes) for t in high],
            "capacity_t_day": capacity,
            "short_low_t_day": np.where(np.isnan(capacity), np.nan, np.maximum(low - capacity, 0.0)),
            "short_high_t_day": np.where(np.isnan(capacity), np.nan, np.maximum(high - capacity, 0.0)),
        },
        index=stations.index,
    )
    return made[COLUMNS]


def _class(t_day: float, classes: Sequence[StationClass]) -> str:
    found = class_of(t_day, classes)
    return "" if found is None else found.id
