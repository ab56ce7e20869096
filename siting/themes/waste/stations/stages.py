"""One stage or two: whether the mean haul to plants calls for a large transfer station, by each reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.access import nearest, nearest_straight
from siting.standards import Catalogue
from siting.standards.labels import document_text
from siting.themes.waste.ground.figures import figure_of

if TYPE_CHECKING:
    from siting.network import Network

RULES = ("waste.ts.large_30", "waste.ts.large_20")
M_PER_KM = 1000.0
COLUMNS = [
    "rule",
    "clause_zh",
    "clause_en",
    "confidence",
    "limit_km",
    "mean_km",
    "by_network",
    "amount",
    "amount_beyond",
    "share_beyond",
    "unreachable_amount",
    "large",
]


def stages_of(
    sources: gpd.GeoDataFrame,
    plants: gpd.GeoDataFrame,
    catalogue: Catalogue,
    drive: Network | None,
    max_snap_m: float,
) -> pd.DataFrame:
    """Judge the mean way from sources to their nearest plant by each reading of the clause.

    Returns
    -------
    One row a rule: ``mean_km`` of what reaches a plant, weighted by ``amount``; ``large`` whether that is above the
    figure, so that a large station and a second stage are called for (None where nothing reaches a plant);
    ``amount_beyond``: of sources that are each farther than it
    """
    found = (
        nearest_straight(sources, plants) if drive is None else nearest(drive, sources, plants, max_snap_m=max_snap_m)
    )
    way = found["cost"].to_numpy(dtype=np.float64) / M_PER_KM
    amount = sources["amount"].to_numpy(dtype=np.float64)
    there = np.isfinite(way)
    reached = float(amount[there].sum())
    mean = float((way[there] * amount[there]).sum() / reached) if reached else np.nan
    rows = []
    for id_ in RULES:
        rule = catalogue.by_id.get(id_)
        limit = figure_of(rule)
        if rule is None or limit is None:
            continue
        beyond = float(amount[there & (way > limit)].sum())
        rows.append(
            {
                "rule": id_,
                "clause_zh": document_text(rule, "zh"),
                "clause_en": document_text(rule, "en"),
                "confidence": rule.confidence.value,
                "limit_km": limit,
                "mean_km": mean,
                "by_network": drive is not None,
                "amount": reached,
                "amount_beyond": beyond,
                "share_beyond": beyond / reached if reached else np.nan,
                "unreachable_amount": float(amount[~there].sum()),
                "large": None if np.isnan(mean) else bool(mean > limit),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)
