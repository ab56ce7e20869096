"""The views of a run: plans first, then rules, themes, facilities, zones and the ground."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.model import Audit
from siting.ledger import Text
from siting.locate.plan import Plan
from siting.outputs import palette
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.layers import clause, headline_denominator, judged
from siting.outputs.maps.words import coverage_headline, measured_by, plan_headline
from siting.outputs.theme_style import ROLE_COLOUR, shown_classes
from siting.outputs.views.model import Condition, Group, Kind, Shape, View, ViewClass
from siting.outputs.views.ranges import distance_classes, people_classes, share_classes
from siting.standards.classes import load_classes
from siting.themes.result import ThemeLayer

SERVED, UNSERVED, NEWLY = Text("已覆盖", "served"), Text("未覆盖", "unserved"), Text("新增覆盖", "newly served")
GROUND = Group(id="ground", title=Text("底图", "Ground"), kind="ground")
FACILITIES = Group(id="facilities", title=Text("现有设施", "Facilities"), kind="facilities")
GROUND_TABLES: Mapping[str, tuple[Text, str]] = {
    "base_streets": (Text("街道", "streets"), palette.STREET_EDGE),
    "base_buildings": (Text("建筑", "buildings"), palette.BUILDING),
    "base_green": (Text("绿地", "green space"), palette.GREEN),
    "base_water": (Text("水域", "water"), palette.WATER),
    "base_boundary": (Text("研究范围", "study area"), palette.ZONE),
}
"""From top to bottom; see `siting.outputs.layers`."""


def views_of(run: RunLike, layers: Mapping[str, pd.DataFrame]) -> tuple[View, ...]:
    """Return every view of a run in the order of a legend: what lies on top first.

    Parameters
    ----------
    layers : the tables of `results.gpkg`, as `siting.outputs.layers.result_layers` returns them; a table without rows
        or without shapes has no view, except those of a rule and a plan that found nothing
    """
    found = [view for plan in run.plans.values() for view in _of_plan(plan, layers)]
    found += [view for audit in judged(run.audits) for view in _of_rule(audit, run, layers)]
    for result in run.themes.values():
        group = Group(id=safe_name(f"theme_{result.theme}"), title=result.title, kind="theme")
        drawn = [_of_theme(layer, group) for layer in result.layers if layer.name in layers]
        found += [replace(view, visible=k == 0) for k, view in enumerate(drawn)]
    found += [*_of_facilities(layers), *_of_zones(run), *_of_ground(layers)]
    opened = next((v.group for v in found if v.group.kind in ("plan", "rule", "theme")), None)
    shown = (GROUND.id, FACILITIES.id, opened.id if opened else "")
    return tuple(replace(v, leads=v.visible, visible=v.visible and v.group.id in shown) for v in found)


def single(name: Text, colour: str) -> tuple[ViewClass, ...]:
    """Return the one class of a layer in one colour."""
    return (ViewClass(name=name, colour=colour),)


def _of_plan(plan: Plan, layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    safe = safe_name(plan.name)
    group = Group(id=f"plan_{safe}", title=plan.title, kind="plan")
    own = (Condition(column="plan", values=(plan.name,)),)
    note = Text(plan_headline(plan, "zh"), plan_headline(plan, "en"))
    grade = None if plan.rule is None else plan.rule.confidence.value
    yield View(
        id=f"plan_{safe}_sites",
        group=group,
        title=Text("新选点（按增益编号）", "New sites, by gain"),
        table="sites",
        shape="point",
        kind="single",
        classes=single(Text("新选点", "new site"), palette.SITE),
        where=own,
        labels=("name_zh", "name_en"),
        mark="pin",
        size_mm=4.0,
        visible=True,
        note=note,
        confidence=grade,
    )
    if len(layers["facilities"]) and layers["facilities"]["class"].isin(plan.facility).any():
        yield View(
            id=f"plan_{safe}_facilities",
            group=group,
            title=Text("现有设施", "Facilities today"),
            table="facilities",
            shape="point",
            kind="single",
            classes=single(Text("现有设施", "facility"), palette.FACILITY),
            where=(Condition(column="class", values=plan.facility),),
            mark="square",
            size_mm=2.2,
            visible=True,
            note=note,
            confidence=grade,
        )
    flows = layers.get("flows")
    if flows is not None and len(flows) and (flows["plan"] == plan.name).any():
        yield View(
            id=f"plan_{safe}_flows",
            group=group,
            title=Text("服务归属", "Who goes where"),
            table="flows",
            shape="line",
            kind="categorised",
            column="newly",
            classes=(
                ViewClass(name=NEWLY, colour=palette.NEWLY_SERVED, value=True),
                ViewClass(name=Text("现状已覆盖", "served today as well"), colour=palette.ZONE, value=False),
            ),
            where=own,
            size_mm=0.2,
            note=note,
            confidence=grade,
        )
    yield View(
        id=f"plan_{safe}_demand",
        group=group,
        title=Text("实施前后", "Before and after"),
        table="demand",
        shape="point",
        kind="categorised",
        column=f"plan_{safe}",
        classes=(
            ViewClass(name=Text("原已覆盖", "served before"), colour=palette.SERVED, value="before"),
            ViewClass(name=NEWLY, colour=palette.NEWLY_SERVED, value="newly"),
            ViewClass(name=Text("仍未覆盖", "still unserved"), colour=palette.UNSERVED, value="not"),
        ),
        visible=True,
        note=note,
        confidence=grade,
    )
    yield View(
        id=f"plan_{safe}_candidates",
        group=group,
        title=Text("候选点", "Candidates"),
        table="candidates",
        shape="point",
        kind="categorised",
        column="allowed",
        where=own,
        size_mm=1.2,
        mark="diamond",
        note=note,
        confidence=grade,
        classes=(
            ViewClass(name=Text("可用", "allowed"), colour=palette.CANDIDATE, value=True),
            ViewClass(name=Text("排除（原因见属性）", "refused (see why)"), colour=palette.UNSERVED, value=False),
        ),
    )


def _of_rule(audit: Audit, run: RunLike, layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    safe = safe_name(audit.name)
    group = Group(id=f"rule_{safe}", title=audit.rule.name, kind="rule")
    grade = audit.rule.confidence
    cited = clause(audit.rule)
    note = Text(f"{coverage_headline(audit, 'zh')}；{cited}", f"{coverage_headline(audit, 'en')}; {cited}")
    own = (Condition(column="rule", values=(audit.name,)),)
    common: dict[str, Any] = {"group": group, "note": note, "confidence": grade.value}
    gaps = layers["gaps"]
    if len(gaps) and (gaps["rule"] == audit.name).any():
        rows = gaps[gaps["rule"] == audit.name]
        column = "people" if rows["people"].notna().any() else "units"
        yield View(
            id=f"rule_{safe}_gaps",
            title=Text("服务盲区（按人口）", "Gap areas, by people"),
            table="gaps",
            shape="polygon",
            kind="graduated",
            column=column,
            classes=people_classes(rows[column]),
            where=own,
            labels=("name_zh", "name_en"),
            outline=True,
            size_mm=0.5,
            visible=True,
            **common,
        )
    places = tuple(dict.fromkeys(str(c) for c in audit.facilities["class"])) if "class" in audit.facilities else ()
    if places:
        yield View(
            id=f"rule_{safe}_facilities",
            title=Text("计入本条的设施", "Facilities that count"),
            table="facilities",
            shape="point",
            kind="single",
            classes=single(Text("现有设施", "facility"), palette.FACILITY),
            mark="square",
            where=(Condition(column="class", values=places),),
            size_mm=2.2,
            visible=True,
            **common,
        )
    yield View(
        id=f"rule_{safe}_served",
        title=Text("是否覆盖", "Served or not"),
        table="demand",
        shape="point",
        kind="categorised",
        column=f"served_{safe}",
        visible=True,
        **common,
        classes=(
            ViewClass(name=SERVED, colour=palette.SERVED, value=True),
            ViewClass(name=UNSERVED, colour=palette.UNSERVED, value=False),
        ),
    )
    yield View(
        id=f"rule_{safe}_cost",
        title=_cost_title(audit),
        table="demand",
        shape="point",
        kind="graduated",
        column=f"cost_{safe}",
        classes=distance_classes(audit),
        **common,
    )
    areas = layers.get("service_areas")
    if areas is not None and len(areas) and (areas["rule"] == audit.name).any():
        yield View(
            id=f"rule_{safe}_service_areas",
            title=Text("服务区", "Service areas"),
            table="service_areas",
            shape="polygon",
            kind="single",
            classes=single(Text("服务区", "service area"), palette.SERVED),
            where=own,
            outline=True,
            size_mm=0.3,
            **common,
        )
    denominator = headline_denominator(audit)
    for level in run.zones if denominator is not None else ():
        table = layers[f"zones_{safe_name(level)}"]
        if f"share_{safe}" in table.columns and table[f"share_{safe}"].notna().any():
            yield View(
                id=f"rule_{safe}_zones_{safe_name(level)}",
                table=f"zones_{safe_name(level)}",
                shape="polygon",
                title=Text(f"覆盖率（{level}）", f"Share served ({level})"),
                kind="graduated",
                column=f"share_{safe}",
                classes=share_classes(),
                labels=("name", "name"),
                **common,
            )


def _cost_title(audit: Audit) -> Text:
    kind = measured_by(audit)
    unit = Text("米", "m") if audit.unit == "m" else Text("分钟", "min")
    return Text(f"到最近设施（{kind.zh}，{unit.zh}）", f"To the nearest facility ({kind.en}, {unit.en})")


def _of_theme(layer: ThemeLayer, group: Group) -> View:
    shown = shown_classes(layer)
    kind: Kind = "single" if layer.show is None else "categorised" if layer.classes else "graduated"
    classes = []
    for one, given in zip(shown, [*layer.classes, *[None] * len(shown)], strict=False):
        value = given.value if given is not None else None
        missing = layer.show is not None and value is None and one.low is None
        classes.append(
            ViewClass(name=one.name, colour=one.colour, value=value, low=one.low, high=one.high, missing=missing)
        )
    return View(
        id=safe_name(layer.name),
        group=group,
        title=layer.title,
        table=layer.name,
        shape=shape_of(layer.frame),
        kind=kind,
        column=layer.show,
        classes=_once(classes),
        note=layer.note,
        labels=(layer.label, layer.label) if layer.label is not None else None,
    )


def _once(classes: list[ViewClass]) -> tuple[ViewClass, ...]:
    """Draw what has no value as one class: a table does not tell "no path" from "no data"."""
    missing = [one for one in classes if one.missing]
    if len(missing) < 2:
        return tuple(classes)
    name = Text("或".join(one.name.zh for one in missing), " or ".join(one.name.en for one in missing))
    return (*(one for one in classes if not one.missing), replace(missing[-1], name=name))


def shape_of(frame: gpd.GeoDataFrame) -> Shape:
    """Return the kind of shapes a layer holds; polygon where it has none."""
    most = int(np.max(shapely.get_dimensions(frame.geometry.array), initial=-1)) if len(frame) else -1
    return "point" if most == 0 else "line" if most == 1 else "polygon"


def _of_facilities(layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    classes = load_classes()
    for table, shape in (("facilities", "point"), ("facility_areas", "polygon")):
        if table not in layers or not len(layers[table]):
            continue
        held = [str(c) for c in layers[table]["class"].dropna().unique()]
        names = {c: classes[c].name if c in classes else Text(c, c) for c in held}
        ramp = ROLE_COLOUR["existing"] if shape == "point" else palette.AREA_FACILITY
        yield View(
            id=table,
            group=FACILITIES,
            table=table,
            shape="point" if shape == "point" else "polygon",
            kind="categorised",
            title=Text("全部设施", "All facilities") if shape == "point" else Text("设施用地", "Facility areas"),
            column="class",
            classes=tuple(ViewClass(name=names[c], colour=ramp, value=c) for c in held),
            mark="square",
            outline=True,
            size_mm=1.8 if shape == "point" else 0.4,
        )
    if "gates" in layers and len(layers["gates"]):
        yield View(
            id="gates",
            group=FACILITIES,
            title=Text("出入口", "Entrances"),
            table="gates",
            shape="point",
            kind="single",
            classes=single(Text("出入口", "entrance"), palette.AREA_FACILITY),
            mark="diamond",
            size_mm=1.2,
        )
    if "unsnapped" in layers and len(layers["unsnapped"]):
        yield View(
            id="unsnapped",
            group=FACILITIES,
            title=Text("未能接入路网的点", "Points too far from any street"),
            table="unsnapped",
            shape="point",
            kind="single",
            classes=single(Text("未接入", "unsnapped"), palette.UNSERVED),
        )


def _of_zones(run: RunLike) -> Iterator[View]:
    group = Group(id="zones", title=Text("统计分区", "Zones"), kind="zones")
    for k, level in enumerate(run.zones):
        name = f"zones_{safe_name(level)}"
        yield View(
            id=name,
            group=group,
            title=Text(f"分区界线（{level}）", f"Outlines ({level})"),
            table=name,
            shape="polygon",
            kind="single",
            classes=single(Text("分区", "zone"), palette.ZONE),
            labels=("name", "name"),
            outline=True,
            size_mm=0.3,
            visible=k == 0,
        )


def _of_ground(layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    for table, (title, colour) in GROUND_TABLES.items():
        frame = layers.get(table)
        if isinstance(frame, gpd.GeoDataFrame) and len(frame):
            yield View(
                id=table,
                group=GROUND,
                title=title,
                table=table,
                shape=shape_of(frame),
                kind="single",
                classes=single(title, colour),
                outline=table == "base_boundary",
                size_mm=0.3,
                visible=True,
            )
