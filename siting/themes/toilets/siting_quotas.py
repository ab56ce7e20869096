"""Toilets that each zone lacks by a density clause: the lower end of its range over the zone's area."""

from __future__ import annotations

import math
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from siting.coverage import assign_zones
from siting.coverage.rollup import ZONE_PREFIX
from siting.errors import InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards.labels import document_text
from siting.standards.model import Rule
from siting.themes.city import City

DENSITY = "wc.density.town_seed"
QUOTA_COLUMNS = ["zone", "name", "area_km2", "toilets", "least", "lacks", "candidates", "asked", "sites"]
_M2_PER_KM2 = 1_000_000


def quota_note(rule: Rule, shortfall: Mapping[str, int] | None) -> Text:
    """Say where the quotas of zones are from."""
    if shortfall is not None:
        return Text("各分区须新增座数由研究给定", "new toilets that zones need: given by the study")
    low = rule.threshold[0] if isinstance(rule.threshold, tuple) else rule.threshold
    read = rule.confidence.text
    return Text(
        f"各分区单独按不少于 {low:g} 座/km² 计并向上取整（{document_text(rule)}，{read.zh}），合计可多于按总面积所需",
        f"each zone by itself needs {low:g} per km2, rounded up ({document_text(rule, 'en')}, {read.en}), so together "
        "they may need more than the whole area does",
    )


def zone_quotas(
    city: City,
    level: str,
    rule: Rule,
    toilets: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    shortfall: Mapping[str, int] | None = None,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return one row a zone with what it lacks, and the zone of each candidate.

    A toilet on a border counts in one zone only, as everything does that lies on it.

    Parameters
    ----------
    rule : a density per km2; of a range the lower end
    shortfall : new toilets that each zone needs, in place of the rule's figure; zones left out need none

    Raises
    ------
    InputError
        No such level or zone, a rule that is no density, a shortfall that is no whole number.
    """
    if level not in city.zones:
        listed = ", ".join(city.zones) or "none"
        msg = f"toilets: no level of zones {level!r}{hint(level, city.zones)}; the levels are: {listed}"
        raise InputError(msg)
    if rule.metric != "density_per_km2" or rule.threshold is None:
        msg = f"toilets: {rule.id} is no density per km2"
        raise InputError(msg)
    layer = city.zones[level]
    low = rule.threshold[0] if isinstance(rule.threshold, tuple) else rule.threshold
    here = {level: layer}
    points = gpd.GeoDataFrame(toilets[[]], geometry=toilets.representative_point())
    has = assign_zones(points, here)[ZONE_PREFIX + level].astype(str).value_counts()
    zone = assign_zones(gpd.GeoDataFrame(candidates[["allowed"]], geometry=candidates.geometry), here)
    zone_of = zone[ZONE_PREFIX + level].astype(str).set_axis(candidates.index)
    usable = zone_of[candidates["allowed"].to_numpy(dtype=bool)].value_counts()
    ids = layer.index.astype(str)
    for name, count in (shortfall or {}).items():
        if name not in ids:
            msg = f"toilets: shortfall of zone {name!r}, which is not in {level}{hint(name, ids)}"
            raise InputError(msg)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            msg = f"toilets: shortfall of zone {name} is {count!r}, expected a whole number, 0 or more"
            raise InputError(msg)
    rows = []
    for k, name in enumerate(ids):
        km2 = float(layer.geometry.iloc[k].area) / _M2_PER_KM2
        held = int(has.get(name, 0))
        # An area is a measured figure: a billionth of a toilet is not one more.
        least = math.ceil(low * km2 - 1e-9) if shortfall is None else held + int(shortfall.get(name, 0))
        label = str(layer["name"].iloc[k]) if "name" in layer.columns else name
        lacks = max(0, least - held)
        free = int(usable.get(name, 0))
        rows.append((name, label, km2, held, least, lacks, free, min(lacks, free), 0))
    return pd.DataFrame(rows, columns=QUOTA_COLUMNS), zone_of
