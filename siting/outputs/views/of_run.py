"""The views of a run: plans first, then rules, themes, facilities, zones and the ground."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import geopandas as gpd
import pandas as pd

from siting.coverage.model import Audit
from siting.ledger import Text
from siting.locate.plans.effect import tells_served, variant
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.layers import clause, headline_denominator, judged
from siting.outputs.maps.words import coverage_headline, measured_by, plan_headline
from siting.outputs.plan_states import SERVED as SERVED_STATES
from siting.outputs.plan_states import states_of
from siting.outputs.theme_style import FEW, MARK_MM, shown_classes
from siting.outputs.views.model import Condition, Group, Kind, View, ViewClass
from siting.outputs.views.ranges import distance_classes, people_classes, share_classes
from siting.outputs.views.surroundings import (
    FACILITIES,
    GROUND,
    by_value,
    of_facilities,
    of_ground,
    of_zones,
    rows_in,
    shape_of,
    single,
    that_count,
)
from siting.standards import level_text
from siting.themes.result import ThemeLayer

LINE_MM, POINT_MM = 0.5, 1.6
"""Lines of a theme as wide as on its map, and its points."""
LIGHT = 80.0
"""Marks lighter than this have a dark edge, as on maps: the ground is as light."""
SERVED, UNSERVED = Text("已覆盖", "served"), Text("未覆盖", "unserved")
NEWLY = SERVED_STATES[1].name


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
        headline = result.headlines[0] if result.headlines else None
        group = Group(id=safe_name(f"theme_{result.theme}"), title=result.title, kind="theme", headline=headline)
        drawn = [_of_theme(layer, group) for layer in result.layers if layer.name in layers]
        found += in_order(drawn)
    found += [*of_facilities(layers), *of_zones(run), *of_ground(layers)]
    opened = next((v.group for v in found if v.group.kind in ("plan", "rule", "theme")), None)
    shown = (GROUND.id, FACILITIES.id, opened.id if opened else "")
    return tuple(replace(v, leads=v.visible, visible=v.visible and v.group.id in shown) for v in found)


def in_order(drawn: Sequence[View]) -> list[View]:
    """Show the first view of a theme with all that lies over it; whatever lies over a view stands before it."""
    names = {view.id: view for view in drawn}
    order = dict.fromkeys(one for view in drawn for one in (*reversed(view.over), view.id) if one in names)
    shown = {drawn[0].id, *drawn[0].over} if drawn else set()
    return [replace(names[one], visible=one in shown) for one in order]


def _of_plan(plan: Plan, layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    safe = safe_name(plan.name)
    group = Group(id=f"plan_{safe}", title=plan.title, kind="plan")
    own = (Condition(column="plan", values=(plan.name,)),)
    note = Text(plan_headline(plan, "zh"), plan_headline(plan, "en"))
    grade = None if plan.rule is None else plan.rule.confidence.value
    view = partial(View, group=group, note=note, confidence=grade)
    demand = layers.get("demand")
    states = states_of(plan, demand if isinstance(demand, gpd.GeoDataFrame) else None)
    by_gain = tells_served(plan)
    yield view(
        id=f"plan_{safe}_sites",
        title=Text("新选点（按增益编号）", "New sites, by gain") if by_gain else Text("新选点", "New sites"),
        table="sites",
        shape="point",
        classes=single(Text("新选点", "new site"), palette.SITE),
        where=own,
        labels=("name_zh", "name_en"),
        mark="pin",
        size_mm=4.0,
        visible=True,
    )
    yield from that_count(f"plan_{safe}", Text("现有设施", "Facilities today"), plan.facility, layers, view)
    flows = rows_in(layers, "flows", own)
    if len(flows):
        lines = partial(
            view, id=f"plan_{safe}_flows", title=Text("服务归属", "Who goes where"), table="flows", shape="line",
            where=own, size_mm=0.2,
        )  # fmt: skip
        if flows["newly"].notna().any():
            yield lines(
                kind="categorised",
                column="newly",
                classes=by_value(
                    (True, NEWLY, palette.NEWLY_SERVED),
                    (False, Text("现状已覆盖", "served today as well"), palette.ZONE),
                ),
            )
        else:  # it does not say who is newly served, as without a limit nobody is
            yield lines(classes=single(Text("去该新选点", "goes to the new site"), palette.NEWLY_SERVED))
    others = rows_in(layers, "alternatives", own)
    if len(others):
        yield view(
            id=f"plan_{safe}_alternatives",
            title=Text("备选方案（A 为最优）", "Plans nearly as good (A is the best)"),
            table="alternatives",
            shape="point",
            kind="categorised",
            column="variant",
            classes=by_value(
                *((letter, variant_name(letter), colour_of(k)) for k, letter in enumerate(pd.unique(others["variant"])))
            ),
            where=own,
            labels=("variant", "variant"),
            mark="diamond",
            size_mm=3.0,
        )
    if states:
        yield view(
            id=f"plan_{safe}_demand",
            title=Text("实施前后", "Before and after") if by_gain else Text("去向", "Where people go"),
            table="demand",
            shape="point",
            kind="categorised",
            column=f"plan_{safe}",
            classes=by_value(*((state.value, state.name, state.colour) for state in states)),
            visible=True,
        )
    yield view(
        id=f"plan_{safe}_candidates",
        title=Text("候选点", "Candidates"),
        table="candidates",
        shape="point",
        kind="categorised",
        column="allowed",
        where=own,
        size_mm=1.2,
        mark="diamond",
        classes=by_value(
            (True, Text("可用", "allowed"), palette.CANDIDATE),
            (False, Text("排除（原因见属性）", "refused (see why)"), palette.UNSERVED),
        ),
    )


def variant_name(letter: str) -> Text:
    """Name a plan of a comparison: plan A (best), plan B."""
    best = Text("（最优）", " (best)") if letter == variant(0) else Text("", "")
    return Text(f"方案 {letter}{best.zh}", f"plan {letter}{best.en}")


def colour_of(place: int) -> str:
    """Return the colour of a plan of a comparison, the best first."""
    return palette.VARIANTS[place % len(palette.VARIANTS)]


def _of_rule(audit: Audit, run: RunLike, layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    safe = safe_name(audit.name)
    group = Group(id=f"rule_{safe}", title=audit.rule.name, kind="rule")
    cited = clause(audit.rule)
    note = Text(f"{coverage_headline(audit, 'zh')}；{cited}", f"{coverage_headline(audit, 'en')}; {cited}")
    own = (Condition(column="rule", values=(audit.name,)),)
    view = partial(View, group=group, note=note, confidence=audit.rule.confidence.value)
    rows = rows_in(layers, "gaps", own)
    if len(rows):
        column = "people" if rows["people"].notna().any() else "units"
        yield view(
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
        )
    places = tuple(dict.fromkeys(str(c) for c in audit.facilities["class"])) if "class" in audit.facilities else ()
    if places:
        title = Text("计入本条的设施", "Facilities that count")
        counted = {str(i) for i in audit.facilities.index}
        yield from that_count(f"rule_{safe}", title, places, layers, view, counted)
    yield view(
        id=f"rule_{safe}_served",
        title=Text("是否覆盖", "Served or not"),
        table="demand",
        shape="point",
        kind="categorised",
        column=f"served_{safe}",
        visible=True,
        classes=by_value((True, SERVED, palette.SERVED), (False, UNSERVED, palette.UNSERVED)),
    )
    yield view(
        id=f"rule_{safe}_cost",
        title=_cost_title(audit),
        table="demand",
        shape="point",
        kind="graduated",
        column=f"cost_{safe}",
        classes=distance_classes(audit),
    )
    if len(rows_in(layers, "service_areas", own)):
        yield view(
            id=f"rule_{safe}_service_areas",
            title=Text("服务区", "Service areas"),
            table="service_areas",
            shape="polygon",
            classes=single(Text("服务区", "service area"), palette.SERVED),
            where=own,
            outline=True,
            size_mm=0.3,
        )
    denominator = headline_denominator(audit)
    for level in run.zones if denominator is not None else ():
        table = layers[f"zones_{safe_name(level)}"]
        if f"share_{safe}" in table.columns and table[f"share_{safe}"].notna().any():
            yield view(
                id=f"rule_{safe}_zones_{safe_name(level)}",
                table=f"zones_{safe_name(level)}",
                shape="polygon",
                title=Text(f"覆盖率（{level_text(level).zh}）", f"Share served ({level})"),
                kind="graduated",
                column=f"share_{safe}",
                classes=share_classes(),
                labels=("name", "name"),
            )


def _cost_title(audit: Audit) -> Text:
    kind = measured_by(audit)
    unit = Text("米", "m") if audit.unit == "m" else Text("分钟", "min")
    return Text(f"到最近设施（{kind.zh}，{unit.zh}）", f"To the nearest facility ({kind.en}, {unit.en})")


def _of_theme(layer: ThemeLayer, group: Group) -> View:
    shown = shown_classes(layer)
    kind: Kind = "single" if layer.show is None else "categorised" if layer.classes else "graduated"
    classes = []
    shape = shape_of(layer.frame)
    is_point = shape == "point"
    few = is_point and len(layer.frame) <= FEW
    for one, given in zip(shown, [*layer.classes, *[None] * len(shown)], strict=False):
        value = given.value if given is not None else None
        missing = layer.show is not None and value is None and one.low is None
        classes.append(
            ViewClass(
                name=one.name,
                colour=one.colour,
                value=value,
                low=one.low,
                high=one.high,
                missing=missing,
                mark=one.mark if is_point and one.mark != "dot" else None,
                size_mm=MARK_MM[one.mark] if is_point and one.mark != "dot" else one.width_mm,
                edge=palette.INK if few and palette.lightness(one.colour) > LIGHT else None,
            )
        )
    return View(
        id=safe_name(layer.name),
        group=group,
        title=layer.title,
        table=layer.name,
        shape=shape,
        size_mm=LINE_MM if shape == "line" else POINT_MM,
        kind=kind,
        column=layer.show,
        classes=_once(classes),
        note=layer.note,
        labels=(layer.label, layer.label) if layer.label is not None else None,
        over=tuple(safe_name(above.name) for above in layer.over),
    )


def _once(classes: list[ViewClass]) -> tuple[ViewClass, ...]:
    """Draw what has no value as one class: a table does not tell "no path" from "no data"."""
    missing = [one for one in classes if one.missing]
    if len(missing) < 2:
        return tuple(classes)
    name = Text("或".join(one.name.zh for one in missing), " or ".join(one.name.en for one in missing))
    return (*(one for one in classes if not one.missing), replace(missing[-1], name=name))
