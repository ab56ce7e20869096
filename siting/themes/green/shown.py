"""The green audit in the words of planners: layers, tables, figures and sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.standards import DENOMINATORS, DISTANCES, document_text, level_text
from siting.themes.green.detour import GATE_COLUMNS, Detour
from siting.themes.green.official import radii_text
from siting.themes.green.parks import COLUMNS as PARK_COLUMNS
from siting.themes.green.served import BOTH, NEITHER, STATES
from siting.themes.green.waterfront import waterfront_layers, waterfront_table
from siting.themes.result import Scale, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.themes import load_themes

if TYPE_CHECKING:
    from siting.themes.green.audit import Green

PEOPLE = Text("人", "people")
LOSS = {
    "loss_people": Text("直线在限值内但步行超出的人口", "people within the straight distance but not on foot"),
    "wall_people": Text("其中若边界开放即可到达的人口", "of whom an open boundary would serve"),
}
MEASURES = {
    "official": Text("官方口径：公园边界直线半径覆盖的居住用地", "official: residential land inside the radii"),
    "straight": Text("直线距离至公园边界", "straight line to the boundary"),
    "network": Text("步行网络至出入口", "on foot to an entry"),
    "open_boundary": Text("步行网络，假设边界处处开放", "on foot, if the boundary were open wherever a street passes"),
}
GRADE = Text("可信度", "how the rule was read")
STRAIGHT = Text("无路网：全部为直线距离", "no streets: straight lines only")


def themed(green: Green) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    water = green.waterfront
    return ThemeResult(
        theme="green",
        title=load_themes()["green"].name,
        layers=(*(_graded(green, one) for one in _layers(green)), *([] if water is None else waterfront_layers(water))),
        tables=(
            *(_graded(green, one) for one in _tables(green)),
            *([] if water is None else [waterfront_table(water)]),
        ),
        figures=_figures(green),
        headlines=tuple(_headlines(green)),
        indicators=_indicators(green),
        findings=green.findings,
        missing=green.missing,
    )


_Shown = TypeVar("_Shown", ThemeLayer, ThemeTable)


def _graded(green: Green, shown: _Shown) -> _Shown:
    """Say in each row how well the rules of green and park were read, where the rows have no grade of their own."""
    if "confidence" in shown.frame.columns:
        return shown
    rules = (green.reach.green.rule, green.reach.park.rule)
    grade = ", ".join(dict.fromkeys(rule.confidence.value for rule in rules))
    frame = shown.frame.assign(confidence=pd.Series(grade, index=shown.frame.index, dtype="str"))
    return replace(shown, frame=frame, columns={**shown.columns, "confidence": GRADE})


def _note(green: Green, text: Text) -> Text:
    return Text(f"{STRAIGHT.zh}。{text.zh}", f"{STRAIGHT.en}. {text.en}") if green.straight_only else text


def _layers(green: Green) -> list[ThemeLayer]:
    reach = green.reach
    state = reach.title
    layers = [
        ThemeLayer(
            name="green_points",
            title=state,
            frame=gpd.GeoDataFrame(reach.points[["state", "green_m", "park_m", "green_id", "park_id", "geometry"]]),
            columns={
                "state": state,
                "green_m": Text("至最近绿地（米）", "to the nearest green (m)"),
                "park_m": Text("至最近公园（米）", "to the nearest park (m)"),
                "green_id": Text("最近绿地编号", "nearest green"),
                "park_id": Text("最近公园编号", "nearest park"),
            },
            show="state",
            classes=STATES,
            note=_note(green, _goal_note(green)),
        )
    ]
    layers += [_zone_layer(green, level, shapes) for level, shapes in green_zones(green).items()]
    title = Text("公园", "Parks")
    columns = {**PARK_COLUMNS, **LOSS}
    if green.detour is None:
        layers.append(ThemeLayer(name="green_parks", title=title, frame=green.parks, columns=columns, own_map=False))
        return layers
    layers.append(
        ThemeLayer(
            name="green_parks",
            title=Text("绕行损失：围墙挡住了多少人", "Detour loss: people whom boundaries keep out"),
            frame=green.parks,
            columns=columns,
            show="wall_people",
            scale=Scale(unit=PEOPLE, ramp="more_is_worse"),
            note=Text(
                "离公园直线距离在限值内、按现有出入口步行超出、若边界开放即可到达的人口",
                "people within the straight distance whom today's entries do not serve, and an open boundary would",
            ),
        )
    )
    if len(green.detour.gates):
        layers.append(_gate_layer(green.detour))
    return layers


def _goal_note(green: Green) -> Text:
    read = green.reach.park.rule.confidence.text
    return Text(f"政策目标（{read.zh}），未给出达标比例", f"a policy goal ({read.en}) without a target share")


def _gate_layer(detour: Detour) -> ThemeLayer:
    return ThemeLayer(
        name="green_gates",
        title=Text("建议增设的公园出入口", "Gates that would win most"),
        frame=detour.gates.assign(label=[f"{k}" for k in detour.gates["order"]]),
        columns={
            "park": Text("公园编号", "park"),
            "gain_people": Text("依次开设时新增服务人口", "people newly served, after the gates before it"),
            "order": Text("次序", "order"),
            "gain_alone_people": Text("单独开设时新增服务人口", "people newly served by it alone"),
        },
        show="gain_people",
        scale=Scale(unit=PEOPLE, ramp="neutral"),
        label="label",
        note=Text("按新增人口逐个选取；用地与权属须现场核实", "chosen one by one; check ground and ownership on site"),
    )


def green_zones(green: Green) -> dict[str, pd.DataFrame]:
    """Return the zone table by level, in the order of the levels."""
    return {str(level): rows for level, rows in green.reach.zones.groupby("level", sort=False)}


def _share_note(green: Green) -> Text:
    rule = green.reach.share_rule
    if rule is None or rule.target is None:
        return Text("未设分区达标比例", "no share is set from which a zone counts as served")
    sign, share = {">=": "≥", ">": ">"}[rule.target.operator], f"{rule.target.share:.0%}"
    return Text(
        f"分区以人口占比 {sign} {share} 计为达到：借用 {document_text(rule, 'zh')} 对居住用地的目标，仅供比较",
        f"a zone counts as served from {sign} {share} of its people: the share that {document_text(rule, 'en')} sets "
        "for residential land, borrowed for comparison",
    )


def _zone_layer(green: Green, level: str, rows: pd.DataFrame) -> ThemeLayer:
    shapes = green.zone_shapes[level]
    frame = gpd.GeoDataFrame(
        rows.drop(columns="level").set_index("zone").rename_axis("id"),
        geometry=[shapes[str(zone)] for zone in rows["zone"]],
        crs=green.parks.crs,
    )
    return ThemeLayer(
        name=f"green_{level}",
        title=Text(f"{green.reach.title.zh}：按{level_text(level).zh}", f"{green.reach.title.en}, by {level}"),
        frame=frame,
        columns=ZONE_COLUMNS,
        show="state",
        classes=STATES,
        label="name",
        note=_note(
            green,
            _share_note(green),
        ),
    )


ZONE_COLUMNS = {
    "name": Text("名称", "name"),
    "people": Text("人口", "people"),
    **{f"people_{c.value}": Text(f"{c.name.zh}的人口", f"people with {c.name.en}") for c in STATES},
    "green_share": Text("见绿人口占比", "share of people with green"),
    "park_share": Text("见园人口占比", "share of people with a park"),
    "state": Text("分区状态", "state of the zone"),
}


def _tables(green: Green) -> list[ThemeTable]:
    rules = [*(one.rule for one in green.official), green.reach.park.rule, green.reach.green.rule]
    read = {rule.id: rule.confidence.value for rule in rules}
    measures = green.measures.assign(
        measure_zh=[MEASURES[m].zh for m in green.measures["measure"]],
        measure_en=[MEASURES[m].en for m in green.measures["measure"]],
        confidence=[read.get(rule, "") for rule in green.measures["rule"]],
    )
    official = pd.DataFrame(
        [
            {"rule": one.rule.id, "radii_zh": radii_text(one).zh, "radii_en": radii_text(one).en}
            for one in green.official
        ],
        columns=["rule", "radii_zh", "radii_en"],
    )
    tables = [
        ThemeTable(
            name="green_measures",
            title=Text("同一批公园的几种口径", "The same parks by each measure"),
            frame=measures.merge(official, on="rule", how="left"),
            columns={
                "measure": Text("口径", "measure"),
                "served": Text("覆盖量（人、平方米或单元）", "served (people, m² or units)"),
                "confidence": GRADE,
                "radii_zh": Text("采用的半径与公园数量", "radii drawn, and around how many parks (Chinese)"),
            },
            note=Text("只有官方口径可与目标比较", "only the official measure may be compared with a target"),
        ),
        ThemeTable(
            name="green_rates",
            title=Text("人均与绿地率指标", "Green by person and by land"),
            frame=green.rates.table,
            columns={
                "value": Text("数值（单位见 unit）", "figure, in `unit`"),
                "of": Text("人口或用地面积（平方米）", "people, or land in m²"),
                "meets": Text("与条文比较；未读到原文的不作比较", "against the clause; empty where it was not read"),
            },
        ),
        ThemeTable(
            name="green_zones",
            title=Text("各分区见绿见园情况", "Green and park by zone"),
            frame=green.reach.zones,
            columns=ZONE_COLUMNS,
            note=_note(green, _goal_note(green)),
        ),
    ]
    if green.detour is not None:
        names = green.parks["name"].to_dict()
        gates = pd.DataFrame(green.detour.gates[GATE_COLUMNS]).reset_index()
        gates.insert(2, "park_name", [names.get(p) for p in gates["park"]])
        tables.append(
            ThemeTable(name="green_gates", title=Text("建议增设的出入口", "Gates that would win most"), frame=gates)
        )
        tables.append(_loss_by_zone(green))
    return tables


def _loss_by_zone(green: Green) -> ThemeTable:
    assert green.detour is not None
    points = green.detour.points
    rows = []
    zones = [c for c in green.reach.points.columns if str(c).startswith("zone_")]
    for column in zones:
        zone = green.reach.points.loc[points.index, column].astype(str)
        sums = pd.DataFrame({"zone": zone, "loss_people": points["people"], "wall": points["wall"]})
        sums["wall_people"] = sums["loss_people"].where(sums["wall"], 0.0)
        total = sums.groupby("zone")[["loss_people", "wall_people"]].sum().reset_index()
        total.insert(0, "level", str(column).removeprefix("zone_"))
        rows.append(total)
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["level", "zone", *LOSS])
    return ThemeTable(
        name="green_detour", title=Text("各分区绕行损失", "Detour loss by zone"), frame=frame, columns=LOSS
    )


def _figures(green: Green) -> dict[str, Any]:
    park, reach = green.reach.park, green.reach
    people = park.headline("people")
    states = reach.points.groupby("state")["people"].sum() if "people" in reach.points.columns else None
    detour = green.detour
    return {
        "parks": len(green.parks),
        "park_area_m2": round(float(green.parks["area_m2"].sum()), 1),
        "people": None if people is None else people.total / people.per_whole,
        "people_by_state": None
        if states is None
        else {str(c.value): round(float(states.get(c.value, 0.0)), 3) for c in STATES},
        "official": {
            one.rule.id: {
                "served_m2": one.city.served / 100,
                "total_m2": one.city.total / 100,
                "share": one.city.share,
                "target": one.rule.target.share if one.rule.target else None,
                "passes": one.passes,
                "confidence": one.rule.confidence.value,
            }
            for one in green.official
        },
        "detour_loss_people": None if detour is None else round(float(detour.parks["loss_people"].sum()), 3),
        "wall_people": None if detour is None else round(float(detour.parks["wall_people"].sum()), 3),
        "waterfront": _waterfront(green),
        "straight_only": green.straight_only,
    }


def _waterfront(green: Green) -> dict[str, float] | None:
    water = green.waterfront
    if water is None:
        return None
    city = water.zones.iloc[0]
    people = {name: float(city[name]) for name in ("people_near", "people_far", "people")}
    return {"near_m": water.near_m, "far_m": water.far_m, **people}


def _headlines(green: Green) -> list[Text]:
    lines = []
    states = _figures(green)["people_by_state"]
    if states is not None and sum(states.values()):
        total = sum(states.values())
        kind, goal = DISTANCES[green.reach.park.distance], green.reach.title
        read = green.reach.park.rule.confidence.text
        both, neither = (percent(states[c] / total) for c in (BOTH, NEITHER))
        lines.append(
            Text(
                f"{both} 的人口 {goal.zh}，{neither} 两者皆无（{kind.zh}；{read.zh}）",
                f"{both} of the people have {goal.en}; {neither} have neither ({kind.en}; {read.en})",
            )
        )
    for one in green.official[:2]:
        if one.city.share is None or one.rule.target is None:
            continue
        verdict = {
            True: Text("达标", "target met"), False: Text("未达标", "target not met"),
            None: Text("不作结论", "no verdict"),
        }[one.passes]  # fmt: skip
        sign = {">=": "≥", ">": ">"}[one.rule.target.operator]
        read = one.rule.confidence.text
        lines.append(
            Text(
                f"{one.rule.name.zh}：{percent(one.city.share)} 的{DENOMINATORS['land'].zh}，目标 {sign} "
                f"{one.rule.target.share:.0%}，{verdict.zh}（{read.zh}）",
                f"{one.rule.name.en}: {percent(one.city.share)} of {DENOMINATORS['land'].en}, target {sign} "
                f"{one.rule.target.share:.0%}, {verdict.en} ({read.en})",
            )
        )
    detour = green.detour
    if detour is not None and len(detour.parks) and len(detour.gates):
        worst, best = detour.parks.iloc[0], detour.gates.iloc[0]
        name, at = _named(green, str(detour.parks.index[0])), _named(green, str(best["park"]))
        cost, gain = f"{worst['wall_people']:,.0f}", f"{best['gain_people']:,.0f}"
        lines.append(
            Text(
                f"围墙代价最大的是{name}：{cost} 人；在{at}开一处门可新增服务 {gain} 人",
                f"boundaries cost most at {name}: {cost} people; one gate at {at} would newly serve {gain}",
            )
        )
    water = _waterfront(green)
    if water is not None and water["people"]:
        near, far = (percent(water[name] / water["people"]) for name in ("people_near", "people_far"))
        lines.append(
            Text(
                f"步行 {water['near_m']:g} 米内可到岸线的占 {near}，{water['far_m']:g} 米内占 {far}",
                f"{near} reach a shore within {water['near_m']:g} m on foot, {far} within {water['far_m']:g} m",
            )
        )
    return lines


def _named(green: Green, park: str) -> str:
    """Return the name of a park, its id where it has none."""
    name = green.parks["name"].get(park)
    return name if isinstance(name, str) and name else park


def _indicators(green: Green) -> pd.DataFrame:
    """Rows of the clauses that no single radius answers; the others stand in the audits of the study."""
    tables = [one.indicators for one in green.official]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
