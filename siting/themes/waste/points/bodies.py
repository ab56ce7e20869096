"""Public bodies that sort, and key units whose waste is collected apart: the share of a policy, body by body."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import in_crs, keyed
from siting.coverage.served import served_mask
from siting.errors import InputError
from siting.inputs.schema import listed, require_columns
from siting.ledger import Finding, Text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.points.part import each_zone, names_of
from siting.themes.waste.points.records import yes_no

PUBLIC_SORT, FOOD = "waste.tj.public_sort", "waste.tj.food"
COVERED, NOT_COVERED, UNKNOWN = "covered", "not_covered", "unknown"
ZONE_COLUMNS = ["rule", "level", "zone", "name", "bodies", "covered", "not_covered", "unknown", "share_least",
                "share_most"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bodies:
    """Bodies of one rule.

    Attributes
    ----------
    rule : with the share that is the target
    bodies : index = id; ``name``, ``straight_m`` and ``network_m`` to the nearest sorting point, ``state``
    zones : columns `ZONE_COLUMNS`; ``share_least`` takes unknown bodies for not covered, ``share_most`` for covered
    by_column : whether the layer itself says who sorts; else a sorting point within the radius stands for it
    needed : bodies still to be covered until the share is reached, at most (unknown ones taken for not covered)
    """

    rule: Rule
    bodies: gpd.GeoDataFrame
    zones: pd.DataFrame
    by_column: bool
    limit_m: float
    needed: int
    findings: tuple[Finding, ...]

    @property
    def passes(self) -> bool | None:
        """Whether the share is reached; None where the unknown bodies decide, or distance stands for sorting."""
        target = self.rule.target
        city = self.zones.iloc[0]
        if target is None or not self.by_column or not city["bodies"]:
            return None
        least = target.is_met(int(city["covered"]), int(city["bodies"]))
        most = target.is_met(int(city["covered"] + city["unknown"]), int(city["bodies"]))
        return least if least == most else None


def bodies_of(
    city: City,
    rule_id: str,
    layer: gpd.GeoDataFrame,
    sorting_points: gpd.GeoDataFrame,
    limit_m: float,
    column: str | None = None,
    *,
    points_known: bool = True,
) -> Bodies:
    """Say which bodies are covered.

    Parameters
    ----------
    layer : the bodies, points or areas
    sorting_points : points that are known to sort
    limit_m : a sorting point this near, straight, stands for sorting where ``column`` is None
    column : of the layer: yes or no
    points_known : False: nothing is known of which points sort, so no body is known to be covered or not

    Raises
    ------
    InputError
        The rule has no share.
    """
    if rule_id not in city.catalogue or city.catalogue[rule_id].target is None:
        msg = f"waste: rule {rule_id!r} states no share of bodies; take {PUBLIC_SORT} or {FOOD}"
        raise InputError(msg)
    label = f"bodies of {rule_id}"
    layer = in_crs(label, keyed(layer), city.crs)
    if column is not None:
        require_columns(layer, [column], label)
    shape = np.asarray(layer.geometry, dtype=object)
    gone = np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape)) | np.asarray(layer.index.duplicated())
    findings = []
    if gone.any():
        text = Text(
            f"应分类单位：{int(gone.sum())} 行没有位置或编号重复，未计入",
            f"bodies: {int(gone.sum())} rows without a place or with an id that occurs before, left out",
        )
        ids = listed(layer.index[gone])
        findings.append(Finding(code="waste_body_row", kind="dropped", count=int(gone.sum()), text=text, ids=ids))
    layer = gpd.GeoDataFrame(layer[~gone])
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str).rename("id"), axis=0))
    places = gpd.GeoDataFrame(geometry=layer.geometry.representative_point(), crs=city.crs, index=layer.index)
    line = city.searches.nearest(places, sorting_points, "straight").cost
    walked = np.full(len(layer), np.nan)
    if city.network is not None and len(layer):
        walked = city.searches.nearest(places, sorting_points, "network").cost
    if column is not None:
        said = [yes_no(v) for v in layer[column].tolist()]
        state = [UNKNOWN if x is None else COVERED if x else NOT_COVERED for x in said]
    elif not points_known:
        state = [UNKNOWN] * len(layer)
    else:
        near = served_mask(line, limit_m) if len(layer) else np.zeros(0, dtype=bool)
        state = [COVERED if x else NOT_COVERED for x in near.tolist()]
    made = gpd.GeoDataFrame(
        {"name": names_of(layer), "straight_m": line, "network_m": walked, "state": state},
        geometry=np.asarray(layer.geometry),
        crs=city.crs,
        index=layer.index,
    )
    rule = city.catalogue[rule_id]
    zones = _zones(city, rule_id, made)
    return Bodies(
        rule=rule,
        bodies=made,
        zones=zones,
        by_column=column is not None,
        limit_m=limit_m,
        needed=_needed(rule, zones),
        findings=tuple(findings),
    )


def _zones(city: City, rule_id: str, bodies: gpd.GeoDataFrame) -> pd.DataFrame:
    state = bodies["state"].to_numpy(dtype=object)
    rows: list[tuple[object, ...]] = []
    for level, zone, name, (mine,) in each_zone(city, bodies):
        counts = [int((mine & (state == s)).sum()) for s in (COVERED, NOT_COVERED, UNKNOWN)]
        total = sum(counts)
        least, most = (counts[0] / total, (counts[0] + counts[2]) / total) if total else (np.nan, np.nan)
        if total or not rows:
            rows.append((rule_id, level, zone, name, total, *counts, least, most))
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)


def _needed(rule: Rule, zones: pd.DataFrame) -> int:
    city = zones.iloc[0]
    total, covered = int(city["bodies"]), int(city["covered"])
    assert rule.target is not None
    short = 0
    while total and covered + short < total and not rule.target.is_met(covered + short, total):
        short += 1
    return short
