"""Tables of new toilets: the sites, what each clause counts before and after, and what no place can mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access.service_split import part_lines
from siting.access.street_parts import StreetParts
from siting.locate import SitingResult
from siting.standards.labels import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.toilets.siting_demand import Points
from siting.themes.toilets.siting_rows import StreetRows
from siting.themes.toilets.spacing import ToiletSpacing, TypedStreets
from siting.themes.toilets.spacing_web import Web

REQUIREMENT_COLUMNS = (
    "requirement", "rule", "clause_zh", "clause_en", "confidence", "limit", "counts", "before", "after", "total",
    "beyond", "measure",
)  # fmt: skip


def site_table(pool: gpd.GeoDataFrame, result: SitingResult) -> gpd.GeoDataFrame:
    """Return the chosen places in the order of gain."""
    sites = result.to_geodataframe(pool)
    sites.index.name = "id"
    return sites


def requirement_table(
    city: City,
    radius: Rule,
    points: Points,
    pool: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    measure: str,
    spacing: ToiletSpacing | None,
    streets: Sequence[StreetRows],
    after: gpd.GeoDataFrame,
    quotas: pd.DataFrame,
    densities: Sequence[Rule],
) -> pd.DataFrame:
    """Return one row a clause and what it counts.

    ``before`` and ``after`` are what is not met: residents and busy places beyond the radius, metres of street too far
    from a toilet (walked again with the new ones), toilets that zones lack. ``beyond`` is what no place can mend.
    """
    rows = [*_radius_rows(radius, points, pool, sites, measure)]
    if spacing is not None and city.network is not None:
        xy = shapely.get_coordinates(shapely.point_on_surface(np.asarray(after.geometry.array, dtype=object)))
        for one, cut in zip(spacing.typed, streets, strict=True):
            web = Web.of(city.network, one.edges, xy, spacing.within_m)
            then = TypedStreets.of(one.spacing, one.edges, web, np.arange(len(xy)))
            rule = one.spacing.rule
            rows.append(
                _row("spacing", rule, one.spacing.limit_m, f"{one.spacing.type}_m", _far_m(one), _far_m(then),
                     float(one.web.mm.sum()) / 1000, cut.open_m)
            )  # fmt: skip
    for rule in densities if len(quotas) else ():
        mine = quotas[quotas["rule"] == rule.id]
        low = rule.threshold[0] if isinstance(rule.threshold, tuple) else rule.threshold
        left = np.maximum(mine["lacks"] - mine["sites"], 0).sum()
        short = np.maximum(mine["lacks"] - mine["candidates"], 0).sum()
        rows.append(
            _row("density", rule, low, "toilets_lacking", int(mine["lacks"].sum()), int(left),
                 int(mine["least"].sum()), int(short))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(REQUIREMENT_COLUMNS))


def _far_m(one: TypedStreets) -> float:
    return float((one.far.high2 - one.far.low2).sum()) / 2000


def _radius_rows(
    radius: Rule, points: Points, pool: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, measure: str
) -> list[dict[str, Any]]:
    near, reached = points.near, reached_by(points, pool, sites)
    possible = np.diff(near.indptr) > 0
    amount, source = points.frame["amount"].to_numpy(), points.frame["source"].to_numpy()
    rows = []
    for name in dict.fromkeys(source):
        mine = source == name
        rows.append(
            _row("radius", radius, radius.limit_m, str(name), float(amount[mine & ~points.served].sum()),
                 float(amount[mine & ~points.served & ~reached].sum()), float(amount[mine].sum()),
                 float(amount[mine & ~points.served & ~possible].sum()), measure)
        )  # fmt: skip
    return rows


def reached_by(points: Points, pool: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Whether a new toilet lies within the radius of each point."""
    near, chosen = points.near, np.zeros(len(pool), dtype=bool)
    chosen[pool.index.get_indexer(sites.index)] = True
    return _any(near.indptr, chosen[near.indices])


def _any(indptr: NDArray[np.int64], hit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    total = np.concatenate([[0], np.cumsum(hit)])
    return np.asarray(total[indptr[1:]] > total[indptr[:-1]], dtype=np.bool_)


def _row(
    name: str,
    rule: Rule,
    limit: float | None,
    counts: str,
    before: float,
    after: float,
    total: float,
    beyond: float,
    measure: str | None = None,
) -> dict[str, Any]:
    clauses = (document_text(rule), document_text(rule, "en"))
    values = (name, rule.id, *clauses, rule.confidence.value, limit, counts, before, after, total, beyond, measure)
    return dict(zip(REQUIREMENT_COLUMNS, values, strict=True))


def beyond_points(points: Points, closable: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Return the points without a toilet that no place reaches."""
    lost = ~points.served & ~closable & (points.frame["weight"].to_numpy() > 0)
    return gpd.GeoDataFrame(points.frame[lost])


def beyond_streets(city: City, streets: Sequence[StreetRows]) -> gpd.GeoDataFrame:
    """Return the parts of streets that no place closes."""
    if city.network is None or not streets:
        return gpd.GeoDataFrame({"type": [], "length_m": []}, geometry=[], crs=city.crs)
    edge = np.concatenate([one.open_edge for one in streets])
    low, high = (np.concatenate([getattr(one, name) for one in streets]) for name in ("open_low", "open_high"))
    parts = StreetParts(edge, low, high, np.zeros(len(edge), dtype=np.int64))
    lines = part_lines(city.network, parts) if len(edge) else np.empty(0, dtype=object)
    kind = np.repeat([one.type for one in streets], [len(one.open_edge) for one in streets])
    return gpd.GeoDataFrame({"type": kind, "length_m": (high - low) / 1000}, geometry=lines, crs=city.crs)
