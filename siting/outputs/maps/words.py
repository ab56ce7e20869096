"""What a map says: headlines, legend rows, labels; in Chinese and English."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from siting.coverage.gap_names import units_text
from siting.coverage.model import Audit
from siting.display import percent_up
from siting.ledger import Lang, Text
from siting.locate.plans.effect import change_with_unit, main_measure, tells_served
from siting.locate.plans.measure import Measure
from siting.locate.plans.plan import Plan
from siting.outputs import palette
from siting.outputs.layers import headline_denominator
from siting.outputs.maps import marks, style
from siting.outputs.plan_states import SERVED, PlanState
from siting.standards import DISTANCES

LegendRow = tuple[Line2D | Patch, str]


def gaps_of(audit: Audit, gaps: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the gap areas of one rule by rank, scattered demand left out, or None if there are none."""
    if gaps is None or not len(gaps):
        return None
    own = gaps[gaps["rule"] == audit.name] if "rule" in gaps.columns else gaps
    if "kind" in own.columns:
        own = own[own["kind"] != "scattered"]
    return None if not len(own) else own.sort_values("rank", kind="stable") if "rank" in own.columns else own


def gap_labels(gaps: gpd.GeoDataFrame, lang: Lang, audit: Audit) -> list[str]:
    """Return what stands beside each gap: its id and how many it holds."""
    return [f"{row.get('gap_id', '')}  {gap_size(row, lang, audit)}".strip() for row in gaps.to_dict("records")]


def gap_size(row: Mapping[Hashable, Any], lang: Lang, audit: Audit) -> str:
    """Say how many people a gap holds, or units of the audit's own kind where people are unknown."""
    people, units = row.get("people"), row.get("units")
    if people is not None and np.isfinite(people):
        return f"{style.number(people)} {style.PEOPLE.get(lang)}"
    if units is not None and pd.notna(units):
        return units_text(int(units), audit.noun("units")).get(lang)
    return ""


def gap_sizes(gaps: gpd.GeoDataFrame, audit: Audit) -> tuple[pd.Series, Text]:
    """Return what gaps are ranked by, people or else units or points, and what it counts."""
    for column, what in (("people", style.PEOPLE), ("units", audit.noun("units"))):
        if column in gaps.columns and gaps[column].notna().any():
            return gaps[column].astype("float64").fillna(0.0), what
    return gaps["points"].astype("float64"), Text("个需求点", "demand points")


def site_numbers(plan: Plan) -> list[str]:
    """Return the number of each site, in order of gain."""
    given = plan.sites["order"] if "order" in plan.sites.columns else range(1, len(plan.sites) + 1)
    return [f"{int(n)}" for n in given]


def site_labels(plan: Plan, lang: Lang = "zh") -> list[str]:
    """Return what stands beside each site: its load where sites can take so much only, else what it wins."""
    if "separation_m" in plan.sites.columns:
        return [f"{style.number(m)} m" if np.isfinite(m) else "" for m in plan.sites["separation_m"].tolist()]
    loads = plan_loads(plan, lang)
    if loads:
        return loads
    if not tells_served(plan):
        return []
    if "gain_people" in plan.sites.columns and plan.sites["gain_people"].notna().all():
        return [f"+{style.number(g)} {style.PEOPLE.get(lang)}" for g in plan.sites["gain_people"]]
    gain = next((c for c in ("gain_units", "gain") if c in plan.sites.columns), None)
    if gain is None:
        return []
    return [f"+{style.number(g)} {plan.unit.get(lang)}" for g in plan.sites[gain].fillna(0.0)]


def plan_loads(plan: Plan, lang: Lang) -> list[str]:
    """Return how much goes to each site, and how much it can take; [] where a plan does not say so."""
    sites = plan.sites
    limited = "capacity" in sites.columns
    if "load" not in sites.columns or sites["load"].isna().any() or (tells_served(plan) and not limited):
        return []
    unit = plan.unit.get(lang)
    room = sites["capacity"].tolist() if limited else [None] * len(sites)
    return [
        f"{style.number(load)}{f' / {style.number(most)}' if most is not None and np.isfinite(most) else ''} {unit}"
        for load, most in zip(sites["load"].tolist(), room, strict=True)
    ]


def served_masks(
    plan: Plan, demand: gpd.GeoDataFrame, audit_demand: gpd.GeoDataFrame | None
) -> tuple[marks.Mask, marks.Mask]:
    """Say who of the demand is served without and with the new sites; without any record of before, as after."""
    after = ~demand.index.isin(plan.unserved_after)
    if plan.unserved_before is not None:
        return ~demand.index.isin(plan.unserved_before), after
    if audit_demand is not None and "served" in audit_demand.columns:
        known = audit_demand["served"].reindex(demand.index)
        return known.fillna(False).to_numpy(dtype=bool) & after, after
    return after.copy(), after


def coverage_headline(audit: Audit, lang: Lang) -> str:
    """Give one line: the share, the limit and how well the rule was read."""
    denominator = headline_denominator(audit)
    share = audit.headline(denominator) if denominator else None
    limit = audit.limit_text
    if not audit.judged or share is None or denominator is None or limit is None:
        reason = audit.reason or Text("无数据", "no data")
        return style.label(Text(f"未评判：{reason.zh}", f"not judged: {reason.en}"), lang)
    kind, what, how = measured_by(audit), audit.noun(denominator), audit.rule.confidence.text
    value = style.percent(share.share)
    zh = f"{what.zh} {value} 在 {limit.zh}内（{kind.zh}；{how.zh}）"
    return zh if lang == "zh" else f"{value} of {what.en} within {limit.en} ({kind.en}; {how.en})"


def measured_by(shown: Audit | Plan) -> Text:
    """Say what the limit is measured along, or for whom its minutes are."""
    return DISTANCES[shown.distance] if shown.travel is None else shown.travel.profile.name


def plan_headline(plan: Plan, lang: Lang) -> str:
    """Give one line in one language: people before and after, or the figure that the model is about, and the proof."""
    proof = proof_text(plan)
    main, limit = main_measure(plan), plan.limit_text
    if main is not None:
        line = _measured(plan, main)
        return f"{line.zh}；{proof.zh}" if lang == "zh" else f"{line.en}; {proof.en}"
    if limit is None or plan.people_before is None or plan.people_after is None:
        return proof.zh if lang == "zh" else proof.en
    before, after = style.number(plan.people_before), style.number(plan.people_after)
    kind = measured_by(plan)
    zh = f"{limit.zh}（{kind.zh}）内人口 {before} → {after}；{proof.zh}"
    return zh if lang == "zh" else f"people within {limit.en} ({kind.en}): {before} → {after}; {proof.en}"


def _measured(plan: Plan, main: Measure) -> Text:
    """Say the figure that the model is about, and by which distance or within which limit."""
    by, limit, shown = measured_by(plan), plan.limit_text if tells_served(plan) else None, change_with_unit(main)
    kind = by if limit is None else Text(f"{limit.zh}，{by.zh}", f"{limit.en}, {by.en}")
    return Text(f"{main.name.zh}（{kind.zh}）{shown.zh}", f"{main.name.en} ({kind.en}): {shown.en}")


def plan_subtitle(plan: Plan, what: Text | None = None) -> Text:
    """Give the line under the title of a page: how many sites, what counts as served or what changes, the proof.

    Parameters
    ----------
    what : what the page shows, before the number of sites in English and after it in Chinese
    """
    n, kind, limit, proof = len(plan.sites), measured_by(plan), plan.limit_text, proof_text(plan)
    said = what or Text("", "")
    parts = [Text(f"{n} 个新选点{said.zh}", f"{said.en}{n} new site{'' if n == 1 else 's'}")]
    main = main_measure(plan)
    if limit is not None and main is None and tells_served(plan):
        parts.append(Text(f"{limit.zh}内计为服务（{kind.zh}）", f"served within {limit.en} ({kind.en})"))
    elif main is not None:
        parts.append(_measured(plan, main))
    zh, en = "，".join(p.zh for p in parts), ", ".join(p.en for p in parts)
    return Text(f"{zh}；{proof.zh}", f"{en}; {proof.en}")


def proof_text(plan: Plan) -> Text:
    """Say how good the plan is proved to be, and what it spends."""
    gap = percent_up(plan.result.gap)
    proof = Text(f"与最优值之差至多 {gap}", f"at most {gap} from the best possible")
    if plan.result.status == "optimal":
        proof = Text("已证明最优", "proved optimal")
    if plan.budget is None:
        return proof
    return Text(f"{plan.budget.text.zh}；{proof.zh}", f"{plan.budget.text.en}; {proof.en}")


def coverage_legend(audit: Audit, gaps: gpd.GeoDataFrame | None, lang: Lang) -> list[LegendRow]:
    """Give the legend rows of a coverage map: handle and words."""
    rows: list[tuple[Line2D | Patch, Text]] = []
    if audit.judged:
        within = Text("", "")
        if audit.travel is not None and audit.limit_text is not None:
            within = Text(f"（≤ {audit.limit_text.zh}）", f" (≤ {audit.limit_text.en})")
        served = Text(f"已覆盖{within.zh}", f"served{within.en}")
        rows += [(dot(palette.SERVED), served), (dot(palette.UNSERVED), Text("未覆盖", "unserved"))]
    rows += _facility_rows(audit.facilities)
    areas = audit.facilities.geom_type.isin(["Polygon", "MultiPolygon"]).any()
    if areas and "kind" in audit.entries.columns and audit.entries["kind"].isin(marks.GATE_KINDS).any():
        rows.append((_mark("D", "white", palette.AREA_FACILITY), Text("出入口", "entrance")))
    if gaps_of(audit, gaps) is not None:
        rows.append((Patch(facecolor="#fbe6dc", edgecolor=palette.GAP), Text("服务盲区", "gap area")))
    return [(handle, style.clean(style.label(text, lang))) for handle, text in rows]


def facility_rows(facilities: gpd.GeoDataFrame, lang: Lang) -> list[LegendRow]:
    """Give the legend rows of facilities: points, and areas."""
    return [(handle, style.clean(style.label(text, lang))) for handle, text in _facility_rows(facilities)]


def _facility_rows(facilities: gpd.GeoDataFrame) -> list[tuple[Line2D | Patch, Text]]:
    kinds = set(facilities.geom_type) if len(facilities) else set()
    rows: list[tuple[Line2D | Patch, Text]] = []
    if kinds & {"Point", "MultiPoint"}:
        rows.append((_mark("s", palette.FACILITY, "white"), Text("现有设施", "facility")))
    if kinds & {"Polygon", "MultiPolygon"}:
        area = Patch(facecolor="#dbe6cf", edgecolor=palette.AREA_FACILITY, linewidth=0.9)
        rows.append((area, Text("现有设施（面）", "facility (area)")))
    return rows


def plan_legend(
    lang: Lang, *, has_facilities: bool = True, candidates: bool = True, states: Sequence[PlanState] = SERVED
) -> list[LegendRow]:
    """Give the legend rows of a plan: handle and words.

    Parameters
    ----------
    states : those of the demand that the map shows
    """
    site = (
        Text("新选点（按增益编号）", "new site, by gain")
        if "newly" in {s.value for s in states}
        else Text("新选点", "new site")
    )
    rows: list[tuple[Line2D | Patch, Text]] = [(_mark("o", palette.SITE, palette.SITE_RING, 9), site)]
    rows += [(dot(state.colour), state.name) for state in states]
    if has_facilities:
        rows.append((_mark("s", palette.FACILITY, "white"), Text("现有设施", "facility")))
    if candidates:
        rows.append((_mark("o", "none", palette.CANDIDATE, 4), Text("候选点", "candidate")))
    return [(handle, style.clean(style.label(text, lang))) for handle, text in rows]


def site_row(name: Text, colour: str, lang: Lang) -> LegendRow:
    """Return the legend row of sites in one colour."""
    return _mark("o", colour, palette.SITE_RING, 9), style.clean(style.label(name, lang))


def dot(colour: str) -> Line2D:
    """Return the legend mark of homes in one colour."""
    return _mark("o", colour, "white", 6)


def _mark(marker: str, face: str, edge: str, size: float = 6.0) -> Line2D:
    return Line2D(
        [], [], linestyle="none", marker=marker, markerfacecolor=face, markeredgecolor=edge, markeredgewidth=0.8,
        markersize=size,
    )  # fmt: skip
