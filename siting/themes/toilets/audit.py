"""Public toilets of a city: how many per km², who has one near, which stalls they have and when they are open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.toilets.density import TOWN_RULES, Density, density_of
from siting.themes.toilets.land_classes import CLASS_NAMES, RULE_OF_CLASS, ClassedLand, classed_land
from siting.themes.toilets.must_have import AT_PLACE_M, PLACE_CLASSES, MustHave, must_have
from siting.themes.toilets.needed import Use, stalls_of_places
from siting.themes.toilets.reach import BUSY_CLASSES, Reach, reach_of
from siting.themes.toilets.records import TOILET, Columns, Records, read_records
from siting.themes.toilets.stalls import Stalls, stalls_of
from siting.themes.toilets.study_area import inside_area

SHOWN_KINDS = 12
"""Kinds of place that a message lists."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Toilets:
    """What the audit of public toilets found.

    Attributes
    ----------
    records : the toilets that count, and every row with a problem
    density : per km² by land class and zone, with shortfall and excess
    land : the classed land; None without any
    reach : people and busy places within the radius, by day and night
    stalls : female to male, accessible and family stalls
    places : places that must have a toilet
    needed : stalls that busy places need by the formula: see `siting.themes.toilets.needed.stalls_of_places`
    missing : what could not be judged, and why
    zone_shapes : by level and zone id
    straight_only : whether the study has no streets
    """

    records: Records
    density: Density
    land: ClassedLand | None
    reach: Reach
    stalls: Stalls
    places: MustHave
    needed: pd.DataFrame
    missing: tuple[tuple[Text, Text], ...]
    zone_shapes: Mapping[str, Mapping[str, BaseGeometry]]
    straight_only: bool
    findings: tuple[Finding, ...] = ()

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.toilets.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many toilets there are, and how many rows they come from."""
        return f"Toilets({len(self.records.toilets)} of {self.records.rows_in} rows)"


def lacks_toilets(city: City) -> Text | None:
    """Say why toilets cannot be judged; None if they can.

    No toilets in the data is no proof that a city has none: it would make everybody unserved.
    """
    if (city.facilities["class"] == TOILET).any():
        return None
    return Text("缺少公厕图层（public_toilet）", "no toilets: give an OSM file or a layer of class public_toilet")


def audit_toilets(
    city: City,
    *,
    columns: Columns | None = None,
    crowded: Collection[str] | None = None,
    land_use: gpd.GeoDataFrame | None = None,
    land_use_field: str = "class",
    land_use_classes: Mapping[str, str] | None = None,
    busy: gpd.GeoDataFrame | None = None,
    slots: Mapping[str, str] | None = None,
    at_place_m: float = AT_PLACE_M,
    beside_m: float = 0.0,
    use: Use | None = None,
) -> Toilets:
    """Audit public toilets.

    Parameters
    ----------
    city : see `City.of`; facilities of the class ``public_toilet`` are the toilets
    columns : which columns of theirs hold stalls, hours and the kind of place; default: those of the usual names
    crowded : kinds of place that are crowded, where the ratio of crowded places applies
    land_use : areas with a class in ``land_use_field``: a code of GB 50137 (R2, A5, S42), or a word that
        ``land_use_classes`` turns into residential, public, transport_green, industry or no_clause. None: the study's
        residential land alone
    busy : places where people gather, with ``footfall``, ``women``, ``men`` at the busiest hour where known; default:
        markets, stations, parks, …
    slots : by name, a time of day at which toilets should be open; default: day 12:00, night 23:00
    at_place_m : how near to a place a toilet is its own
    beside_m : how near to classed land a toilet on none (on the street in front) counts there all the same
    use : how footfall becomes users and users become stalls; None: stalls that places need are not computed

    Returns
    -------
    `Toilets`; nothing that a missing layer or column would need is made up: it is listed in ``missing``.

    Raises
    ------
    InputError
        The city has no toilets (see `lacks_toilets`), or a column or class that was named is not there.
    """
    lacking = lacks_toilets(city)
    if lacking is not None:
        msg = f"toilets: {lacking.en}"
        raise InputError(msg)
    records = read_records(city, columns)
    land = None
    if land_use is not None:
        areas = in_crs("land use", keyed(land_use), city.crs)
        land = classed_land(areas, land_use_field, city.catalogue, land_use_classes)
    elif city.residential is not None and len(city.residential):
        areas = gpd.GeoDataFrame(city.residential.assign(**{"class": "residential"}))
        land = classed_land(areas, "class", city.catalogue)
    density = density_of(city, records.toilets, land, beside_m)
    reach = reach_of(city, records, None if busy is None else in_crs("busy places", keyed(busy), city.crs), slots)
    return Toilets(
        records=records,
        density=density,
        land=land,
        reach=reach,
        stalls=stalls_of(records, city.catalogue, crowded),
        places=must_have(city, records.drawn, at_place_m),
        needed=stalls_of_places(reach.busy, use, city.catalogue),
        missing=(*density.missing, *_missing(records, land, land_use is None, crowded, reach, use)),
        zone_shapes={
            level: dict(zip(layer.index.astype(str), layer.geometry, strict=True))
            for level, layer in city.zones.items()
        },
        straight_only=city.network is None,
        findings=tuple(
            dict.fromkeys(
                [
                    *records.findings,
                    *_outside(records, density),
                    *_places_outside(city, busy is None),
                    *_strange_kinds(records, crowded),
                    *_land_findings(land, density),
                    *reach.people.findings,
                ]
            )
        ),
    )


def _outside(records: Records, density: Density) -> tuple[Finding, ...]:
    """Say how many toilets serve people from outside the study area."""
    row = density.city(TOWN_RULES[0])
    out = 0 if row is None else len(records.toilets) - int(row["toilets"])
    if not out:
        return ()
    text = Text(
        f"公厕：{out} 座在研究范围之外，可服务范围内居民，但不计入密度",
        f"toilets: {out} lie outside the study area: they may serve its people, but do not count for density",
    )
    return (Finding(code="toilets_outside", kind="note", count=out, text=text),)


def _places_outside(city: City, busy_chosen: bool) -> tuple[Finding, ...]:
    """Say how many places that gather people or must have a toilet lie beyond the study area: nobody judges them."""
    classes = {*PLACE_CLASSES, "square", *(BUSY_CLASSES if busy_chosen else ())}
    asked = gpd.GeoDataFrame(city.facilities[city.facilities["class"].isin(classes)])
    asked = gpd.GeoDataFrame(asked[~asked.index.duplicated()])
    out = asked.index.difference(inside_area(city, asked).index)
    if not len(out):
        return ()
    text = Text(
        f"人流密集场所与应设公厕的场所：{len(out)} 处在研究范围之外，未评判",
        f"busy places and places that must have a toilet: {len(out)} lie outside the study area and are not judged",
    )
    return (Finding(code="toilet_places_outside", kind="note", count=len(out), text=text, ids=listed(out)),)


def _strange_kinds(records: Records, crowded: Collection[str] | None) -> tuple[Finding, ...]:
    """Say which kinds of crowded place no toilet is of: their toilets, if written otherwise, were judged as general."""
    have = {str(p) for p in records.toilets["place_type"].dropna()}
    strange = sorted({str(c).strip() for c in crowded or ()} - have)
    if not strange or not have:
        return ()
    zh, en = "、".join(sorted(have)[:SHOWN_KINDS]), ", ".join(sorted(have)[:SHOWN_KINDS])
    text = Text(
        f"人流集中场所（crowded）中的{'、'.join(strange)}不是任何公厕的场所类型；现有类型：{zh}",
        f"crowded: no toilet has {', '.join(strange)} as its kind of place; there are {en}",
    )
    return (Finding(code="crowded_unknown", kind="warning", count=len(strange), text=text, ids=tuple(strange)),)


def _land_findings(land: ClassedLand | None, density: Density) -> tuple[Finding, ...]:
    """Say what was wrong with the land, and how many toilets stand on none of it."""
    if land is None or not len(density.table):
        return () if land is None else land.findings
    outside = density.toilet_class.isna()
    if not outside.any():
        return land.findings
    count, ids = int(outside.sum()), tuple(map(str, density.toilet_class.index[outside][:20]))
    text = Text(
        f"公厕：{count} 座不在有密度要求的用地内，只计入全域密度",
        f"toilets: {count} stand on no land with a clause of its own and count for the town alone",
    )
    return (*land.findings, Finding(code="toilets_no_class", kind="note", count=count, text=text, ids=ids))


def _missing(
    records: Records,
    land: ClassedLand | None,
    no_layer: bool,
    crowded: Collection[str] | None,
    reach: Reach,
    use: Use | None,
) -> list[tuple[Text, Text]]:
    missing = []
    for name in RULE_OF_CLASS:
        if land is None or (no_layer and name not in land.shapes):
            what = Text(f"公厕密度：{CLASS_NAMES[name].zh}", f"toilet density on {CLASS_NAMES[name].en}")
            why = Text("缺少用地分类图层（[toilets] land_use）", "no land-use layer ([toilets] land_use)")
            missing.append((what, why))
    if not {"female", "male"} <= records.known:
        what = Text("女男厕位比", "female to male stalls")
        missing.append((what, Text("公厕图层没有男女厕位数", "the toilets have no counts of female and male stalls")))
    elif crowded is None or "place_type" not in records.known:
        what = Text("按场所类型的厕位比", "the ratio by kind of place")
        why = Text("缺少场所类型（[toilets] place_type、crowded）", "kinds of place ([toilets] place_type, crowded)")
        missing.append((what, why))
    for name, what in (
        ("accessible", Text("无障碍厕位", "accessible stalls")),
        ("family", Text("家庭（第三）卫生间", "family rooms")),
    ):
        if name not in records.known:
            missing.append((what, Text("公厕图层没有该字段", "the toilets have no such column")))
    if not {"women", "men"} <= records.known:
        what = Text("按高峰人流公式的厕位比", "the ratio by the formula")
        missing.append((what, Text("缺少高峰男女使用人数", "the toilets have no users of each sex at the peak")))
    if "hours" not in records.known:
        what = Text("昼夜开放情况", "toilets open by day and night")
        missing.append((what, Text("公厕图层没有开放时间", "the toilets have no opening hours")))
    if use is None:
        what = Text("人流密集场所所需厕位", "stalls that busy places need")
        missing.append((what, Text("缺少每厕位服务人数（[toilets.use]）", "no users a stall ([toilets.use])")))
    if reach.busy is None:
        what = Text("人流密集场所", "busy places")
        missing.append((what, Text("没有此类场所的图层", "there is no layer of such places")))
    return missing
