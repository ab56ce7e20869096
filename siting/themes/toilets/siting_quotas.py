"""Toilets that each zone lacks by a density clause, counted as the audit of density counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import pandas as pd

from siting.coverage.model import CITY_LEVEL
from siting.coverage.rollup import ZONE_PREFIX
from siting.errors import InputError
from siting.ledger import Text
from siting.nearest_word import hint
from siting.standards.labels import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.toilets.density import WHOLE, _places, class_of_toilets, class_text, density_of, toilet_zones
from siting.themes.toilets.land_classes import RULE_OF_CLASS, ClassedLand

DENSITY = "wc.density.town_seed"
QUOTA_COLUMNS = [
    "zone", "name", "class", "rule", "area_km2", "toilets", "least", "lacks", "candidates", "asked", "sites",
]  # fmt: skip


def quota_note(rules: Sequence[Rule], level: str, shortfall: Mapping[str, int] | None) -> Text:
    """Say where the quotas of zones are from."""
    if shortfall is not None:
        return Text("各分区须新增座数由研究给定", "new toilets that zones need: given by the study")
    said = [_asks(rule) for rule in rules]
    zh, en = "；".join(one.zh for one in said), "; ".join(one.en for one in said)
    if level == CITY_LEVEL:
        return Text(f"全域密度不少于 {zh}", f"the whole area needs {en}")
    return Text(
        f"各分区单独按不少于 {zh} 计并向上取整，合计可多于按总面积所需",
        f"each zone by itself needs {en}, rounded up, so together they may need more than the whole area does",
    )


def _asks(rule: Rule) -> Text:
    low = rule.threshold[0] if isinstance(rule.threshold, tuple) else rule.threshold
    read = rule.confidence.text
    return Text(
        f"{low:g} 座/km²（{document_text(rule)}，{read.zh}）",
        f"{low:g} per km² ({document_text(rule, 'en')}, {read.en})",
    )


def zone_quotas(
    city: City,
    level: str,
    rules: Sequence[Rule],
    toilets: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    shortfall: Mapping[str, int] | None = None,
    land: ClassedLand | None = None,
    beside_m: float = 0.0,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return one row a zone (and land class) with what it lacks, and the row's key for each candidate.

    Areas, boundaries and rounding are those of `density.density_of`: ``lacks`` is the shortfall that the audit shows.

    Parameters
    ----------
    level : of zones, or ``city`` for the whole area
    rules : one density of the town, or densities of land classes, each for its own ``land``
    shortfall : new toilets that each zone needs, in place of the rules' figure; zones left out need none

    Raises
    ------
    InputError
        No such level or zone, a rule that is no density, a shortfall that is no whole number.
    """
    check_quotas(city, level, rules, shortfall, land)
    places = _places(city)
    assert places is not None
    points = gpd.GeoDataFrame(toilets[[]], geometry=toilets.representative_point())
    table = density_of(city, points, land, beside_m).table
    table = table[(table["level"] == level) & table["rule"].isin([rule.id for rule in rules])]
    unjudged = [rule.id for rule in rules if rule.id not in set(table["rule"])]
    if unjudged:
        msg = f"toilets: no density by {unjudged[0]}; take {DENSITY}, or a rule of one class of land"
        raise InputError(msg)
    by_class = not (table["class"] == WHOLE).any()
    zone_of = _zone_of(city, level, candidates, places, land if by_class else None, beside_m)
    usable = zone_of[candidates["allowed"].to_numpy(dtype=bool)].value_counts()
    rows = []
    for r in table.to_dict("records"):
        key = _key(r["zone"], r["class"] if by_class else None)
        held, least = int(r["toilets"]), int(r["needed"])
        if shortfall is not None:
            least = held + int(shortfall.get(r["zone"], 0))
        lacks = max(0, least - held)
        free = int(usable.get(key, 0))
        rows.append(
            (key, r["zone_name"], r["class"], r["rule"], r["base"], held, least, lacks, free, min(lacks, free), 0)
        )
    return pd.DataFrame(rows, columns=QUOTA_COLUMNS), zone_of


def check_quotas(
    city: City, level: str, rules: Sequence[Rule], shortfall: Mapping[str, int] | None, land: ClassedLand | None
) -> None:
    """Refuse quotas that the layers of a city cannot tell, before any is counted; arguments as for `zone_quotas`."""
    if level != CITY_LEVEL and level not in city.zones:
        listed = ", ".join([*city.zones, CITY_LEVEL])
        msg = f"toilets: no level of zones {level!r}{hint(level, [*city.zones, CITY_LEVEL])}; the levels are: {listed}"
        raise InputError(msg)
    if city.boundary is None and not city.zones:
        msg = "toilets: density needs the study's boundary or zones: the land that it is a share of is unknown"
        raise InputError(msg)
    _check_rules(rules, land)
    _check_shortfall(shortfall, level, [CITY_LEVEL] if level == CITY_LEVEL else city.zones[level].index.astype(str))


def row_name(row: Mapping[str, object]) -> Text:
    """Return the name of a zone, with its land class where quotas are by class."""
    if row["class"] == WHOLE:
        return Text(str(row["name"]), str(row["name"]))
    of = class_text(str(row["class"]))
    return Text(f"{row['name']}（{of.zh}）", f"{row['name']} ({of.en})")


def _key(zone: object, land_class: object | None) -> str:
    return str(zone) if land_class is None else f"{zone}/{land_class}"


def _zone_of(
    city: City, level: str, candidates: gpd.GeoDataFrame, places: pd.DataFrame, land: ClassedLand | None,
    beside_m: float,
) -> pd.Series:  # fmt: skip
    """Say where each candidate would count, by the same tests as toilets do; ``-`` where nowhere."""
    points = gpd.GeoDataFrame(candidates[[]], geometry=candidates.representative_point())
    where = toilet_zones(city, points, places)
    zones = [CITY_LEVEL] * len(points) if level == CITY_LEVEL else where[ZONE_PREFIX + level].astype(str)
    classes = [None] * len(points) if land is None else class_of_toilets(points, land.shapes, beside_m)
    keys = [
        _key(zone, of) if inside and (land is None or of is not None) else "-"
        for zone, of, inside in zip(zones, classes, where[CITY_LEVEL], strict=True)
    ]
    return pd.Series(keys, index=candidates.index, dtype=object)


def _check_rules(rules: Sequence[Rule], land: ClassedLand | None) -> None:
    of_classes = set(RULE_OF_CLASS.values())
    for rule in rules:
        if rule.metric != "density_per_km2" or rule.threshold is None:
            msg = f"toilets: {rule.id} is no density per km2"
            raise InputError(msg)
        if rule.id in of_classes and (land is None or rule.id not in {r.id for r in land.rules.values()}):
            msg = f"toilets: {rule.id} is about one class of land, and there is no such land; give land_use"
            raise InputError(msg)
    if len(rules) > 1 and not of_classes.issuperset(rule.id for rule in rules):
        msg = "toilets: of the densities, either one of the whole town or those of land classes"
        raise InputError(msg)


def _check_shortfall(shortfall: Mapping[str, int] | None, level: str, ids: Iterable[str]) -> None:
    known = list(ids)
    for name, count in (shortfall or {}).items():
        if name not in known:
            msg = f"toilets: shortfall of zone {name!r}, which is not in {level}{hint(name, known)}"
            raise InputError(msg)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            msg = f"toilets: shortfall of zone {name} is {count!r}, expected a whole number, 0 or more"
            raise InputError(msg)
