"""How far waste lies from its station, by the way it is collected: on streets for vehicles and in a straight line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.access import nearest, nearest_straight
from siting.coverage.model import OUTSIDE_ZONE
from siting.coverage.rollup import ZONE_PREFIX
from siting.errors import InputError
from siting.ledger import Text
from siting.standards import Catalogue
from siting.themes.waste.ground.figures import OWN, Asked

if TYPE_CHECKING:
    from siting.network import Network

COLLECTION, TRANSFER = "waste_station", "waste_transfer"
CLASSES: Mapping[str, Text] = {
    COLLECTION: Text("垃圾收集站", "collection station"),
    TRANSFER: Text("垃圾转运站", "transfer station"),
}
MODES: Mapping[str, Text] = {
    "hand": Text("人力收集", "hand carts"),
    "small": Text("小型机动车收集", "small vehicles"),
    "large": Text("大型机动车收集", "large vehicles"),
}
RULES: Mapping[tuple[str, str], str] = {
    (COLLECTION, "hand"): "waste.station.hand",
    (COLLECTION, "small"): "waste.station.motor",
    (TRANSFER, "hand"): "waste.ts.hand",
    (TRANSFER, "small"): "waste.ts.small",
}
"""By class of station and mode, the rule with the distance; large vehicles have none."""
RURAL_RULES: Mapping[tuple[str, str], str] = {
    (COLLECTION, "hand"): "waste.rural.hand",
    (COLLECTION, "small"): "waste.rural.motor",
}
ROWS = ["facility", "mode", "limit_m", "rule", "clause_zh", "clause_en", "confidence", "own", "note", "stations",
        "sources", "amount", "beyond_sources", "beyond_amount", "beyond_share", "straight_sources", "straight_amount",
        "straight_share", "unreachable_sources"]  # fmt: skip


ZONE_ROWS = [
    "level",
    "zone",
    "facility",
    "mode",
    "limit_m",
    "confidence",
    "sources",
    "amount",
    "beyond_amount",
    "beyond_share",
    "straight_amount",
    "straight_share",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The farthest that a mode of collection goes."""

    facility: str
    mode: str
    asked: Asked

    @property
    def metres(self) -> float:
        """In metres."""
        assert self.asked.value is not None
        return self.asked.value


@dataclass(frozen=True, kw_only=True, eq=False)
class StationReach:
    """How far sources lie from stations.

    Attributes
    ----------
    sources : a row a source, index = id; ``amount``, and for each class of station ``station_<class>``,
        ``network_m_<class>``, ``straight_m_<class>`` (inf: none can be reached; NaN: there is no such network)
    table : a row a class and mode, columns `ROWS`: ``beyond_*`` on the streets, ``straight_*`` in a straight line;
        NaN where there are no streets, or no figure
    unit : of ``amount``
    """

    sources: gpd.GeoDataFrame
    table: pd.DataFrame
    limits: tuple[Limit, ...]
    unit: Text

    def by_zone(self) -> pd.DataFrame:
        """Return a row a zone, class and mode; the zones of a level add up to the whole, ground outside included."""
        rows = []
        for column in [c for c in self.sources.columns if str(c).startswith(ZONE_PREFIX)]:
            zones = self.sources[column].astype(object).where(self.sources[column].notna(), OUTSIDE_ZONE)
            for zone in sorted(zones.unique(), key=str):
                held = gpd.GeoDataFrame(self.sources[zones == zone])
                for limit in self.limits:
                    streets = bool(held[f"network_m_{limit.facility}"].notna().all())
                    row = _row(held, limit, 0, streets)
                    kept = {k: row[k] for k in ZONE_ROWS if k in row}
                    rows.append({"level": str(column).removeprefix(ZONE_PREFIX), "zone": zone, **kept})
        return pd.DataFrame(rows, columns=ZONE_ROWS)


def limits_of(
    catalogue: Catalogue, own: Mapping[str, float] | None, *, rural: bool, source: Text | None
) -> tuple[Limit, ...]:
    """Return the distances of the catalogue, and those that the study sets by mode.

    Raises
    ------
    InputError
        A mode is unknown, a distance is not above 0.
    """
    for mode, metres in (own or {}).items():
        if mode not in MODES:
            msg = f"limits: '{mode}' is no way of collecting; there are {', '.join(MODES)}"
            raise InputError(msg)
        if not (math.isfinite(metres) and metres > 0):
            msg = f"limits: {mode} is {metres!r}, expected metres above 0"
            raise InputError(msg)
    rules = {**RULES, **(RURAL_RULES if rural else {})}
    found = []
    for facility in CLASSES:
        for mode in MODES:
            rule = catalogue.by_id.get(rules.get((facility, mode), ""))
            if rule is not None and rule.limit_m is not None:
                found.append(Limit(facility=facility, mode=mode, asked=Asked(value=rule.limit_m, rule=rule)))
            if mode in (own or {}):
                asked = Asked(value=float((own or {})[mode]), own=True, source=source)
                found.append(Limit(facility=facility, mode=mode, asked=asked))
    return tuple(found)


def reach_of(
    sources: gpd.GeoDataFrame,
    unit: Text,
    stations: Mapping[str, gpd.GeoDataFrame],
    limits: Sequence[Limit],
    drive: Network | None,
    max_snap_m: float,
) -> StationReach:
    """Measure from every source to its nearest station of each class.

    Parameters
    ----------
    sources : points with ``amount``
    stations : by class, the layers that there are; a class without one is not judged
    """
    made = sources
    for facility, layer in stations.items():
        straight = nearest_straight(sources, layer)
        made = made.assign(
            **{f"station_{facility}": straight["facility"], f"straight_m_{facility}": straight["cost"].astype(float)}
        )
        column = np.full(len(sources), np.nan)
        if drive is not None:
            by_road = nearest(drive, sources, layer, max_snap_m=max_snap_m)
            column = by_road["cost"].to_numpy(dtype=np.float64)
            made = made.assign(**{f"station_{facility}": by_road["facility"]})
        made = made.assign(**{f"network_m_{facility}": column})
    rows = [
        _row(made, limit, len(stations[limit.facility]), drive is not None)
        for limit in limits
        if limit.facility in stations
    ]
    return StationReach(
        sources=gpd.GeoDataFrame(made),
        table=pd.DataFrame(rows, columns=ROWS),
        limits=tuple(limit for limit in limits if limit.facility in stations),
        unit=unit,
    )


def _row(sources: gpd.GeoDataFrame, limit: Limit, stations: int, streets: bool) -> dict[str, object]:
    amount = sources["amount"].to_numpy(dtype=np.float64)
    road = sources[f"network_m_{limit.facility}"].to_numpy(dtype=np.float64)
    line = sources[f"straight_m_{limit.facility}"].to_numpy(dtype=np.float64)
    far, far_line = road > limit.metres, line > limit.metres
    total = float(amount.sum())
    rule, cited = limit.asked.rule, limit.asked.cited
    return {
        "facility": limit.facility,
        "mode": limit.mode,
        "limit_m": limit.metres,
        "rule": None if rule is None else rule.id,
        "clause_zh": cited.zh,
        "clause_en": cited.en,
        "confidence": OWN if rule is None else rule.confidence.value,
        "own": limit.asked.own,
        "note": "" if rule is None else rule.note,
        "stations": stations,
        "sources": len(sources),
        "amount": total,
        "beyond_sources": int(far.sum()) if streets else np.nan,
        "beyond_amount": float(amount[far].sum()) if streets else np.nan,
        "beyond_share": float(amount[far].sum() / total) if streets and total else np.nan,
        "straight_sources": int(far_line.sum()),
        "straight_amount": float(amount[far_line].sum()),
        "straight_share": float(amount[far_line].sum() / total) if total else np.nan,
        "unreachable_sources": int(np.isinf(road).sum()) if streets else np.nan,
    }
