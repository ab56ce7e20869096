"""Closed estates that are large enough for a collection station of their own, by residents or by tonnes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.ledger import Finding, Text
from siting.standards import Catalogue
from siting.themes.waste.ground.figures import figure_of
from siting.themes.waste.ground.plots import read_plots

PEOPLE, TONNES = "waste.station.threshold_pop", "waste.station.threshold_t"
COLUMNS = ["name", "people", "t_day", "by_people", "by_tonnes", "needs", "stations_inside", "state"]
HAS, LACKS, SMALL, UNKNOWN = "has", "lacks", "small", "not_known"


def estates_of(
    estates: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    people: np.ndarray | None,
    sources: gpd.GeoDataFrame | None,
    stations: gpd.GeoDataFrame | None,
    catalogue: Catalogue,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Count residents and tonnes inside each estate and hold them against the thresholds.

    Parameters
    ----------
    people : of each demand point; None where not known
    sources : points with ``amount`` in tonnes a day; None where not known
    stations : collection and transfer stations; None: there is no such layer, so none is known to be inside

    Returns
    -------
    One row an estate, columns `COLUMNS`: ``needs`` by either threshold; ``state`` "has" (a station of its own),
    "lacks", "small" (below both) or "not_known" (of neither figure it can be said)
    """
    plots, lost, findings = read_plots(estates, "estates", demand.crs)
    shapes = np.asarray(plots.geometry.array, dtype=object)
    limit_people, limit_t = (figure_of(catalogue.by_id.get(id_)) for id_ in (PEOPLE, TONNES))
    lives = _inside(shapes, demand, people)
    makes = None if sources is None else _inside(shapes, sources, sources["amount"].to_numpy(dtype=np.float64))
    inside = None
    if stations is not None:
        inside = _inside(shapes, stations, np.ones(len(stations)), touching=True)
    names = plots["name"].tolist() if "name" in plots.columns else [None] * len(plots)
    rows = []
    for k in range(len(plots)):
        n, t = (None if v is None else float(v[k]) for v in (lives, makes))
        by_people = None if n is None or limit_people is None else n >= limit_people
        by_tonnes = None if t is None or limit_t is None else t >= limit_t
        known = [v for v in (by_people, by_tonnes) if v is not None]
        # Below the one threshold says nothing while the other is not known.
        needs = True if any(known) else False if len(known) == 2 else None
        own = None if inside is None else int(inside[k])
        state = UNKNOWN if needs is None else SMALL if not needs else UNKNOWN if own is None else HAS if own else LACKS
        rows.append(
            {
                "name": None if names[k] is None or pd.isna(names[k]) else str(names[k]),
                "people": np.nan if n is None else n,
                "t_day": np.nan if t is None else t,
                "by_people": by_people,
                "by_tonnes": by_tonnes,
                "needs": needs,
                "stations_inside": np.nan if own is None else own,
                "state": state,
            }
        )
    made = pd.DataFrame(rows, columns=COLUMNS).set_axis(plots.index, axis=0)
    for column in ("by_people", "by_tonnes", "needs"):
        made[column] = made[column].astype(object)
    if len(lost):
        text = Text(
            f"封闭小区：{len(lost)} 行不是面，未评判", f"closed estates: {len(lost)} rows are no areas, not judged"
        )
        findings = (
            Finding(code="estate_no_area", kind="dropped", count=len(lost), text=text, ids=tuple(lost.index[:20])),
        )
    return gpd.GeoDataFrame(made, geometry=plots.geometry, crs=demand.crs), findings


def _inside(
    shapes: np.ndarray, points: gpd.GeoDataFrame, amount: np.ndarray | None, *, touching: bool = False
) -> np.ndarray | None:
    """Return the sum of amounts of the points inside each shape; a point in two counts for the first only."""
    if amount is None:
        return None
    total = np.zeros(len(shapes))
    if not len(shapes) or not len(points):
        return total
    geometry = np.asarray(points.geometry.array, dtype=object)
    row, shape = shapely.STRtree(shapes).query(geometry, predicate="intersects")
    order = np.lexsort((shape, row))
    row, shape = row[order], shape[order]
    if not touching:
        first = np.unique(row, return_index=True)[1]
        row, shape = row[first], shape[first]
    np.add.at(total, shape, np.nan_to_num(amount)[row])
    return total
