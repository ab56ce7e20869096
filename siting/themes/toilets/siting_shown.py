"""New toilets in the words of planners: where they go, what they meet, and how well that is proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.display import percent_up
from siting.ledger import Text
from siting.standards.model import Reading
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.toilets.candidates import KINDS
from siting.themes.toilets.spacing_types import TYPE_NAMES

if TYPE_CHECKING:
    from siting.themes.toilets.siting_toilets import ToiletPlan

TITLE = Text("公厕选址", "Siting public toilets")
_STATES = (
    Class(value="chosen", name=Text("选中", "chosen"), role="site"),
    Class(value="free", name=Text("可用，未选", "could be used"), role="muted"),
    Class(value="refused", name=Text("未通过检验", "refused by a test"), role="none"),
)
WORDS = {
    "kind_zh": Text("地点类型", "kind of place (Chinese)"),
    "kind_en": Text("地点类型（英文）", "kind of place"),
    "cost": Text("造价（研究给定）", "cost (given by the study)"),
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
    "clause": Text("条款", "clause"),
    "confidence": Text("可信度", "confidence"),
    "limit": Text("限值", "limit"),
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
    "sites": Text("新增", "new"),
    "length_m": Text("长度（米）", "length (m)"),
    "type": Text("道路类型", "type of street"),
    "source": Text("来源", "source"),
    "amount": Text("数量", "amount"),
    "weight": Text("权重合计", "weight"),
}


def themed(plan: ToiletPlan) -> ThemeResult:
    """Put sites, places and requirements into the shape that all writers read."""
    said = proof(plan)
    note = Text("；".join([said.zh, *(n.zh for n in plan.notes)]), "; ".join([said.en, *(n.en for n in plan.notes)]))
    state = pd.Series("refused", index=plan.candidates.index).mask(plan.candidates["allowed"].astype(bool), "free")
    state[plan.sites.index] = "chosen"
    layers = [
        ThemeLayer(
            name="toilet_places", title=Text("公厕候选地点", "Places for public toilets"),
            frame=plan.candidates.assign(state=state), columns=WORDS, show="state", classes=_STATES, own_map=False,
        )
    ]  # fmt: skip
    if len(plan.sites):
        kinds = tuple(
            Class(value=k, name=name, role="accent" if k == "building" else "site") for k, name in KINDS.items()
        )
        layers.append(
            ThemeLayer(
                name="toilet_sites", title=Text("新增公厕选址", "New public toilets"),
                frame=plan.sites.assign(label=[str(k) for k in plan.sites["order"]]), columns=WORDS, show="kind",
                classes=kinds, label="label", note=note,
            )
        )  # fmt: skip
    if len(plan.beyond):
        layers.append(
            ThemeLayer(
                name="toilet_beyond", title=Text("无候选地点可达的需求点", "Demand that no place reaches"),
                frame=plan.beyond, columns=WORDS, own_map=False,
            )
        )  # fmt: skip
    if len(plan.beyond_streets):
        layers.append(
            ThemeLayer(
                name="toilet_beyond_streets", title=Text("无候选地点可补足间距的路段", "Streets that no place closes"),
                frame=plan.beyond_streets.rename_axis("id"), columns=WORDS, own_map=False,
            )
        )  # fmt: skip
    tables = [
        ThemeTable(
            name="toilet_sites_requirements", title=Text("方案前后各项要求", "Each requirement before and after"),
            frame=plan.requirements, columns=WORDS, note=note,
        ),
        ThemeTable(
            name="toilet_sites_kinds", title=Text("新增公厕按地点类型", "New toilets by kind of place"),
            frame=_by_kind(plan), columns=WORDS,
        ),
    ]  # fmt: skip
    if len(plan.quotas):
        tables.append(
            ThemeTable(
                name="toilet_sites_zones", title=Text("各分区公厕密度与新增", "Density and new toilets by zone"),
                frame=plan.quotas, columns=WORDS,
            )
        )  # fmt: skip
    result = plan.result
    return ThemeResult(
        theme="toilet_sites",
        title=TITLE,
        layers=tuple(layers),
        tables=tuple(tables),
        figures={
            "aim": plan.aim, "sites": [str(s) for s in plan.sites.index], "status": result.status,
            "objective": result.objective, "bound": result.bound, "gap": result.gap, "cost": _cost(plan),
            "places": len(plan.candidates), "places_allowed": int(plan.candidates["allowed"].sum()),
            "requirements": plan.requirements.to_dict("records"),
        },
        headlines=(said, *(_line(r) for r in plan.requirements.to_dict("records") if r["total"])),
    )  # fmt: skip


def proof(plan: ToiletPlan) -> Text:
    """How many toilets, at what cost, and how good they are proved to be."""
    n, result = len(plan.sites), plan.result
    cost = _cost(plan)
    money = (
        Text("", "")
        if cost is None
        else Text(f"，造价合计 {cost:g}（研究给定）", f", costing {cost:g} (study's figures)")
    )
    how = {
        "most": Text("已证明最优：这些地点中不可能服务更多", "proved: no choice of these places serves more"),
        "fewest": Text("已证明最少", "proved: no fewer can do"),
        "cheapest": Text("已证明造价最低", "proved: none is cheaper"),
    }[plan.aim]
    if result.status != "optimal":
        how = Text(
            f"与最优值之差至多 {percent_up(result.gap)}", f"at most {percent_up(result.gap)} from the best possible"
        )
    return Text(f"新增公厕 {n} 座{money.zh}；{how.zh}", f"{n} new toilets{money.en}; {how.en}")


def _cost(plan: ToiletPlan) -> float | None:
    """Return what the sites cost together; None where a cost is not known."""
    cost = plan.sites["cost"]
    return float(cost.sum()) if len(cost) and bool(cost.notna().all()) else None


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
    return pd.DataFrame(rows)


def _line(row: Mapping[Any, Any]) -> Text:
    """One sentence a requirement."""
    read = Reading(row["confidence"]).text
    name, counts = str(row["requirement"]), str(row["counts"])
    if name == "radius":
        what = Text("居民", "residents") if counts == "people" else Text(counts, counts)
        return Text(
            f"{row['limit']:g} m 服务半径外的{what.zh}：{row['before']:,.0f} → {row['after']:,.0f}"
            f"（{row['clause']}，{read.zh}）",
            f"{what.en} beyond {row['limit']:g} m: {row['before']:,.0f} -> {row['after']:,.0f} "
            f"({row['clause']}, {read.en})",
        )
    if name == "spacing":
        kind = counts.removesuffix("_m")
        what = TYPE_NAMES.get(kind, Text(kind, kind))
        before, after = row["before"] / 1000, row["after"] / 1000
        return Text(
            f"{what.zh}间距超出：{before:.2f} → {after:.2f} km（{row['clause']}，{read.zh}）",
            f"{what.en} too far from a toilet: {before:.2f} -> {after:.2f} km ({row['clause']}, {read.en})",
        )
    return Text(
        f"按密度缺公厕：{row['before']:.0f} → {row['after']:.0f} 座（{row['clause']}，{read.zh}）",
        f"toilets lacking by density: {row['before']:.0f} -> {row['after']:.0f} ({row['clause']}, {read.en})",
    )
