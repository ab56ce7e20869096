"""The layers of the toilet audit: toilets, people, busy places, places that must have one, zones and land."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.model import CITY_LEVEL
from siting.ledger import Text
from siting.standards import document_text, figure_text, level_text
from siting.standards.model import Rule
from siting.themes.result import Class, ThemeLayer
from siting.themes.toilets.density import STATES as DENSITY_STATES
from siting.themes.toilets.density import TOWN_RULES, WHOLE
from siting.themes.toilets.land_classes import CLASS_NAMES
from siting.themes.toilets.must_have import PLACE_STATES, PLACES_RULE
from siting.themes.toilets.reach import BUSY_STATES, SERVED, UNSERVED, open_state
from siting.themes.toilets.records import STALLS
from siting.themes.toilets.stalls import STATES as STALL_STATES

if TYPE_CHECKING:
    from siting.themes.toilets.audit import Toilets

GRADE = Text("可信度", "how the rule was read")
TOILET = Class(value="toilet", name=Text("公共厕所", "public toilet"), role="existing")
OPEN_STATES = (
    Class(value="open", name=Text("每天此时开放", "open at this time every day"), role="good"),
    Class(value="closed", name=Text("有的日子此时不开放", "closed at this time on some day"), role="bad"),
    Class(value="unknown", name=Text("开放时间未知", "hours unknown"), role="none"),
)
TOILET_COLUMNS = {
    "name": Text("名称", "name"),
    "place_type": Text("场所类型", "kind of place"),
    **STALLS,
    "land_class": Text("计入的用地类别", "land class in which it counts"),
    "ratio": Text("女:男", "female : male"),
    "ratio_state": Text("厕位比", "ratio of stalls"),
    "female_short": Text("女厕位缺口", "stalls that women lack"),
    "hours_text": Text("开放时间（原文）", "hours as given"),
    "open_day": Text("白天", "by day"),
    "open_night": Text("夜间", "at night"),
    "confidence": GRADE,
}
CLASS_WORDS = {
    "class_zh": Text("类型", "class, Chinese"),
    "class_en": Text("类型（英文）", "class"),
}
PEOPLE_COLUMNS = {
    "people": Text("人口", "people"),
    "state": Text("半径内有无公厕", "a toilet within the radius"),
    "toilet_m": Text("至最近公厕（米）", "to the nearest toilet (m)"),
    "toilet": Text("最近公厕编号", "nearest toilet"),
    "confidence": GRADE,
}
BUSY_COLUMNS = {
    "class": Text("类型", "class"),
    "name": Text("名称", "name"),
    "toilet": Text("最近公厕编号", "nearest toilet"),
    "straight_m": Text("直线距离（米）", "straight line (m)"),
    "network_m": Text("步行距离（米）", "on foot (m)"),
    "footfall": Text("人流量", "footfall"),
    "state": Text("半径内有无公厕", "a toilet within the radius"),
    "confidence": GRADE,
}
ZONE_COLUMNS = {
    "name": Text("名称", "name"),
    "toilets": Text("公厕（座）", "toilets"),
    "needed": Text("达到下限所需（座）", "toilets that reach the lower end"),
    "km2": Text("面积（平方公里）", "area (km²)"),
    "density": Text("密度（座/平方公里）", "toilets per km²"),
    "shortfall": Text("缺口（座）", "short of the lower end, in toilets"),
    "excess": Text("超出上限（座）", "beyond the upper end, in toilets"),
    "state": Text("密度", "density"),
    "confidence": GRADE,
    "label": Text("现有/所需", "there are / needed"),
}
PLACE_COLUMNS = {
    "class": Text("类型", "class"),
    "name": Text("名称", "name"),
    "nearest_m": Text("至最近公厕（米）", "to the nearest toilet (m)"),
    "within_m": Text("判定距离（米）", "within (m)"),
    "state": Text("有无公厕", "toilet"),
    "confidence": GRADE,
}


def clause_note(rule: Rule) -> Text:
    """Say which clause is meant, its figure, and how well it was read."""
    figure, read = figure_text(rule), rule.confidence.text
    return Text(
        f"{document_text(rule, 'zh')}：{figure.zh}（{read.zh}）",
        f"{document_text(rule, 'en')}: {figure.en} ({read.en})",
    )


def layers_of(toilets: Toilets) -> list[ThemeLayer]:
    """Return every layer, in the order in which they are shown."""
    own = _toilet_layer(toilets)
    over = (toilets_over(own.name, own.frame),)
    layers = [own, replace(_people_layer(toilets), over=over)]
    if toilets.reach.busy is not None:
        layers.append(replace(_busy_layer(toilets), over=over))
    layers += _zone_layers(toilets)
    if toilets.land is not None and len(toilets.land.shapes) and len(toilets.density.table):
        layers.append(_land_layer(toilets))
    if (toilets.places.places["rule"] == PLACES_RULE).any():
        layers.append(replace(_place_layer(toilets), over=over))
    return layers


def toilets_over(name: str, toilets: gpd.GeoDataFrame) -> ThemeLayer:
    """Return the toilets as a map of who is served shows them: all alike, whatever is known of each."""
    frame = gpd.GeoDataFrame(toilets[["geometry"]].assign(is_toilet=TOILET.value))
    return ThemeLayer(name=name, title=TOILET.name, frame=frame, show="is_toilet", classes=(TOILET,))


def _toilet_layer(toilets: Toilets) -> ThemeLayer:
    records, stalls = toilets.records, toilets.stalls
    kept = [c for c in ("name", "place_type", *STALLS) if c in records.known or c == "name"]
    frame = gpd.GeoDataFrame(records.toilets[[*kept, "geometry"]])
    has_ratio = {"female", "male"} <= records.known
    show: str | None = None
    classes: tuple[Class, ...] = ()
    title = Text("公共厕所", "Public toilets")
    frame["land_class"] = toilets.density.toilet_class
    if has_ratio:
        frame["ratio"] = stalls.toilets["ratio"].replace(np.inf, np.nan)
        frame["ratio_state"] = stalls.toilets["state"]
        frame["female_short"] = stalls.toilets["female_short"]
        show, classes, title = "ratio_state", STALL_STATES, Text("公厕女男厕位比", "Female to male stalls of toilets")
    if "hours" in records.known:
        frame["hours_text"] = records.toilets["hours_text"]
        slots = {str(row["slot"]): str(row["at"]) for row in toilets.reach.slots.to_dict("records")}
        for slot, at in slots.items():
            frame[f"open_{slot}"] = open_state(records, at)
        if not has_ratio:
            at = list(slots.values())[-1]  # from morning to night: the last is the hardest
            show, classes = f"open_{list(slots)[-1]}", OPEN_STATES
            title = Text(f"公厕 {at} 开放情况", f"Toilets open at {at}")
    grades = toilets.stalls.summary["confidence"] if has_ratio else pd.Series(dtype=object)
    frame["confidence"] = ", ".join(dict.fromkeys(grades)) or None
    return ThemeLayer(
        name="toilets_points",
        title=title,
        frame=frame,
        columns=TOILET_COLUMNS,
        show=show,
        classes=classes,
        own_map=show is not None,
        note=_ratio_note(toilets) if has_ratio else None,
    )


def _ratio_note(toilets: Toilets) -> Text:
    rules = toilets.stalls.summary.drop_duplicates("rule").to_dict("records")
    read = toilets.stalls.readings
    side = (
        Text("男厕位含小便位", "men's side: stalls and urinals")
        if toilets.stalls.urinals_known
        else Text("男厕位按原始数据，未分小便位", "men's side as the data gives it, urinals not told apart")
    )
    zh = "；".join(f"{r['clause_zh']}：≥ {r['threshold']:g}:1（{read[str(r['rule'])].zh}）" for r in rules)
    en = "; ".join(f"{r['clause']}: ≥ {r['threshold']:g} : 1 ({read[str(r['rule'])].en})" for r in rules)
    return Text(f"{side.zh}；{zh}", f"{side.en}; {en}")


def _people_layer(toilets: Toilets) -> ThemeLayer:
    audit = toilets.reach.people
    kept = [c for c in ("people", "units") if c in audit.demand.columns]
    frame = gpd.GeoDataFrame(audit.demand[[*kept, "geometry"]])
    frame["state"] = np.where(audit.demand["served"].to_numpy(dtype=bool), SERVED, UNSERVED)
    frame["toilet_m"] = audit.demand["cost"].replace(np.inf, np.nan)
    frame["toilet"] = audit.demand["facility"]
    frame["confidence"] = audit.rule.confidence.value
    limit = f"{audit.limit_m or 0:g}"
    # Without people, the points are cells of land, places along streets, …
    who = Text("居民", "People") if "people" in kept else Text("需求点", "Demand points")
    return ThemeLayer(
        name="toilets_people",
        title=Text(f"{who.zh} {limit} 米内有无公厕", f"{who.en} and toilets within {limit} m"),
        frame=frame,
        columns=PEOPLE_COLUMNS,
        show="state",
        classes=BUSY_STATES,
        note=_radius_note(toilets),
    )


def _radius_note(toilets: Toilets) -> Text:
    rule = toilets.reach.people.rule
    note = clause_note(rule)
    if rule.condition is not None:
        note = Text(f"{note.zh}；{rule.condition.zh}", f"{note.en}; {rule.condition.en}")
    return note


def _busy_layer(toilets: Toilets) -> ThemeLayer:
    busy = toilets.reach.busy
    assert busy is not None
    kept = [c for c in BUSY_COLUMNS if c in busy.columns]
    frame = gpd.GeoDataFrame(busy[kept].replace(np.inf, np.nan), geometry=_points(busy), crs=busy.crs)
    frame["confidence"] = toilets.reach.people.rule.confidence.value
    limit = f"{toilets.reach.people.limit_m or 0:g}"
    note = _radius_note(toilets)
    if toilets.reach.busy_chosen:
        chosen = Text("场所取自设施图层，类型为本工具设定", "places: facilities of classes chosen here")
        note = Text(f"{note.zh}。{chosen.zh}", f"{note.en}. {chosen.en}")
    return ThemeLayer(
        name="toilets_busy",
        title=Text(f"人流密集场所 {limit} 米内有无公厕", f"Busy places and toilets within {limit} m"),
        frame=frame,
        columns=BUSY_COLUMNS,
        show="state",
        classes=BUSY_STATES,
        note=note,
    )


def _zone_layers(toilets: Toilets) -> list[ThemeLayer]:
    table = toilets.density.table
    names = [n for n in TOWN_RULES if (table["rule"] == n).any()]
    if not names:
        return []
    rows = table[table["rule"] == names[0]]
    layers = []
    for level, part in rows[rows["level"] != CITY_LEVEL].groupby("level", sort=False):
        shapes = toilets.zone_shapes[str(level)]
        frame = gpd.GeoDataFrame(
            part.rename(columns={"zone_name": "name", "base": "km2"})
            .set_index("zone")
            .rename_axis("id")[[c for c in ZONE_COLUMNS if c != "label"]],
            geometry=[shapes[str(zone)] for zone in part["zone"]],
            crs=toilets.records.toilets.crs,
        )
        frame["label"] = [f"{n} {has}/{asked}" for n, has, asked in frame[["name", "toilets", "needed"]].to_numpy()]
        asked, read = f"{part['low'].iloc[0]:g}–{part['high'].iloc[0]:g}", toilets.density.readings[names[0]]
        layers.append(
            ThemeLayer(
                name=f"toilets_{level}",
                title=Text(f"公厕密度：按{level_text(str(level)).zh}", f"Toilets per km², by {level}"),
                frame=frame,
                columns=ZONE_COLUMNS,
                show="state",
                classes=DENSITY_STATES,
                label="label",
                note=Text(
                    f"标注为现有/达到下限所需座数；政策口径 {asked} 座/平方公里（{read.zh}）；"
                    "各分区各自取整，缺口之和不等于全市缺口",
                    f"labels: toilets / needed for the lower end; policy: {asked} per km² ({read.en}); each zone is "
                    "rounded up for itself, so that shortfalls do not add up to the city's",
                ),
            )
        )
    return layers


def _land_layer(toilets: Toilets) -> ThemeLayer:
    assert toilets.land is not None
    city = toilets.density.table[toilets.density.table["level"] == CITY_LEVEL]
    city = city[~city["class"].isin([WHOLE])].set_index("class")
    areas = toilets.land.areas
    frame = gpd.GeoDataFrame(
        {
            "land_use": areas["land_use"],
            "class_zh": [None if c is None else CLASS_NAMES[c].zh for c in areas["class"]],
            "class_en": [None if c is None else CLASS_NAMES[c].en for c in areas["class"]],
            **{k: [city[k].get(c) for c in areas["class"]] for k in ("density", "low", "high", "confidence")},
            "state": pd.Series([city["state"].get(c) for c in areas["class"]], index=areas.index, dtype=object),
        },
        geometry=areas.geometry,
        crs=areas.crs,
    )
    return ThemeLayer(
        name="toilets_land_use",
        title=Text("各类用地的公厕密度", "Toilets per km² by land class"),
        frame=frame,
        columns={
            "land_use": Text("用地代码", "land use as given"),
            "class_zh": Text("类别", "class, Chinese"),
            "class_en": Text("类别（英文）", "class, English"),
            "low": Text("密度下限（座/平方公里）", "lower end of the range (per km²)"),
            "high": Text("密度上限（座/平方公里）", "upper end of the range (per km²)"),
            "density": Text("该类全市密度（座/平方公里）", "toilets per km² of the class in the city"),
            "state": Text("密度", "density"),
            "confidence": GRADE,
        },
        show="state",
        classes=DENSITY_STATES,
        note=_land_note(toilets, city),
    )


def _land_note(toilets: Toilets, city: pd.DataFrame) -> Text:
    """Say the density of each class beside its range."""
    zh, en = [], []
    for row in city[city["base"] > 0].reset_index().to_dict("records"):
        if row["class"] in CLASS_NAMES:
            name, read = CLASS_NAMES[str(row["class"])], toilets.density.readings[str(row["rule"])]
            figure, asked = f"{row['density']:.2f}", f"{row['low']:g}–{row['high']:g}"
            zh.append(f"{name.zh} {figure}（应为 {asked}，{read.zh}）")
            en.append(f"{name.en} {figure} (asked: {asked}, {read.en})")
    return Text(
        f"按类别的全市密度着色：{'；'.join(zh)}。边界上的公厕计入要求较高的一类",
        f"coloured by the density of the class in the whole city: {'; '.join(en)}. A toilet on a boundary counts in "
        "the class of which the clause asks more",
    )


def _place_layer(toilets: Toilets) -> ThemeLayer:
    places = toilets.places.places
    rows = places[places["rule"] == PLACES_RULE]
    frame = gpd.GeoDataFrame(
        rows[["place", "class", "name", "within_m", "state"]].assign(
            nearest_m=rows["nearest_m"].replace(np.inf, np.nan),
            confidence=toilets.places.summary.set_index("rule")["confidence"].loc[[PLACES_RULE]].iloc[0],
        ),
        geometry=_points(rows),
        crs=places.crs,
    ).set_index("place")
    within, clause = f"{rows['within_m'].iloc[0]:g}", toilets.places.clauses[PLACES_RULE]
    return ThemeLayer(
        name="toilets_must_have",
        title=Text("应设公厕的场所", "Places that must have a toilet"),
        frame=gpd.GeoDataFrame(frame.rename_axis("id")),
        columns=PLACE_COLUMNS,
        show="state",
        classes=PLACE_STATES,
        note=Text(
            f"{clause.zh}；{within} 米内即视为有，距离为本工具设定",
            f"{clause.en}; has one if within {within} m, a distance chosen here",
        ),
    )


def _points(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return gpd.GeoSeries(
        shapely.point_on_surface(np.asarray(frame.geometry, dtype=object)), index=frame.index, crs=frame.crs
    )
