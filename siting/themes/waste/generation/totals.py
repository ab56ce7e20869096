"""Sums of the tonnes: by zone and origin, and the day that the clause plans for."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage import CITY_LEVEL
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.ledger import Text
from siting.themes.city import City
from siting.themes.waste.generation.bands import Band
from siting.themes.waste.generation.sources import PEOPLE
from siting.themes.waste.generation.years import ALL
from siting.themes.waste.streams import STREAMS, tonnes_of

TONNES = ["t_day", "t_day_low", "t_day_high", *(tonnes_of(s) for s in STREAMS)]
TOTAL_COLUMNS = ["level", "zone", "name", "origin", "sources", "left_out", *TONNES]
DESIGN_COLUMNS = ["stream", "stream_zh", "stream_en", "mean_t_day", "people_t_day", "others_t_day", "design_low",
                  "design_high"]  # fmt: skip


def totals_of(city: City, points: gpd.GeoDataFrame, left: gpd.GeoDataFrame, origins: list[str]) -> pd.DataFrame:
    """Add up the city and each zone by origin; columns `TOTAL_COLUMNS`.

    A stream is NaN where the streams of some source are not known. ``left_out`` counts rows whose tonnes are not known
    or cannot be used: where it is above 0 the tonnes are a lower bound.
    """
    names = zone_names(city.zones)
    where = [(CITY_LEVEL, CITY_LEVEL, "", np.ones(len(points), dtype=bool), np.ones(len(left), dtype=bool))]
    for level in city.zones:
        here, gone = (f[ZONE_PREFIX + level].astype(str).to_numpy() for f in (points, left))
        zones = sorted({*here.tolist(), *gone.tolist(), *city.zones[level].index.astype(str)})
        where += [(level, z, names[level].get(z, z), here == z, gone == z) for z in zones]
    origin = points["origin"].to_numpy(dtype=object)
    lost = left["origin"].to_numpy(dtype=object)
    tonnes = points[TONNES].to_numpy(dtype=np.float64)
    rows = []
    for level, zone, name, mine, out in where:
        for kind in (*origins, ALL):
            rows_here = mine if kind == ALL else mine & (origin == kind)
            count = int(out.sum() if kind == ALL else (out & (lost == kind)).sum())
            if kind != ALL and level != CITY_LEVEL and not rows_here.any() and not count:
                continue
            rows.append((level, zone, name, kind, int(rows_here.sum()), count, *_sums(tonnes[rows_here], count)))
    return pd.DataFrame(rows, columns=TOTAL_COLUMNS)


def _sums(values: NDArray[np.float64], count: int) -> list[float]:
    """Add up each column; nothing but rows that are not counted is unknown, not 0."""
    if not len(values) and count:
        return [np.nan] * values.shape[1]
    return [math.fsum(column) if not np.isnan(column).any() else np.nan for column in values.T]


def city_by_origin(totals: pd.DataFrame) -> pd.DataFrame:
    """Rows of the city, without the sum."""
    return totals[(totals["level"] == CITY_LEVEL) & (totals["origin"] != ALL) & (totals["sources"] > 0)]


def design_table(totals: pd.DataFrame, a1: Band, a2: Band, factor: float) -> pd.DataFrame:
    """Lay the mean day beside the day of the formula, stream by stream and together; columns `DESIGN_COLUMNS`.

    Parameters
    ----------
    factor : A1 x A2 that the tonnes of residents hold already; 1 = none
    """
    rows = []
    city = city_by_origin(totals)
    people = city[city["origin"] == PEOPLE]
    others = city[city["origin"] != PEOPLE]
    wide = q_by_zone(totals, a1, a2, factor).iloc[0]
    parts = [(ALL, "t_day", Text("合计", "together")), *((s, tonnes_of(s), words) for s, words in STREAMS.items())]
    for stream, column, words in parts:
        home = float(people[column].sum(skipna=False)) / factor if len(people) else 0.0
        other = float(others[column].sum(skipna=False)) if len(others) else 0.0
        if stream != ALL and home + other == 0:
            continue
        rows.append(
            (stream, words.zh, words.en, home + other, home, other, wide[f"q_low_{column}"], wide[f"q_high_{column}"])
        )
    return pd.DataFrame(rows, columns=DESIGN_COLUMNS)


def q_by_zone(totals: pd.DataFrame, a1: Band, a2: Band, factor: float) -> pd.DataFrame:
    """Tonnes by the formula, of the city and each zone: residents' times A1 x A2, other sources as they are.

    Returns
    -------
    ``level``, ``zone``, ``name``; ``q_low_<column>`` and ``q_high_<column>`` for ``t_day`` and each stream. The range
    is that of the rate and of A1 and A2; the streams are those of the sources, in their shares.
    """
    rows = []
    for (level, zone, name), part in totals[totals["origin"] != ALL].groupby(["level", "zone", "name"], sort=False):
        home, other = (part[(part["origin"] == PEOPLE) == mine] for mine in (True, False))
        row: dict[str, object] = {"level": level, "zone": zone, "name": name}
        for column in ("t_day", *(tonnes_of(s) for s in STREAMS)):
            rest = float(other[column].sum(skipna=False)) if len(other) else 0.0
            for end, mult in (("low", a1.low * a2.low), ("high", a1.high * a2.high)):
                own = 0.0
                if len(home):
                    total, bound = float(home["t_day"].iloc[0]), float(home[f"t_day_{end}"].iloc[0])
                    spread = bound / total if total else 1.0
                    own = float(home[column].iloc[0]) * spread * mult / factor
                row[f"q_{end}_{column}"] = own + rest
        rows.append(row)
    return pd.DataFrame(rows)
