"""Living circles as layers, tables, figures and headlines that describe themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.ledger import Finding, Text
from siting.network.profiles import load_profiles
from siting.standards.labels import document_text, level_text
from siting.themes.living_circle.headlines import figures_of, headlines_of
from siting.themes.living_circle.result import LivingCircle
from siting.themes.living_circle.tiers import BLOCK, Tier
from siting.themes.living_circle.words import COMPLETENESS, columns_of
from siting.themes.result import Class, Role, Scale, ThemeLayer, ThemeResult, ThemeTable

THEME = "living_circle"
LEVELS: tuple[tuple[str, float, Text, Role], ...] = (
    ("all", 1.0, Text("齐全", "all required classes"), "good"),
    ("most", 2 / 3, Text("三分之二以上", "two thirds or more"), "fair"),
    ("some", 1 / 3, Text("三分之一以上", "a third or more"), "poor"),
    ("few", 0.0, Text("不足三分之一", "less than a third"), "bad"),
)
"""How complete the tier of a home is, for the colours of a map: name and least share of each class. In no standard."""
SHARE = Scale(unit=Text("", ""), ramp="more_is_better", breaks=(0.2, 0.4, 0.6, 0.8), percent=True)


def themed(found: LivingCircle) -> ThemeResult:
    """Write down what was found for the outputs."""
    groups = tuple(found.completeness.counting.groups)
    layers = [
        *(_community_layer(found, tier, groups) for tier in _tiers(found) if found.communities is not None),
        *(_point_layer(found, tier) for tier in _tiers(found)),
        *_circle_layers(found),
        *_other_layers(found),
    ]
    return ThemeResult(
        theme=THEME,
        title=Text("生活圈", "Living circles"),
        layers=tuple(layers),
        tables=tuple(_tables(found, groups)),
        figures=figures_of(found),
        headlines=headlines_of(found),
        indicators=found.indicators,
        findings=(*_confidence_finding(found), *found.findings),
        missing=found.gaps_in_data,
    )


def _tiers(found: LivingCircle) -> list[Tier]:
    """Tiers with a distance and something judged; the block has no distance of its own and is in the tables only."""
    return [tier for tier in found.completeness.used_tiers if tier.id != BLOCK]


def how_measured(found: LivingCircle, tier: Tier) -> Text:
    """Say by which distance a tier was judged, from which clause, and how well it all was read."""
    limit = f"{tier.limit_m:,.0f}"
    source = Text("", "") if tier.walk is None else Text(*(document_text(tier.walk, lang) for lang in ("zh", "en")))
    judged = len(found.completeness.required(tier))
    whole = judged + len(found.completeness.not_judged(tier))
    way = Text("直线", "in a straight line (no streets)") if found.straight else Text("步行", "on foot")
    return Text(
        f"{way.zh} {limit} 米，{source.zh}；应配 {whole} 类中可评 {judged} 类；应配标记未核实，不作达标结论",
        f"{limit} m {way.en}, {source.en}; {judged} of {whole} required classes judged; flags unverified, no verdict",
    )


def _community_layer(found: LivingCircle, tier: Tier, groups: tuple[str, ...]) -> ThemeLayer:
    assert found.communities is not None
    frame = found.communities
    others = tuple(t.id for t in found.tiers if t is not tier)
    keep = [c for c in frame.columns if not any(f"_{t}" in str(c) for t in others)]
    return ThemeLayer(
        name=f"{THEME}_communities_{tier.id}",
        title=Text(f"{tier.name.zh}：社区{COMPLETENESS.zh}", f"{tier.name.en}: completeness by community"),
        frame=gpd.GeoDataFrame(frame[keep]),
        columns=columns_of(keep, groups),
        show=f"completeness_{tier.id}",
        scale=SHARE,
        label="name",
        note=how_measured(found, tier),
    )


def _point_layer(found: LivingCircle, tier: Tier) -> ThemeLayer:
    others = tuple(t.id for t in found.tiers if t is not tier)
    keep = [c for c in found.points.columns if not any(f"_{t}" in str(c) for t in others)]
    frame = gpd.GeoDataFrame(found.points[keep])
    share = frame[f"completeness_{tier.id}"].to_numpy()
    # A third of 9 classes is 3: shares of whole classes are compared with room for the last digit.
    chosen = np.select([share >= least - 1e-9 for _, least, _, _ in LEVELS], [key for key, *_ in LEVELS], "few")
    frame = frame.assign(level=chosen)
    return ThemeLayer(
        name=f"{THEME}_points_{tier.id}",
        title=Text(f"{tier.name.zh}：住处的应配设施", f"{tier.name.en}: required classes of each home"),
        frame=frame,
        columns=columns_of(frame.columns),
        show="level",
        classes=tuple(Class(value=key, name=name, role=role) for key, _, name, role in LEVELS),
        own_map=tier is _tiers(found)[0],
        note=how_measured(found, tier),
    )


def _circle_layers(found: LivingCircle) -> list[ThemeLayer]:
    layers: list[ThemeLayer] = []
    if found.circles is None or found.centres is None or found.blind is None or found.overlap is None:
        return layers
    if not len(found.circles):
        return layers
    roles: tuple[Role, ...] = ("good", "fair", "poor")
    times = sorted(found.circles["minutes"].unique())
    circles = found.circles.assign(time=[f"{m:g}" for m in found.circles["minutes"]])
    who = load_profiles()[str(found.circles["profile"].iloc[0])].name
    straight = Text("，无路网，以直线代替", ", straight lines for want of streets") if found.straight else Text("", "")
    note = Text(
        f"社区中心步行可达范围（{who.zh}）{straight.zh}；人口按各住处自身路程计，不按轮廓计",
        f"what is within that time of a community's centre ({who.en}){straight.en}; people by their own way",
    )
    widest = f"{max(times):g}"
    layers.append(
        ThemeLayer(
            name=f"{THEME}_circles",
            title=Text("社区生活圈范围", "Circles of the communities"),
            frame=gpd.GeoDataFrame(circles),
            columns={**columns_of(circles.columns), "time": Text("步行时间（分钟）", "walking time (min)")},
            show="time",
            # Small circles are drawn over large ones.
            classes=tuple(
                Class(value=f"{m:g}", name=Text(f"{m:g} 分钟", f"{m:g} min"), role=role)
                for m, role in reversed(list(zip(times, roles, strict=False)))
            ),
            own_map=False,
            note=note,
        )
    )
    bands = found.bands
    if bands is not None and len(bands):
        names = [
            (key, float(a), float(b)) for key, a, b in zip(bands.index, bands["from_min"], bands["to_min"], strict=True)
        ]
        layers.append(
            _classed(
                "bands",
                bands.assign(band=bands.index),
                Text("社区中心生活圈", "Within minutes of a community centre"),
                tuple(
                    Class(value=str(key), name=Text(f"{a:g}–{b:g} 分钟", f"{a:g}–{b:g} min"), role=role)
                    for (key, a, b), role in zip(names, roles, strict=False)
                ),
                "band",
                note,
            )
        )
    layers.append(
        _classed(
            "blind",
            found.blind.assign(kind="blind"),
            Text(f"{widest} 分钟生活圈盲区", f"In no {widest}-minute circle"),
            (Class(value="blind", name=Text("不在任何圈内", "in no circle"), role="bad"),),
            "kind",
            note,
        )
    )
    layers.append(
        _classed(
            "overlap",
            found.overlap,
            Text(f"{widest} 分钟生活圈重叠", f"In several {widest}-minute circles"),
            (
                Class(value=2, name=Text("两个", "two"), role="fair"),
                Class(value=3, name=Text("三个", "three"), role="good"),
                Class(value=4, name=Text("四个及以上", "four or more"), role="accent"),
            ),
            "circles",
            note,
        )
    )
    centre = (Class(value="centre", name=Text("社区中心", "centre of a community"), role="existing"),)
    title = Text("社区中心", "Centres of the communities")
    layers.append(_classed("centres", found.centres.assign(mark="centre"), title, centre, "mark", None))
    return layers


def _classed(
    name: str, frame: gpd.GeoDataFrame, title: Text, classes: tuple[Class, ...], show: str, note: Text | None
) -> ThemeLayer:
    return ThemeLayer(
        name=f"{THEME}_{name}",
        title=title,
        frame=gpd.GeoDataFrame(frame),
        columns=columns_of(frame.columns),
        show=show,
        classes=classes,
        own_map=name in ("bands", "blind"),
        note=note,
    )


def _other_layers(found: LivingCircle) -> list[ThemeLayer]:
    layers = []
    if found.estates is not None:
        layers.append(
            ThemeLayer(
                name=f"{THEME}_estates",
                title=Text("老旧小区设施短板", "Old estates by what they lack"),
                frame=found.estates,
                columns=columns_of(found.estates.columns),
                show="missing_classes",
                scale=Scale(unit=Text("类", "classes"), ramp="more_is_worse"),
                label="name",
                note=ESTATE_NOTE,
            )
        )
    if found.parks is not None:
        roles: tuple[Role, ...] = ("good", "fair", "poor")
        sized = [t for t in found.tiers if f"fits_{t.id}" in found.parks.columns]
        classes = [
            Class(value=t.id, name=Text(f"{t.name.zh}公园规模", f"size of a {t.name.en}"), role=role)
            for t, role in zip(sized, roles, strict=False)
        ]
        below = Class(value="below", name=Text("低于各层级规模", "below every tier"), role="muted")
        frame = found.parks.assign(tier=found.parks["tier"].where(found.parks["tier"].notna(), "below"))
        layers.append(
            _classed("parks", frame, Text("公园规模与宽度", "Parks by size"), (*classes, below), "tier", PARK_NOTE)
        )
    return layers


ESTATE_NOTE = Text(
    "按短板总量（人×缺项类数）排序；三个层级的可评应配设施，未核实",
    "ranked by deficit (people x missing classes), required classes of the three tiers that can be judged, unverified",
)
PARK_NOTE = Text(
    "宽度为公园内最大内切圆的直径；最小宽度只有十分钟层级有可读条文，其余层级只比规模",
    "width: the largest circle inside; only the 10-minute tier has a least width that was read, others compare size",
)


def _tables(found: LivingCircle, groups: tuple[str, ...]) -> list[ThemeTable]:
    tables = [
        _table(
            "scorecard_city",
            Text("生活圈记分卡：全市", "Scorecard of the city"),
            found.scorecard,
            groups,
            Text("各层级单独评估，上级设施不抵下级", "each tier is judged by itself: a higher tier never stands in"),
        )
    ]
    for level, table in found.scorecards.items():
        tables.append(
            _table(
                f"scorecard_{_plain(level)}",
                Text(f"生活圈记分卡：{level_text(level).zh}", f"Scorecard by {level_text(level).en}"),
                table.reset_index(names="zone").rename(columns={"name": "zone_name"}),
                groups,
                _weighted_note(found),
            )
        )
    tables.append(_table("classes", Text("各层级设施可达情况", "Classes by tier"), found.classes, groups, None))
    title = Text("各社区缺项", "What is missing in which community")
    tables.append(_table("missing", title, found.missing, groups, _weighted_note(found)))
    if found.fairness is not None:
        note = Text("完备率在人口中的分布", "how completeness is shared out over people")
        title = Text("生活圈公平性", "Equity of the living circles")
        tables.append(_table("equity", title, found.fairness.table, groups, note))
        title = Text("生活圈洛伦兹曲线", "Lorenz curves of the living circles")
        tables.append(_table("lorenz", title, found.fairness.lorenz, groups, note))
    if found.circles is not None:
        frame = pd.DataFrame(found.circles.drop(columns="geometry")).reset_index(drop=True)
        title = Text("社区生活圈人口与绿地", "People and green of the circles")
        tables.append(_table("circle_people_green", title, frame, groups, PARK_NOTE))
    if found.estates is not None:
        frame = pd.DataFrame(found.estates.drop(columns="geometry")).reset_index(names="estate")
        tables.append(
            _table("estate_ranking", Text("老旧小区短板排序", "Old estates, worst first"), frame, groups, ESTATE_NOTE)
        )
    return tables


def _table(name: str, title: Text, frame: pd.DataFrame, groups: tuple[str, ...], note: Text | None) -> ThemeTable:
    return ThemeTable(
        name=f"{THEME}_{name}", title=title, frame=frame, columns=columns_of(frame.columns, groups), note=note
    )


def _weighted_note(found: LivingCircle) -> Text:
    noun = found.completeness.counting.noun
    straight = Text("；无路网，距离为直线", "; no streets, straight lines") if found.straight else Text("", "")
    return Text(
        f"按{noun.zh}加权；未核实，不作达标结论{straight.zh}", f"weighted by {noun.en}; unverified{straight.en}"
    )


def _plain(level: str) -> str:
    return re.sub(r"\W+", "_", level).lower()


def _confidence_finding(found: LivingCircle) -> tuple[Finding, ...]:
    flags: Mapping[str, Any] = dict(found.classes["confidence_required"].value_counts()) if len(found.classes) else {}
    unread = int(flags.get("unverified", 0))
    if not unread:
        return ()
    rows = int((found.classes["confidence"] == "unverified").sum())
    text = Text(
        f"设施表 {len(found.classes)} 行：应配/按需标记 {unread} 行未核实，数值 {rows} 行未核实；完备率随之为未核实",
        f"of {len(found.classes)} rows of the facility table the flag required/as needed of {unread} and the figures "
        f"of {rows} are unverified defaults, and so is every completeness",
    )
    return (Finding(code="unverified_table", kind="warning", count=unread, text=text),)
