"""The toilet audit in the words of planners: tables, figures and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.coverage.model import CITY_LEVEL
from siting.ledger import Text
from siting.standards import load_classes
from siting.themes.result import ThemeResult, ThemeTable
from siting.themes.themes import load_themes
from siting.themes.toilets.density import class_text
from siting.themes.toilets.reach import SERVED, SLOT_NAMES
from siting.themes.toilets.records import PROBLEMS, STALLS
from siting.themes.toilets.shown_layers import (
    BUSY_COLUMNS,
    CLASS_WORDS,
    GRADE,
    TOILET_COLUMNS,
    clause_note,
    layers_of,
)
from siting.themes.toilets.shown_sentences import headlines

if TYPE_CHECKING:
    from siting.themes.toilets.audit import Toilets

DENSITY_COLUMNS = {
    **CLASS_WORDS,
    "base_unit": Text("面积单位", "unit of the area"),
    "state": Text("与条文区间相比", "against the range of the clause"),
    "class": Text("用地类别", "land class"),
    "toilets": Text("公厕（座）", "toilets"),
    "base": Text("基数（平方公里或万人）", "km², or 10,000 people"),
    "density": Text("密度", "density"),
    "low": Text("下限", "lower end"),
    "high": Text("上限", "upper end"),
    "needed": Text("达到下限所需（座）", "toilets that reach the lower end"),
    "shortfall": Text("缺口（座）", "short of the lower end, in toilets"),
    "excess": Text("超出上限（座）", "beyond the upper end, in toilets"),
    "meets": Text(
        "达到下限；未读到原文或已废止的不作比较", "reaches the lower end; empty where not read or not in force"
    ),
    "confidence": GRADE,
}


def themed(toilets: Toilets) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    return ThemeResult(
        theme="toilets",
        title=load_themes()["toilets"].name,
        layers=tuple(layers_of(toilets)),
        tables=tuple(_tables(toilets)),
        figures=_figures(toilets),
        headlines=tuple(headlines(toilets)),
        indicators=toilets.reach.indicators,
        findings=toilets.findings,
        missing=toilets.missing,
    )


def _tables(toilets: Toilets) -> list[ThemeTable]:
    density = toilets.density.table
    tables = []
    if len(density):
        names = [class_text(name) for name in density["class"]]
        tables.append(
            ThemeTable(
                name="toilets_density",
                title=Text("公厕密度", "Toilet density"),
                frame=density.assign(class_zh=[n.zh for n in names], class_en=[n.en for n in names]),
                columns=DENSITY_COLUMNS,
                note=Text(
                    "面积按 0.01 公顷计；边界上的公厕只计一次：计入要求较高的用地类别、编号在前的分区；"
                    "各分区各自取整，缺口之和不等于全市缺口",
                    "areas in hundredths of a hectare; a toilet on a boundary counts once: in the land class of which "
                    "more is asked, in the zone whose id comes first; zones are rounded up each for itself",
                ),
            )
        )
    tables.append(_rows_table(toilets))
    if len(toilets.stalls.summary) and {"female", "male"} <= toilets.records.known:
        tables.append(_stall_table(toilets))
    if len(toilets.stalls.special):
        special = toilets.stalls.special
        tables.append(
            ThemeTable(
                name="toilets_special_stalls",
                title=Text("无障碍与家庭厕位", "Accessible and family stalls"),
                frame=special.assign(
                    stall_zh=[STALLS[s].zh for s in special["stall"]], stall_en=[STALLS[s].en for s in special["stall"]]
                ),
                columns={
                    "stall": Text("厕位种类（代码）", "kind of stall (code)"),
                    "stall_zh": Text("厕位种类", "kind of stall, Chinese"),
                    "stall_en": Text("厕位种类（英文）", "kind of stall"),
                    "with": Text("有（座公厕）", "toilets with one"),
                    "without": Text("无（座公厕）", "toilets without"),
                    "unknown": Text("未知（座公厕）", "toilets of which it is unknown"),
                    "stalls": Text("厕位数", "stalls"),
                },
                note=Text(
                    "目录中没有可比较的条文，只作统计", "counted only: the catalogue has no clause to compare with"
                ),
            )
        )
    if len(toilets.reach.slots):
        tables.append(_hours_table(toilets))
    if toilets.reach.busy is not None:
        tables.append(_busy_table(toilets))
    if len(toilets.needed):
        tables.append(_needed_table(toilets))
    if len(toilets.places.summary):
        tables.append(_places_table(toilets))
    if len(toilets.records.listed):
        listed = toilets.records.listed
        texts = [PROBLEMS[p] for p in listed["problem"]]
        tables.append(
            ThemeTable(
                name="toilets_listed",
                title=Text("公厕数据中的问题", "What was wrong with rows"),
                frame=listed.assign(problem_zh=[t.zh for t in texts], problem_en=[t.en for t in texts]),
                columns={
                    "toilet": Text("公厕编号", "toilet"),
                    "problem": Text("问题（代码）", "problem (code)"),
                    "problem_zh": Text("问题", "problem, Chinese"),
                    "problem_en": Text("问题（英文）", "problem"),
                    "value": Text("原值", "value as given"),
                    "used": Text("是否计入", "whether the row counts"),
                },
                note=Text(
                    f"输入 {toilets.records.rows_in} 行，计入 {len(toilets.records.toilets)} 座",
                    f"{toilets.records.rows_in} rows in, {len(toilets.records.toilets)} toilets counted",
                ),
            )
        )
    return tables


def _rows_table(toilets: Toilets) -> ThemeTable:
    """One row a toilet, with what is known of it."""
    records, stalls = toilets.records, toilets.stalls.toilets
    kept = [c for c in ("name", "place_type", "hours_text", *STALLS) if c in records.known or c == "name"]
    frame = pd.DataFrame(records.toilets[kept])
    frame.insert(0, "toilet", frame.index.astype(str))
    frame["land_class"] = toilets.density.toilet_class
    if {"female", "male"} <= records.known:
        frame[["ratio", "ratio_state", "female_short"]] = stalls[["ratio", "state", "female_short"]]
        frame["ratio"] = frame["ratio"].replace(np.inf, np.nan)
    if {"women", "men"} <= records.known:
        columns = ["formula_ratio", "formula_female", "formula_state"]
        frame[columns] = stalls[columns]
    return ThemeTable(
        name="toilets_rows",
        title=Text("公厕一览", "The toilets"),
        frame=frame,
        columns={
            "toilet": Text("公厕编号", "toilet"),
            **{c: TOILET_COLUMNS[c] for c in ("place_type", "land_class", "ratio_state", "hours_text")},
            **STALLS,
            "formula_state": Text("按公式的厕位比", "ratio of stalls by the formula"),
            "ratio": Text("女:男，没有男厕位的为空", "female : male, empty without a men's side"),
            "female_short": Text("女厕位缺口", "stalls that women lack"),
            "formula_ratio": toilets.stalls.formula,
            "formula_female": Text("按 R 现有厕位中应为女厕位的数量", "women's part of the stalls there are, by R"),
        },
    )


def _stall_table(toilets: Toilets) -> ThemeTable:
    side = (
        Text("男侧含小便位", "men's side: stalls and urinals")
        if toilets.stalls.urinals_known
        else Text("数据未分列小便位，男侧按原值", "urinals not told apart in the data: men's side as given")
    )
    kinds = Text("", "")
    if not toilets.stalls.kinds_known:
        kinds = Text(
            "；场所类型未知，每座公厕与两种比例都作比较",
            "; kinds of place unknown: every toilet is held against both ratios",
        )
    return ThemeTable(
        name="toilets_stalls",
        title=Text("女男厕位比", "Female to male stalls"),
        frame=toilets.stalls.summary.assign(ratio=toilets.stalls.summary["ratio"].replace(np.inf, np.nan)),
        columns={
            "place_type": Text("场所类型（* 为合计）", "kind of place (* = all)"),
            "toilets": Text("公厕（座）", "toilets"),
            "known": Text("厕位数已知", "with counts"),
            "meets": Text("达到", "reach it"),
            "below": Text("不足", "miss it"),
            "unknown": Text("未知", "unknown"),
            "female": Text("女厕位", "female stalls"),
            "ratio": Text("女:男", "female : male"),
            "clause_zh": Text("条文（中文）", "clause, Chinese"),
            "clause_en": Text("条文（英文）", "clause"),
            "male_side": Text("男侧（厕位与小便位）", "men's side (stalls and urinals)"),
            "female_short": Text("女厕位缺口合计", "stalls that women lack, in all"),
            "confidence": GRADE,
        },
        note=Text(f"{side.zh}{kinds.zh}", f"{side.en}{kinds.en}"),
    )


def _hours_table(toilets: Toilets) -> ThemeTable:
    slots = toilets.reach.slots
    names = [SLOT_NAMES.get(s, Text(str(s), str(s))) for s in slots["slot"]]
    rule = toilets.reach.people.rule
    return ThemeTable(
        name="toilets_hours",
        title=Text("昼夜开放与服务人口", "Open by day and night, and who is served"),
        frame=slots.assign(
            slot_zh=[n.zh for n in names], slot_en=[n.en for n in names], confidence=rule.confidence.value
        ),
        columns={
            "slot": Text("时段（代码）", "time of day (code)"),
            "slot_zh": Text("时段", "time of day, Chinese"),
            "slot_en": Text("时段（英文）", "time of day"),
            "at": Text("时刻", "at"),
            "open": Text("每天此时开放（座）", "toilets open then every day"),
            "closed": Text("不开放（座）", "toilets closed then on some day"),
            "unknown": Text("时间未知（座）", "toilets of unknown hours"),
            "served_least": Text("服务人口下限：只计已知开放的", "served by toilets known to be open"),
            "served_most": Text("服务人口上限：另计时间未知的", "served if those of unknown hours are open too"),
            "confidence": GRADE,
        },
        note=Text(
            "时点由研究设定或取默认值，条文未规定开放时间",
            "moments set by the study or by default; no clause names hours",
        ),
    )


def _busy_table(toilets: Toilets) -> ThemeTable:
    busy = toilets.reach.busy
    assert busy is not None
    rows = []
    for name, part in busy.assign(_class=busy["class"].fillna("–")).groupby("_class", sort=True):
        known = load_classes().get(str(name))
        text = Text(str(name), str(name)) if known is None else known.name
        served = int((part["state"] == SERVED).sum())
        row: dict[str, Any] = {
            "class": name, "class_zh": text.zh, "class_en": text.en, "places": len(part), "served": served,
            "share": served / len(part),
        }  # fmt: skip
        if "footfall" in part.columns:
            row |= {
                "footfall": part["footfall"].sum(min_count=1),
                "footfall_served": part["footfall"][part["state"] == SERVED].sum()
                if part["footfall"].notna().any()
                else np.nan,
                "footfall_unknown": int(part["footfall"].isna().sum()),
            }
        rows.append(row | {"confidence": toilets.reach.people.rule.confidence.value})
    return ThemeTable(
        name="toilets_busy_places",
        title=Text("人流密集场所的公厕服务", "Busy places within the radius"),
        frame=pd.DataFrame(rows),
        columns={
            **BUSY_COLUMNS,
            **CLASS_WORDS,
            "class": Text("类型（代码）", "class (code)"),
            "places": Text("场所（处）", "places"),
            "served": Text("半径内有公厕", "served"),
            "footfall_served": Text("半径内有公厕的人流量", "footfall of those served"),
            "footfall_unknown": Text("人流量未知（处）", "places of unknown footfall"),
        },
        note=clause_note(toilets.reach.people.rule),
    )


def _needed_table(toilets: Toilets) -> ThemeTable:
    formula = toilets.stalls.formula
    return ThemeTable(
        name="toilets_stalls_needed",
        title=Text("人流密集场所所需厕位（估算）", "Stalls that busy places need (estimate)"),
        frame=toilets.needed,
        columns={
            "place": Text("场所编号", "place"),
            "women": Text("高峰小时女性使用人数", "women who use it at the busiest hour"),
            "men": Text("高峰小时男性使用人数", "men who use it at the busiest hour"),
            "estimated": Text("使用人数由人流量推算", "whether users are estimated from footfall"),
            "female": Text("所需女厕位", "female stalls needed"),
            "male": Text("所需男侧厕位（含小便位）", "stalls and urinals of men needed"),
            "ratio": Text("公式的 R", "R of the formula"),
            "confidence": GRADE,
        },
        note=Text(
            f"{formula.zh}；每厕位服务人数、使用比例与女性比例由研究设定，非条文数值",
            f"{formula.en}; users a stall, share of users and of women are set by the study, no clause names them",
        ),
    )


def _places_table(toilets: Toilets) -> ThemeTable:
    return ThemeTable(
        name="toilets_must_have",
        title=Text("应设公厕的场所", "Places that must have a toilet"),
        frame=toilets.places.summary,
        columns={
            **CLASS_WORDS,
            "places": Text("场所（处）", "places"),
            "has": Text("有公厕", "with a toilet"),
            "lacks": Text("无公厕", "without"),
            "within_m": Text("判定距离（米）", "within (m)"),
            "assumed": Text("距离为本工具设定", "whether the distance is a choice made here"),
            "confidence": GRADE,
        },
    )


def _figures(toilets: Toilets) -> dict[str, Any]:
    density = toilets.density.table
    city = density[density["level"] == CITY_LEVEL]
    people = toilets.reach.people.headline("people")
    busy = toilets.reach.busy_share
    states = toilets.stalls.toilets["state"].value_counts()
    return {
        "rows_in": toilets.records.rows_in,
        "toilets": len(toilets.records.toilets),
        "density": {
            str(row["rule"]): {
                "toilets": int(row["toilets"]),
                "base": float(row["base"]),
                "density": None if np.isnan(row["density"]) else float(row["density"]),
                "shortfall": int(row["shortfall"]),
                "excess": int(row["excess"]),
                "state": row["state"],
                "meets": row["meets"],
                "confidence": row["confidence"],
            }
            for row in city.to_dict("records")
        },
        "people_served": None if people is None else people.served / people.per_whole,
        "people": None if people is None else people.total / people.per_whole,
        "busy_places": None if busy is None else {"served": busy.served, "places": busy.total},
        "footfall": None
        if toilets.reach.footfall is None
        else {"served": toilets.reach.footfall_served, "total": toilets.reach.footfall},
        "if_opened": None if not len(toilets.reach.opened) else toilets.reach.opened.iloc[0].astype(float).to_dict(),
        "stall_states": {str(k): int(v) for k, v in states.sort_index().items()},
        "hours": {
            str(row["slot"]): {k: int(row[k]) for k in ("open", "closed", "unknown")}
            for row in toilets.reach.slots.to_dict("records")
        },
        "straight_only": toilets.straight_only,
    }
