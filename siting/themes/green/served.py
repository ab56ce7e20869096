"""300 m to green and 500 m to park: who has both, one or neither, point by point and community by community."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage import Audit, audit
from siting.coverage.rollup import ZONE_PREFIX, zone_names
from siting.coverage.schema import people_milli
from siting.ledger import Text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import Class
from siting.units import MILLI_PER_PERSON

GREEN_RULE, PARK_RULE = "park.300green", "park.500park"
SHARE_RULE = "park.gb55014.cover"
"""Says from which share of its people on a community counts as served: the policy itself names no share."""
BOTH, GREEN_ONLY, PARK_ONLY, NEITHER = "both", "green_only", "park_only", "neither"
STATES = (
    Class(value=BOTH, name=Text("见绿且见园", "green and park"), role="good"),
    Class(value=GREEN_ONLY, name=Text("见绿，不见园", "green, no park"), role="fair"),
    Class(value=PARK_ONLY, name=Text("见园，不见绿", "park, no green"), role="poor"),
    Class(value=NEITHER, name=Text("均不可达", "neither"), role="bad"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach:
    """Who has green and park within the distances of the policy.

    Attributes
    ----------
    green, park : the audits of the two rules
    points : the demand with ``state`` (one of `STATES`), ``green_m`` and ``park_m`` (metres, inf = no path) and the
        ids ``green_id``, ``park_id`` of the nearest, by the rules' own distance
    share_rule : whose target says from which share of its people on a zone counts as served; None: none does
    zones : one row a zone of every level: ``level``, ``zone``, ``name``, ``people``, then people of each state,
        ``green_share``, ``park_share`` (NaN where nobody lives) and ``state`` of the zone
    """

    green: Audit
    park: Audit
    points: gpd.GeoDataFrame
    zones: pd.DataFrame
    share_rule: Rule | None

    @property
    def title(self) -> Text:
        """The policy in words, with the distances that were used."""
        near, far = self.green.limit_m, self.park.limit_m
        return Text(f"{near:g} 米见绿、{far:g} 米见园", f"green within {near:g} m, a park within {far:g} m")


def reach_of(city: City) -> Reach:
    """Judge the two rules and lay them over each other."""
    audits = [
        audit(
            city.network,
            city.demand,
            city.facilities,
            city.catalogue[name],
            city.zones,
            city.land,
            entrances=city.entrances,
            max_snap_m=city.max_snap_m,
            searches=city.searches,
        )
        for name in (GREEN_RULE, PARK_RULE)
    ]
    green, park = audits
    has_green, has_park = (a.demand["served"].to_numpy(dtype=bool) for a in audits)
    state = np.select(
        [has_green & has_park, has_green, has_park], [BOTH, GREEN_ONLY, PARK_ONLY], default=NEITHER
    ).astype(object)
    points = city.demand.assign(
        state=state,
        green_m=green.demand["cost"],
        park_m=park.demand["cost"],
        green_id=green.demand["facility"],
        park_id=park.demand["facility"],
    )
    share_rule = next((rule for rule in city.catalogue if rule.id == SHARE_RULE), None)
    return Reach(
        green=green, park=park, points=points, zones=zone_table(city, points, share_rule), share_rule=share_rule
    )


def zone_table(city: City, points: gpd.GeoDataFrame, share_rule: Rule | None) -> pd.DataFrame:
    """People of each state in each zone; units where people are unknown."""
    weight = people_milli(points)
    per_whole = MILLI_PER_PERSON
    if weight is None:
        weight, per_whole = np.asarray(points.get("units", pd.Series(1, index=points.index)), dtype=np.int64), 1
    names = zone_names(city.zones)
    enough = None if share_rule is None else share_rule.target
    rows = []
    for level in city.zones:
        zone_of = points[ZONE_PREFIX + level].astype(str).to_numpy()
        for zone in [str(z) for z in city.zones[level].index]:
            mine = zone_of == zone
            total = int(weight[mine].sum())
            of = {c.value: int(weight[mine & (points["state"].to_numpy() == c.value)].sum()) for c in STATES}
            green, park = of[BOTH] + of[GREEN_ONLY], of[BOTH] + of[PARK_ONLY]
            row = {"level": level, "zone": zone, "name": names[level].get(zone, zone), "people": total / per_whole}
            row |= {f"people_{value}": count / per_whole for value, count in of.items()}
            row["green_share"], row["park_share"] = (part / total if total else np.nan for part in (green, park))
            met = [enough is not None and total > 0 and enough.is_met(part, total) for part in (green, park)]
            row["state"] = None
            if total and enough is not None:
                row["state"] = {(True, True): BOTH, (True, False): GREEN_ONLY, (False, True): PARK_ONLY}.get(
                    (met[0], met[1]), NEITHER
                )
            rows.append(row)
    columns = ["level", "zone", "name", "people", *(f"people_{c.value}" for c in STATES)]
    return pd.DataFrame(rows, columns=[*columns, "green_share", "park_share", "state"])
