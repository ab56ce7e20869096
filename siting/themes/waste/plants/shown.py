"""The siting of a plant in the words of planners: layers, tables, figures and sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.ledger import Text
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.waste.ground import FAIL, TEST_WORDS
from siting.themes.waste.plants.capacity_shown import balance_figures, balance_line, balance_table
from siting.themes.waste.plants.haul import TONNES_DAY
from siting.themes.waste.plants.haul_shown import haul_line, haul_tables, no_way_line, no_way_note, over_line
from siting.themes.waste.plants.mask_shown import NOTE, mask_layer, mask_line, mask_table

if TYPE_CHECKING:
    from siting.themes.waste.plants.ranking import Ranking
    from siting.themes.waste.plants.siting_plant import PlantSite

NEXT_RANKS = 5
"""The map names candidates up to this rank beside the best."""
MOST_NAMED = 15
"""Where there are more candidates the map names those alone."""
CHOICES = (
    Class(value="refused", name=Text("候选：不通过", "candidate: fails"), role="bad"),
    Class(value="", name=Text("候选：可选", "candidate: lawful"), role="good"),
    Class(value="haul", name=Text("运输量最小", "least haul"), role="site", mark="square"),
    Class(value="score", name=Text("得分最高", "best score"), role="accent", mark="star"),
    Class(value="both", name=Text("运输量最小且得分最高", "least haul and best score"), role="accent", mark="star"),
)
GROUND = Class(value="out", name=Text("禁建范围", "ground that is out"), role="muted")
NEXT = Class(value="next", name=Text(f"名次 2–{NEXT_RANKS}", f"ranked 2 to {NEXT_RANKS}"), role="fair", mark="diamond")
CANDIDATES = {
    "name": Text("名称", "name"),
    "allowed": Text("全部检验通过", "no test fails"),
    "failed": Text("不通过（项）", "tests failed"),
    "not_judged": Text("未评判（项）", "tests not judged"),
    "area_m2": Text("面积（平方米）", "area (m²)"),
    "home_m": Text("至最近住宅（米，边到边）", "to the nearest home (m, edge to edge)"),
    "road_m": Text("至机动车道路（米）", "to a street for vehicles (m)"),
    "reason_zh": Text("不通过的理由", "what fails, Chinese"),
    "reason_en": Text("不通过的理由（英文）", "what fails"),
    "haul_served": Text("有车行路线可达的产生量占比", "share of the amount that has a way to it"),
    "haul_lost": Text("无车行路线的产生量", "amount without a way"),
    "haul_work": Text("运输量（产生量×公里/日）", "haul (amount × km a day)"),
    "haul_km": Text("平均运距（公里）", "mean haul (km)"),
    "score": Text("综合得分（0–100）", "score (0 to 100)"),
    "rank": Text("名次", "rank"),
    "choice": Text("结论（代码）", "choice (code)"),
}
FLIPS = {
    "criterion": Text("准则", "criterion"),
    "title_zh": Text("准则名称", "criterion, Chinese"),
    "title_en": Text("准则名称（英文）", "criterion in words"),
    "weight": Text("权重", "weight"),
    "worst": Text("得 0 分的值", "value that scores 0"),
    "best": Text("得 1 分的值", "value that scores 1"),
    "lower_to": Text("降到此权重以下时首位易主", "below this weight another is first"),
    "lower_first": Text("届时首位", "which then"),
    "raise_to": Text("升到此权重以上时首位易主", "above this weight another is first"),
    "raise_first": Text("届时首位（上升）", "which then (raised)"),
}
MOVED = {
    "criterion": FLIPS["criterion"],
    "change": Text("权重变动", "change of the weight"),
    "weight": Text("变动后权重", "weight after it"),
    "first": Text("首位", "first"),
    "first_stays": Text("首位不变", "first stays first"),
}


def themed(site: PlantSite, name: str | None = None) -> ThemeResult:
    """Put everything into the shape that all writers read; ``name`` tells two sitings of one kind apart."""
    base = f"waste_plant_{name or site.kind.id}"
    title = Text(f"{site.kind.name.zh}选址", f"Site of the {site.kind.name.en}")
    words = {**CANDIDATES, **_criteria_words(site.ranking)}
    table = _with_scores(site)
    drawn = gpd.GeoDataFrame(table[table.geometry.notna()])
    best = _best_points(drawn, base)
    layers = [
        ThemeLayer(
            name=f"{base}_map",
            title=title,
            frame=_map(site, drawn),
            columns={"what": CANDIDATES["choice"]},
            show="what",
            classes=(GROUND, *CHOICES[:2]),
            label="label",
            note=NOTE,
            over=best,
        ),
        *best,
    ]
    if (site.mask.excluded["area_m2"] > 0).any():
        layers.append(mask_layer(site.mask, base))
    layers.append(
        ThemeLayer(
            name=f"{base}_candidates",
            title=Text(f"{site.kind.name.zh}候选地块", f"Candidates for a {site.kind.name.en}"),
            frame=drawn,
            columns=words,
            show="choice",
            classes=CHOICES,
            own_map=False,
            note=NOTE,
        )
    )
    tables = [
        ThemeTable(
            name=f"{base}_candidates",
            title=title,
            frame=pd.DataFrame(table.drop(columns="geometry")).reset_index(),
            columns={"id": Text("地块", "plot"), **words},
            note=no_way_note(site),
        ),
        ThemeTable(
            name=f"{base}_tests",
            title=Text("候选地块逐项检验", "Every test of every candidate"),
            frame=site.tests,
            columns=TEST_WORDS,
        ),
        mask_table(site.mask, base),
    ]
    tables += haul_tables(site, base)
    if site.balance is not None and site.balance.known:
        tables.append(balance_table(site.balance, base))
    if site.ranking is not None:
        tables += _ranking_tables(site.ranking, base)
    return ThemeResult(
        theme=base,
        title=title,
        layers=tuple(layers),
        tables=tuple(tables),
        figures=_figures(site),
        headlines=_headlines(site),
        findings=site.findings,
        missing=site.missing,
    )


def _best_points(drawn: gpd.GeoDataFrame, base: str) -> tuple[ThemeLayer, ...]:
    """Mark the best and those next to them by points: on the map of a city their plots are too small to be seen."""
    what = drawn["choice"].where(drawn["choice"].isin(["haul", "score", "both"]), "")
    what = what.mask((what == "") & (drawn["rank"] <= NEXT_RANKS), NEXT.value)
    kept = drawn[what != ""]
    if not len(kept):
        return ()
    rank = kept["rank"]
    frame = gpd.GeoDataFrame(
        {
            "what": what[kept.index],
            "rank": rank,
            "label": [str(i) if math.isnan(r) else f"{r:.0f}: {i}" for i, r in zip(kept.index, rank, strict=True)],
        },
        geometry=kept.geometry.representative_point(),
        crs=drawn.crs,
    )
    title = Text("首选与次选地块", "The best candidates")
    words = {"what": CANDIDATES["choice"], "rank": CANDIDATES["rank"], "label": Text("图上标注", "written on the map")}
    classes = (NEXT, *CHOICES[2:])
    return (
        ThemeLayer(
            name=f"{base}_best", title=title, frame=frame, columns=words, show="what", classes=classes, label="label",
            own_map=False,
        ),
    )  # fmt: skip


def _map(site: PlantSite, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Gather the ground that is out, and the candidates on it; the best are marked and named by points over it."""
    out = shapely.union_all(np.asarray(site.mask.excluded.geometry.array, dtype=object))
    rows = [] if shapely.is_empty(out) else [("out", out)]
    named = drawn["choice"].isin(["haul", "score", "both"]) | (drawn["rank"] <= NEXT_RANKS)
    frame = pd.DataFrame(
        {
            "what": [*(r[0] for r in rows), *drawn["choice"].where(drawn["choice"] == "refused", "")],
            "label": [*([""] * len(rows)), *("" if n or len(drawn) > MOST_NAMED else str(i) for i, n in named.items())],
        },
        index=pd.Index([*(r[0] for r in rows), *(f"plot {i}" for i in drawn.index)], name="id", dtype=object),
    )
    shapes = [*(r[1] for r in rows), *drawn.geometry]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=drawn.crs), crs=drawn.crs)


def _with_scores(site: PlantSite) -> gpd.GeoDataFrame:
    if site.ranking is None:
        return site.candidates
    more = site.ranking.table.drop(columns=["score", "rank"])
    return gpd.GeoDataFrame(site.candidates.join(more))


def _criteria_words(ranking: Ranking | None) -> dict[str, Text]:
    if ranking is None:
        return {}
    words = {"lacks": Text("未知的准则", "criteria that are not known")}
    for c in ranking.criteria:
        unit = Text(f"（{c.unit.zh}）", f" ({c.unit.en})") if c.unit.zh else Text("", "")
        words[f"value_{c.name}"] = Text(f"{c.title.zh}{unit.zh}", f"{c.title.en}{unit.en}")
        words[f"score_{c.name}"] = Text(f"{c.title.zh}：单项得分", f"{c.title.en}: score")
        words[f"adds_{c.name}"] = Text(f"{c.title.zh}：贡献分", f"{c.title.en}: adds to the score")
    return words


def _ranking_tables(ranking: Ranking, base: str) -> list[ThemeTable]:
    title = {c.name: c.title for c in ranking.criteria}
    flips = ranking.flips.assign(
        title_zh=[title[n].zh for n in ranking.flips["criterion"]],
        title_en=[title[n].en for n in ranking.flips["criterion"]],
        worst=[ranking.scales[n][0] for n in ranking.flips["criterion"]],
        best=[ranking.scales[n][1] for n in ranking.flips["criterion"]],
    )[list(FLIPS)]
    note = Text(
        "单项得分在得 0 分与得 1 分的值之间线性折算，未给定者取候选地块中最差与最好的值；"
        "一项权重变动时其余权重按原比例分配；空白为任何权重都不会使首位易主",
        "A criterion's score runs straight between the values that score 0 and 1, which are the worst and best of the "
        "candidates unless the study sets them; while one weight moves the others keep their proportions; empty: no "
        "weight makes another first",
    )
    if ranking.judged is not None:
        note = Text(f"{ranking.judged.text.zh}。{note.zh}", f"{ranking.judged.text.en}. {note.en}")
    return [
        ThemeTable(
            name=f"{base}_weights",
            title=Text("权重与首位易主的临界权重", "Weights, and where first place flips"),
            frame=flips,
            columns=FLIPS,
            note=note,
        ),
        ThemeTable(
            name=f"{base}_sensitivity",
            title=Text("权重敏感性", "Sensitivity to the weights"),
            frame=ranking.sensitivity,
            columns=MOVED,
            note=note,
        ),
    ]


def _figures(site: PlantSite) -> dict[str, Any]:
    table = site.candidates
    haul = site.haul
    lost = table.loc[table["allowed"], "haul_lost"]
    return {
        "kind": site.kind.id,
        "candidates": len(table),
        "lawful": int(table["allowed"].sum()),
        "refused": int((~table["allowed"]).sum()),
        "tests_not_judged": int((site.tests["outcome"] == "not_judged").sum()),
        "allowed_share": round(site.mask.allowed_m2 / site.mask.area_m2, 6),
        "best_by_haul": list(site.best_by_haul),
        "best_by_score": site.best_by_score,
        "haul_best": None if site.plan is None else round(float((site.hauls["weight"] * site.hauls["km"]).sum()), 3),
        "haul_before": None if haul is None or math.isnan(haul.before) else round(haul.before, 3),
        "plants_standing": None if haul is None else len(haul.standing),
        "haul_status": None if site.plan is None else site.plan.status,
        "haul_gap": None if site.plan is None else site.plan.gap,
        "haul_by_network": None if haul is None else haul.by_network,
        "haul_lost": None if lost.isna().all() else round(float(lost.max()), 6),
        "refused_no_way": int(((site.tests["test"] == "served") & (site.tests["outcome"] == "fail")).sum()),
        "score_costs": None if site.score_costs is None else round(site.score_costs, 3),
        "weights": {} if site.ranking is None else dict(site.ranking.weights),
        "first_stays": None if site.ranking is None else bool(site.ranking.sensitivity["first_stays"].all()),
        **balance_figures(site.balance),
    }


def _headlines(site: PlantSite) -> tuple[Text, ...]:
    table, kind = site.candidates, site.kind.name
    lawful = int(table["allowed"].sum())
    cut_off = int(((site.tests["test"] == "served") & (site.tests["outcome"] == FAIL)).sum())
    more = Text("", "")
    if cut_off:
        more = Text(f"；其余中 {cut_off} 块车行不可达", f"; of the others vehicles have no way to {cut_off}")
    lines = [
        Text(
            f"{kind.zh}：{len(table)} 块候选地块中 {lawful} 块通过全部可评判的检验{more.zh}",
            f"{kind.en}: {lawful} of {len(table)} candidates pass every test that could be judged{more.en}",
        )
    ]
    if not lawful and (table["failed"] > 0).any():
        near = table[table["failed"] > 0].sort_values(["failed", "haul_served"], ascending=[True, False]).iloc[0]
        lines.append(Text(f"最接近的 {near.name}：{near['reason_zh']}", f"closest is {near.name}: {near['reason_en']}"))
    lines += _best_lines(site)
    if site.ranking is not None and site.best_by_score is None:
        lacks = sorted({n for text in site.ranking.table["lacks"] for n in text.split()})
        title = {c.name: c.title for c in site.ranking.criteria}
        zh, en = "、".join(title[n].zh for n in lacks), ", ".join(title[n].en for n in lacks)
        lines.append(Text(f"未能排序：{zh}未知", f"not ranked: not known: {en}"))
    if site.ranking is not None and site.best_by_score is not None:
        lines.append(_flip_line(site.ranking, site.best_by_score))
    if site.balance is not None and site.balance.known:
        lines.append(balance_line(site.balance))
        lines += over_line(site)
    lines += no_way_line(site)
    lines += _failed_line(site)
    lines.append(mask_line(site.mask))
    return tuple(lines)


def _failed_line(site: PlantSite) -> list[Text]:
    """Say which tests refuse how many candidates, most first; ways have a line of their own."""
    failed = site.tests[(site.tests["outcome"] == FAIL) & site.tests["binding"] & (site.tests["test"] != "served")]
    if not len(failed):
        return []
    counts = failed.groupby(["test", "name_zh", "name_en"], sort=True)["plot"].nunique().reset_index()
    counts = counts.sort_values("plot", ascending=False, kind="stable")
    zh = "、".join(f"{row.name_zh} {row.plot} 块" for row in counts.itertuples())
    en = ", ".join(f"{row.name_en} {row.plot}" for row in counts.itertuples())
    return [Text(f"不通过的检验：{zh}（一块可有多项）", f"tests that candidates fail: {en} (one may fail several)")]


def _work_unit(site: PlantSite) -> Text:
    unit = Text("", "") if site.haul is None else site.haul.unit
    if unit == TONNES_DAY:
        return Text("吨·公里", "t·km")
    return Text(f"{unit.zh}·公里", f"{unit.en}·km")


def _best_lines(site: PlantSite) -> list[Text]:
    lines, work = [], _work_unit(site)
    if site.plan is not None:
        lines.append(haul_line(site))
    if site.plan is not None and site.haul is not None and site.haul.standing:
        n, before = len(site.haul.standing), site.haul.before
        saved = f"{before - site.plan.objective / 1000.0:,.1f}" if not math.isnan(before) else "—"
        lines.append(
            Text(
                f"现有 {n} 处同类设施一并计入（不计能力），新建后运输量每日减少 {saved} {work.zh}",
                f"with {n} that stand (capacities aside), the new saves {saved} {work.en} of haul a day",
            )
        )
    if site.best_by_score is not None:
        score = float(site.candidates.loc[site.best_by_score, "score"])
        more = site.score_costs
        also = Text("", "")
        if more is not None and not math.isclose(more, 0.0, abs_tol=1e-9):
            also = Text(
                f"；运输量比最小者每日多 {more:,.1f} {work.zh}",
                f"; {more:,.1f} {work.en} a day more haul than the least",
            )
        lines.append(
            Text(
                f"综合得分最高：{site.best_by_score}（{score:.1f} 分）{also.zh}",
                f"best score: {site.best_by_score} ({score:.1f} of 100){also.en}",
            )
        )
    return lines


def _flip_line(ranking: Ranking, first: str) -> Text:
    """Say which single change of a weight is the smallest that makes another first."""
    title = {c.name: c.title for c in ranking.criteria}
    found = []
    for row in ranking.flips.to_dict("records"):
        for side in ("lower", "raise"):
            to = float(row[f"{side}_to"])
            if not math.isnan(to):
                found.append((abs(to - row["weight"]), row["criterion"], row["weight"], to, row[f"{side}_first"]))
    if not found:
        return Text(
            f"任何单项权重变动都不改变首位 {first}", f"no change of one weight makes another than {first} first"
        )
    _, name, now, to, other = min(found, key=lambda f: (f[0], f[1]))
    return Text(
        f"首位易主的最小变动：“{title[name].zh}”权重由 {now:.2f} 变为 {to:.3f} 时，{other} 取代 {first}",
        f"smallest change that flips first place: weight of '{title[name].en}' from {now:.2f} to {to:.3f} puts {other} "
        f"before {first}",
    )
