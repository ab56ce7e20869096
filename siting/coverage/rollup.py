"""From demand points and pieces of land to zones; zones of every level add up to the city exactly."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.model import CITY_LEVEL, INDICATOR_COLUMNS, OUTSIDE_ZONE, Share
from siting.coverage.ratio import PER_WHOLE
from siting.coverage.travel import SECONDS_PER_MIN, Travel
from siting.coverage.zone_rows import ZoneFigures
from siting.errors import CRSError, SchemaError
from siting.standards.model import Denominator, DistanceKind, Reading, Rule

Zones = Mapping[str, gpd.GeoDataFrame]
"""Zone layers by level, from small to large; index = zone id, column ``name``."""
ZONE_PREFIX = "zone_"


def assign_zones(points: gpd.GeoDataFrame | gpd.GeoSeries, zones: Zones) -> pd.DataFrame:
    """Say in which zone of every level each point lies.

    Parameters
    ----------
    points : layer of points
    zones : polygons by level; index = zone id

    Returns
    -------
    One row a point, one column ``zone_<level>`` a level with the zone's id. A point on an edge between zones (or where
    zones overlap) belongs to the one whose id comes first in text order, whatever the order of the rows; a point in no
    zone to `OUTSIDE_ZONE`.

    Raises
    ------
    CRSError
        A zone layer has another CRS than the points.
    SchemaError
        Zone ids repeat, or one is the reserved name `OUTSIDE_ZONE`.
    """
    place = np.asarray(points.geometry)
    tree = shapely.STRtree(place if zones else place[:0])
    columns: dict[str, NDArray[np.object_]] = {}
    for level, layer in zones.items():
        ids, polygons = ordered_zones(level, layer, points.crs)
        # Zones are the prepared side: thousands of points are tested against each of them.
        zone, row = tree.query(polygons, predicate="intersects")
        first = np.full(len(place), len(ids), dtype=np.int64)
        np.minimum.at(first, row, zone)
        columns[ZONE_PREFIX + level] = np.append(ids, OUTSIDE_ZONE).astype(object)[first]
    return pd.DataFrame(columns, index=points.index, dtype="str")


def ordered_zones(level: str, layer: gpd.GeoDataFrame, crs: object) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Ids and polygons of one zone layer, by id in text order, checked."""
    if layer.crs != crs:
        msg = (
            f"zones {level}: CRS is {_crs_name(layer.crs)}, the points have {_crs_name(crs)}; project one to the other"
        )
        raise CRSError(msg)
    ids = layer.index.astype(str).to_numpy().astype(object)
    repeated = pd.Index(ids)[pd.Index(ids).duplicated()].unique()
    if len(repeated):
        first = ", ".join(repeated[:3])
        msg = f"zones {level}: {len(repeated)} ids occur more than once (first: {first}); give each zone its own id"
        raise SchemaError(msg)
    if OUTSIDE_ZONE in ids:
        msg = f"zones {level}: the id {OUTSIDE_ZONE!r} is reserved for demand in no zone; rename that zone"
        raise SchemaError(msg)
    order = np.argsort(ids)
    return ids[order], np.asarray(layer.geometry)[order]


def _crs_name(crs: object) -> str:
    return "missing" if crs is None else str(getattr(crs, "name", crs))


def zone_names(zones: Zones) -> dict[str, dict[str, str]]:
    """Names by level and zone id; the id where a zone has no name."""
    names: dict[str, dict[str, str]] = {}
    for level, layer in zones.items():
        ids = [str(zone) for zone in layer.index]
        label = layer["name"] if "name" in layer.columns else pd.Series(None, index=layer.index, dtype=object)
        texts = label.astype(object).where(label.notna(), "").tolist()
        names[level] = {zone: str(text) if str(text).strip() else zone for zone, text in zip(ids, texts, strict=True)}
    return names


def zone_codes(zone_of: pd.Series, known: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Give every zone of one level a position.

    Parameters
    ----------
    zone_of : zone id of every row
    known : ids of all zones of the level; those without any row are numbered too

    Returns
    -------
    ids in text order with `OUTSIDE_ZONE` last, and the position of every row's zone among them.
    """
    code, seen = pd.factorize(zone_of.array)
    seen = [str(zone) for zone in seen]
    ids = [*sorted((set(known) | set(seen)) - {OUTSIDE_ZONE}), OUTSIDE_ZONE]
    position = {zone: k for k, zone in enumerate(ids)}
    # The last is for rows without a zone.
    return ids, np.array([*(position[zone] for zone in seen), -1], dtype=np.int64)[code]


def zone_shares(
    ids: list[str],
    code: NDArray[np.int64],
    served: NDArray[np.int64],
    total: NDArray[np.int64],
    denominator: Denominator,
) -> dict[str, Share]:
    """Add up one level in whole numbers.

    Parameters
    ----------
    ids, code : as `zone_codes` returns them
    served, total : shape (n,), whole numbers as `PER_WHOLE` says

    Returns
    -------
    By zone id; `OUTSIDE_ZONE` only if something lies there. Served and total add up to those of all rows.
    """
    sums = np.stack([zone_sums(code, part, len(ids)) for part in (served, total)])
    per = PER_WHOLE[denominator]
    return {
        zone: Share(served=int(sums[0, k]), total=int(sums[1, k]), per_whole=per)
        for k, zone in enumerate(ids)
        if zone != OUTSIDE_ZONE or sums[1, k]
    }


def zone_sums(code: NDArray[np.int64], value: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Add whole numbers up by zone."""
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, code, value)
    return sums


def indicator_rows(
    name: str,
    rule: Rule,
    shares: Mapping[tuple[str, str], Mapping[tuple[DistanceKind, Denominator], Share]],
    *,
    limit_m: float | None,
    passes: bool | None,
    judged: bool = True,
    reason: str | None = None,
    travel: Travel | None = None,
    by_zone: Sequence[ZoneFigures] = (),
) -> pd.DataFrame:
    """Write shares as the rows of `tables/indicators.csv`.

    Parameters
    ----------
    name : of the audit
    shares : by (zone level, zone), then by (distance kind, denominator)
    passes : the verdict. It stands only in the city's row of the rule's own distance kind and denominator: the target
        shares of the clauses are for the whole city, so a district carries figures but no verdict.
    travel : how times were measured, for a rule in minutes
    by_zone : figures of many zones, after ``shares``

    Returns
    -------
    Columns `INDICATOR_COLUMNS`. ``served`` and ``total`` are people (3 decimals), square metres (2) or units;
    ``share``, ``target`` and ``limit_m`` are NaN where there is none; ``passes`` holds True, False or None. A rule that
    was not judged has one row, without figures.
    """
    fixed = {
        "rule": name,
        "name_zh": rule.name.zh,
        "name_en": rule.name.en,
        "limit_m": np.nan if limit_m is None else limit_m,
        "target": np.nan if rule.target is None else rule.target.share,
        "target_operator": None if rule.target is None else rule.target.operator,
        "clause": f"{rule.source.document} {rule.source.clause}".strip(),
        "confidence": rule.confidence.value,
        "reading_target": _reading(rule, "target") if rule.target is not None else None,
        "reading_denominator": _reading(rule, "denominator") if rule.denominator is not None else None,
        "reading_distance": _reading(rule, "distance") if rule.distance is not None else None,
        "judged": judged,
        "reason": reason,
        "limit_min": np.nan if rule.limit_s is None else rule.limit_s / SECONDS_PER_MIN,
        "profile": None if travel is None else travel.profile.id,
        "speed": None if travel is None else travel.speed.both(" / "),
        "direction": None if travel is None else travel.direction.both(" / "),
        "elevation": None if travel is None else travel.elevation,
    }
    rows = []
    for (level, zone), figures in shares.items():
        for (distance, denominator), share in figures.items():
            own = level == CITY_LEVEL and (distance, denominator) == (rule.distance, rule.denominator)
            rows.append(
                fixed
                | {
                    "zone_level": level,
                    "zone": zone,
                    "denominator": denominator,
                    "distance": distance,
                    "served": share.served / share.per_whole,
                    "total": share.total / share.per_whole,
                    "share": np.nan if share.share is None else share.share,
                    "passes": passes if own else None,
                }
            )
    if not rows:
        figure = {"served": np.nan, "total": np.nan, "share": np.nan, "passes": None}
        place = {"zone_level": CITY_LEVEL, "zone": CITY_LEVEL}
        rows = [fixed | place | figure | {"denominator": rule.denominator, "distance": rule.distance}]
    table = pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS))
    table["passes"] = pd.Series([row["passes"] for row in rows], dtype=object)
    return pd.concat([table, *(f.rows(fixed) for f in by_zone)], ignore_index=True) if len(by_zone) else table


def _reading(rule: Rule, part: str) -> str:
    return rule.readings.get(part, Reading.ASSUMED).value
