"""Who has a collection point within the radius of the clause, and within the shorter one, straight and on foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage import Audit, audit, coverage_gaps
from siting.coverage.model import CITY_LEVEL
from siting.errors import InputError
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.waste.points.records import WASTE_POINT, Records

MANDATORY, PREFERRED = "waste.point.gb55013", "waste.point.cjj27"
RULES = (MANDATORY, PREFERRED)
ZONE_COLUMNS = ["level", "zone", "name", "rule", "denominator", "total", "served_straight", "served_network",
                "share_straight", "share_network"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """Each rule judged.

    Attributes
    ----------
    audits : by rule id; each has both kinds of distance
    gaps : by rule id, areas without a point within the radius
    zones : the city and each zone, by rule and denominator, straight and on foot side by side; columns `ZONE_COLUMNS`
    """

    audits: Mapping[str, Audit]
    gaps: Mapping[str, gpd.GeoDataFrame]
    zones: pd.DataFrame

    @property
    def main(self) -> Audit:
        """The mandatory radius, or the first that was asked for."""
        return self.audits.get(MANDATORY) or next(iter(self.audits.values()))


def reach_of(city: City, records: Records, rules: Sequence[str] = RULES) -> Reach:
    """Judge the rules.

    Raises
    ------
    InputError
        A rule is not in the catalogue, or is no radius of collection points.
    """
    audits, gaps = {}, {}
    layer = records.waste[["class", "name", "geometry"]] if records.rows_in[WASTE_POINT] else None
    for rule_id in rules:
        rule = radius_rule(city, rule_id)
        audits[rule_id] = audit(
            city.network, city.demand, layer, rule, city.zones, city.land, entrances=city.entrances,
            max_snap_m=city.max_snap_m, searches=city.searches,
        )  # fmt: skip
        gaps[rule_id] = coverage_gaps(audits[rule_id])
    return Reach(audits=audits, gaps=gaps, zones=_zones(city, audits))


def radius_rule(city: City, rule_id: str) -> Rule:
    """Return a rule that gives collection points a radius.

    Raises
    ------
    InputError
        It is not in the catalogue, or is no such rule.
    """
    if rule_id in city.catalogue:
        rule = city.catalogue[rule_id]
        if rule.limit_m is not None and WASTE_POINT in rule.facility:
            return rule
    msg = f"waste: rule {rule_id!r} gives collection points no radius; take {' or '.join(RULES)}"
    raise InputError(msg)


def _zones(city: City, audits: Mapping[str, Audit]) -> pd.DataFrame:
    rows = []
    for rule_id, found in audits.items():
        if not found.judged:
            continue
        table = found.indicators
        for (level, zone, what), part in table.groupby(["zone_level", "zone", "denominator"], sort=False):
            by = part.set_index("distance")
            names = found.zone_names.get(str(level), {})
            total = float(by["total"].iloc[0])
            served = [float(by["served"].get(kind, np.nan)) for kind in ("straight", "network")]
            if city.network is None:
                served[1] = np.nan
            name = "" if level == CITY_LEVEL else names.get(str(zone), str(zone))
            rows.append(
                (level, zone, name, rule_id, what, total, *served, *(s / total if total else np.nan for s in served))
            )
    return pd.DataFrame(rows, columns=ZONE_COLUMNS)
