"""New toilets in the words of planners: where they go, what they meet, and how well that is proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from siting.coverage.model import CITY_LEVEL
from siting.ledger import Text
from siting.standards.model import Reading
from siting.themes.result import Class, Role, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.toilets.candidates import KINDS
from siting.themes.toilets.density import class_text
from siting.themes.toilets.siting_sentences import MEASURES, cost_of, line, proof
from siting.themes.toilets.spacing_types import TYPE_NAMES

if TYPE_CHECKING:
    from siting.themes.toilets.siting_toilets import ToiletPlan

TITLE = Text("公厕选址", "Siting public toilets")
_STATES = (
    Class(value="chosen", name=Text("选中", "chosen"), role="site"),
    Class(value="free", name=Text("可用，未选", "could be used"), role="muted"),
    Class(value="refused", name=Text("未通过检验", "refused by a test"), role="none"),
)
_ROLES: Mapping[str, Role] = {
    "street": "site", "park": "good", "square": "fair", "station": "accent", "vacant": "bad", "building": "poor",
}  # fmt: skip
EXISTING = "existing"
_LABELLED, _DRAWN = 25, 300
"""So many sites are numbered on a map, those that gain most; with more toilets than this, those of today are left out.
"""
_REQUIREMENTS = {
    "radius": Text("服务半径", "radius"),
    "spacing": Text("沿街间距", "spacing along streets"),
    "density": Text("设置密度", "density"),
}
WORDS = {
    "kind": Text("类型", "kind"),
    "label": Text("次序", "order"),
    "kind_zh": Text("地点类型", "kind of place (Chinese)"),
    "kind_en": Text("地点类型（英文）", "kind of place"),
    "cost": Text("造价（研究给定）", "cost (given by the study)"),
    "cost_unit": Text("造价单位", "unit of cost"),
    "order": Text("次序", "order"),
    "gain": Text("依次新增（人及繁忙场所，加权）", "newly served, in order (people and busy places, weighted)"),
    "plot": Text("地块", "plot"),
    "street": Text("临街", "street"),
    "area_m2": Text("可用面积（平方米）", "free ground (m²)"),
    "land_source": Text("用地来源", "source of the land"),
    "tests": Text("已检验的限制", "what was tested"),
    "nearest_conflict": Text("最近的限制要素", "nearest conflict"),
    "nearest_conflict_m": Text("至最近限制要素（米）", "distance to it (m)"),
    "street_m": Text("至街道（米）", "distance to a street (m)"),
    "allowed": Text("是否可用", "allowed"),
    "refusal": Text("不可用原因", "why not"),
    "failed": Text("未通过的检验", "tests that failed"),
    "state": Text("状态", "state"),
    "requirement": Text("要求", "requirement"),
    "rule": Text("规则", "rule"),
    "clause_zh": Text("条款", "clause (Chinese)"),
    "clause_en": Text("条款（英文）", "clause"),
    "confidence": Text("可信度", "confidence"),
    "limit": Text("限值", "limit"),
    "measure": Text("距离口径", "how far is measured"),
    "counts": Text("计量对象", "what is counted"),
    "before": Text("现状未满足", "not met today"),
    "after": Text("方案后未满足", "not met with the plan"),
    "total": Text("总量", "all"),
    "beyond": Text("其中无候选地点可解决", "of it, no place can mend"),
    "zone": Text("分区", "zone"),
    "name": Text("名称", "name"),
    "area_km2": Text("面积（平方公里）", "area (km²)"),
    "toilets": Text("现有公厕", "toilets today"),
    "least": Text("按密度应有", "asked by density"),
    "lacks": Text("缺", "lacking"),
    "candidates": Text("可用候选", "places"),
    "asked": Text("本方案须新增", "asked of the plan"),
    "class": Text("用地类别", "class of land"),
    "class_zh": Text("用地类别", "class of land (Chinese)"),
    "class_en": Text("用地类别（英文）", "class of land"),
    "left": Text("方案后仍缺", "still lacking"),
    "people": Text("需求总量", "all to serve"),
    "newly": Text("新增服务", "newly served"),
    "source_zh": Text("来源", "source (Chinese)"),
    "source_en": Text("来源（英文）", "source"),
    "sites": Text("新增", "new"),
    "length_m": Text("长度（米）", "length (m)"),
    "type": Text("道路类型", "type of street"),
    "source": Text("来源", "source"),
    "amount": Text("数量", "amount"),
    "weight": Text("权重合计", "weight"),
}


_ZONE_WORDS = {
    **WORDS,
    "before": Text("现状服务", "served today"),
    "after": Text("方案后服务", "served with the plan"),
}


def themed(plan: ToiletPlan, suffix: str = "", title: Text | None = None) -> ThemeResult:
    """Put sites, places and requirements into the shape that all writers read."""
    said, tail = proof(plan), f"_{suffix}" if suffix else ""
    called = title or TITLE
    note = Text("；".join([said.zh, *(n.zh for n in plan.notes)]), "; ".join([said.en, *(n.en for n in plan.notes)]))
    result = plan.result
    requirements = _worded(plan)
    return ThemeResult(
        theme=f"toilet_sites{tail}",
        title=called,
        layers=_layers(plan, tail, title, note),
        tables=_tables(plan, tail, requirements, note),
        figures={
            "aim": plan.aim, "sites": [str(s) for s in plan.sites.index], "status": result.status,
            "objective": result.objective, "bound": result.bound, "gap": result.gap, "cost": cost_of(plan),
            "cost_unit": None if plan.cost_unit is None else plan.cost_unit.en,
            "places": len(plan.candidates), "places_allowed": int(plan.candidates["allowed"].sum()),
            "requirements": plan.requirements.to_dict("records"),
        },
        headlines=(said, *(line(r, plan.titles) for r in plan.requirements.to_dict("records") if r["total"])),
        indicators=_indicators(plan, tail, called),
    )  # fmt: skip


def _layers(plan: ToiletPlan, tail: str, title: Text | None, note: Text) -> tuple[ThemeLayer, ...]:
    state = pd.Series("refused", index=plan.candidates.index).mask(plan.candidates["allowed"].astype(bool), "free")
    state[plan.sites.index] = "chosen"

    def named(own: Text) -> Text:
        return own if title is None else Text(f"{title.zh}：{own.zh}", f"{title.en}: {own.en}")

    layers = [
        ThemeLayer(
            name=f"toilet_places{tail}", title=named(Text("公厕候选地点", "Places for public toilets")),
            frame=_with_unit(plan.candidates.assign(state=state), plan), columns=WORDS, show="state", classes=_STATES,
            own_map=False,
        )
    ]  # fmt: skip
    if len(plan.sites):
        layers.append(
            ThemeLayer(
                name=f"toilet_sites{tail}", title=title or Text("新增公厕选址", "New public toilets"),
                frame=_beside_existing(plan), columns=WORDS, show="kind", classes=_kinds(plan), label="label",
                note=note,
            )
        )  # fmt: skip
    if len(plan.beyond):
        names = {k: plan.titles.get(k, Text(k, k)) for k in plan.beyond["source"].unique()}
        frame = plan.beyond.assign(
            source_zh=[names[k].zh for k in plan.beyond["source"]],
            source_en=[names[k].en for k in plan.beyond["source"]],
        ).drop(columns="source")
        layers.append(
            ThemeLayer(
                name=f"toilet_beyond{tail}",
                title=named(Text("无候选地点可达的需求点", "Demand that no place reaches")),
                frame=gpd.GeoDataFrame(frame), columns=WORDS, own_map=False,
            )
        )  # fmt: skip
    if len(plan.beyond_streets):
        types = {k: TYPE_NAMES.get(k, Text(k, k)) for k in plan.beyond_streets["type"].unique()}
        layers.append(
            ThemeLayer(
                name=f"toilet_beyond_streets{tail}",
                title=named(Text("无候选地点可补足间距的路段", "Streets that no place closes")),
                frame=plan.beyond_streets.rename_axis("id"), columns=WORDS, own_map=False, show="type",
                classes=tuple(Class(value=k, name=name, role="bad") for k, name in types.items()),
            )
        )  # fmt: skip
    return tuple(layers)


def _kinds(plan: ToiletPlan) -> tuple[Class, ...]:
    present = set(plan.sites["kind"])
    kinds = [Class(value=k, name=name, role=_ROLES[k]) for k, name in KINDS.items() if k in present]
    if len(plan.existing) and len(plan.existing) + len(plan.sites) <= _DRAWN:
        kinds.append(Class(value=EXISTING, name=Text("现有公厕", "toilet today"), role="muted"))
    return tuple(kinds)


def _beside_existing(plan: ToiletPlan) -> gpd.GeoDataFrame:
    """Return new toilets with the first numbered, and those of today where they leave the new ones to be seen."""
    order = plan.sites["order"].astype(int)
    new = _with_unit(plan.sites.assign(label=[str(k) if k <= _LABELLED else None for k in order]), plan)
    if not len(plan.existing) or len(plan.existing) + len(plan.sites) > _DRAWN:
        return new
    there = plan.existing.set_axis([f"{EXISTING}:{i}" for i in plan.existing.index], axis=0)
    both = new.reindex([*new.index, *there.index])
    both.loc[there.index, "kind"] = EXISTING
    both.loc[there.index, "geometry"] = there.geometry
    both.index.name = "id"
    return gpd.GeoDataFrame(both, geometry="geometry", crs=plan.sites.crs)


def _tables(plan: ToiletPlan, tail: str, requirements: pd.DataFrame, note: Text) -> tuple[ThemeTable, ...]:
    tables = [
        ThemeTable(
            name=f"toilet_sites_requirements{tail}",
            title=Text("方案前后各项要求", "Each requirement before and after"),
            frame=requirements, columns=WORDS, note=note,
        ),
        ThemeTable(
            name=f"toilet_sites_list{tail}", title=Text("新增公厕清单", "New public toilets, in order"),
            frame=_site_list(plan), columns=WORDS,
        ),
        ThemeTable(
            name=f"toilet_sites_kinds{tail}", title=Text("新增公厕按地点类型", "New toilets by kind of place"),
            frame=_by_kind(plan), columns=WORDS,
        ),
        ThemeTable(
            name=f"toilet_sites_refused{tail}", title=Text("未通过检验的候选地点", "Places refused, by test"),
            frame=_refused(plan), columns=WORDS,
        ),
    ]  # fmt: skip
    if len(plan.quotas):
        tables.append(
            ThemeTable(
                name=f"toilet_sites_density{tail}",
                title=Text("公厕密度缺口与新增", "Shortfall by density and new toilets"),
                frame=_density(plan.quotas), columns=WORDS,
                note=Text(
                    "缺额与公厕评估的口径相同（边界上的公厕只计一次）",
                    "what is lacking is counted as in the audit of toilets: one on a boundary counts once",
                ),
            )
        )  # fmt: skip
    if len(plan.zones):
        what = plan.titles.get("people") or plan.titles["units"]
        tables.append(
            ThemeTable(
                name=f"toilet_sites_zones{tail}",
                title=Text(f"各分区新增公厕与服务{what.zh}", f"New toilets and {what.en} served, by zone"),
                frame=plan.zones, columns=_ZONE_WORDS,
            )
        )  # fmt: skip
    return tuple(table for table in tables if len(table.frame))


def _with_unit(frame: gpd.GeoDataFrame, plan: ToiletPlan) -> gpd.GeoDataFrame:
    """Write the unit beside costs; a column of costs that nobody stated is left out."""
    if frame["cost"].isna().all():
        return gpd.GeoDataFrame(frame.drop(columns="cost"))
    if plan.cost_unit is None:
        return frame
    return gpd.GeoDataFrame(frame.assign(cost_unit=plan.cost_unit.both(" / ")))


def _worded(plan: ToiletPlan) -> pd.DataFrame:
    """Return requirements with names a reader knows in place of the keys of figures."""
    frame = plan.requirements
    names = [_counts(r, plan.titles) for r in frame.to_dict("records")]
    what = [_REQUIREMENTS[r] for r in frame["requirement"]]
    read = [Reading(c).text for c in frame["confidence"]]
    ways: list[Any] = [MEASURES[m].both(" / ") if isinstance(m, str) else None for m in frame["measure"]]
    return frame.assign(
        requirement=[t.both(" / ") for t in what],
        counts=[t.both(" / ") for t in names],
        confidence=[t.both(" / ") for t in read],
        measure=ways,
    )


def _counts(row: Mapping[Any, Any], titles: Mapping[str, Text]) -> Text:
    """Return what a row counts, in words."""
    counts = str(row["counts"])
    if row["requirement"] == "density":
        return Text("缺少的公厕（座）", "toilets lacking")
    if row["requirement"] == "spacing":
        kind = counts.removesuffix("_m")
        name = TYPE_NAMES.get(kind, Text(kind, kind))
        return Text(f"{name.zh}（米）", f"{name.en} (m)")
    return titles.get(counts, Text(counts, counts))


def _site_list(plan: ToiletPlan) -> pd.DataFrame:
    keep = ["order", "kind_zh", "kind_en", "gain", "cost", "cost_unit", "street", "area_m2", "land_source"]
    frame = _with_unit(plan.sites, plan)
    return pd.DataFrame(frame[[c for c in keep if c in frame.columns]])


def _refused(plan: ToiletPlan) -> pd.DataFrame:
    """Count refused places by kind and first reason; distances in a reason are left out, so that reasons add up."""
    frame = plan.candidates[~plan.candidates["allowed"].astype(bool)]
    if not len(frame):
        return pd.DataFrame()
    reason = frame["refusal"].astype(str).str.replace(r"[:：] ?\d+(\.\d+)? m", "", regex=True)
    kinds = [KINDS[str(k)] for k in frame["kind"]]
    named = pd.DataFrame({"kind_zh": [k.zh for k in kinds], "kind_en": [k.en for k in kinds], "refusal": list(reason)})
    table = pd.DataFrame(named.value_counts(sort=False).rename("total").reset_index())
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def _density(quotas: pd.DataFrame) -> pd.DataFrame:
    """Quotas with names of land classes, and what stays lacking; zones that never have land of a class are left out."""
    of = [class_text(c) for c in quotas["class"]]
    whole = Text("全域", "whole area").both(" / ")
    city = quotas["zone"].str.split("/").str[0] == CITY_LEVEL
    shown = quotas.assign(
        name=quotas["name"].mask(city, whole),
        class_zh=[t.zh for t in of], class_en=[t.en for t in of],
        left=(quotas["lacks"] - quotas["sites"]).clip(lower=0),
    )  # fmt: skip
    order = ["name", "class_zh", "class_en", "rule", "area_km2", "toilets", "least", "lacks", "candidates", "asked",
             "sites", "left"]  # fmt: skip
    return shown[shown["area_km2"] > 0][order]


def _indicators(plan: ToiletPlan, tail: str, title: Text) -> pd.DataFrame:
    """Name the rows after the plan, so that those of several plans stand side by side."""
    rows = plan.indicators
    if not len(rows):
        return rows
    return rows.assign(
        rule=rows["rule"] + tail,
        name_zh=rows["name_zh"] + f"（{title.zh}方案后）",
        name_en=rows["name_en"] + f" (with the plan: {title.en})",
    )


def _by_kind(plan: ToiletPlan) -> pd.DataFrame:
    """Places and sites of each kind."""
    rows: list[dict[str, Any]] = []
    for kind, name in KINDS.items():
        places = plan.candidates[plan.candidates["kind"] == kind]
        if len(places):
            free = int(places["allowed"].sum())
            sites = plan.sites[plan.sites["kind"] == kind]
            cost = None if places["cost"].isna().any() else float(places["cost"].iloc[0])
            rows.append(
                {"kind_zh": name.zh, "kind_en": name.en, "total": len(places), "candidates": free, "sites": len(sites),
                 "cost": cost}
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    if frame["cost"].isna().all():
        return frame.drop(columns="cost")
    return frame if plan.cost_unit is None else frame.assign(cost_unit=plan.cost_unit.both(" / "))
