"""Which class fits which plot, in the words of planners: layers, tables, figures and sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from siting.ledger import Text
from siting.standards.labels import document_text
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.waste.ground import TEST_WORDS
from siting.themes.waste.stations.classes import CLASS_IDS, NOT_FIXED, ROMAN, class_table
from siting.themes.waste.stations.plot_rows import FITS, REFUSED

if TYPE_CHECKING:
    from siting.themes.waste.stations.fit import StationFit

TITLE = Text("垃圾转运站适建地块", "Plots for waste transfer stations")
MANY = 25
"""More plots than this lie all over a city."""
OUTCOMES = (
    Class(value=FITS, name=Text("可建（标最大类别）", "holds one (largest class)"), role="good"),
    Class(value=REFUSED, name=Text("不可建", "holds none"), role="bad"),
)
STATUS = (
    Class(value="candidate", name=Text("可建", "could be built"), role="site"),
    Class(value="existing", name=Text("现有", "stands"), role="existing"),
)
PLOTS = {
    "name": Text("名称", "name"),
    "status": Text("现状（candidate 候选，existing 现有站扩建）", "status (existing: a station that could grow)"),
    "outcome": Text("结论（代码）", "outcome (code)"),
    "classes": Text("可建类别", "classes that fit"),
    "largest_class": Text("可建最大类别", "largest class that fits"),
    "capacity_t_day": Text("该类别规模上限（吨/日）", "upper end of that class (t/d)"),
    "area_m2": Text("地块面积（平方米）", "area of the plot (m²)"),
    "width_m": Text("可容最大圆直径（米）", "largest circle inside (m across)"),
    "building_m": Text("至最近建筑（米，边到边）", "to the nearest building (m, edge to edge)"),
    "road_m": Text("至机动车道路（米）", "to a street for vehicles (m)"),
    "failed": Text("不通过的检验（项）", "tests failed"),
    "reason_zh": Text("理由", "why, Chinese"),
    "reason_en": Text("理由（英文）", "why"),
}
VERSIONS = {
    "site": Text("所属地块", "plot"),
    "name": PLOTS["name"],
    "status": Text("状态（代码）", "status (code)"),
    "station_class": Text("转运站类别", "class of station"),
    "capacity_t_day": Text("规模（吨/日；新建为按用地内插）", "capacity (t/d; of new ones what their land gives)"),
    "capacity_by_land_t_day": Text(
        "按用地内插的规模（吨/日，估算）", "capacity in proportion to the land (t/d, estimate)"
    ),
    "fixed_cost_day": Text("日固定费用", "fixed cost a day"),
    "cost_per_t": Text("每吨费用", "cost per tonne"),
    "streams": Text("接收类别（空为全部）", "streams (empty: all)"),
    "area_m2": PLOTS["area_m2"],
    "room_m2": Text("绿化隔离带以内面积（平方米）", "land inside the green belt (m²)"),
}
CLASS_WORDS = {
    "station_class": VERSIONS["station_class"],
    "what_zh": Text("指标", "figure, Chinese"),
    "what_en": Text("指标（英文）", "figure"),
    "least": Text("下限", "least"),
    "most": Text("上限", "most"),
    "unit": Text("单位", "unit"),
    "rule": Text("规则编号", "rule id"),
    "clause": Text("条文", "clause"),
    "confidence": Text("可信度（代码）", "how it was read (code)"),
    "confidence_zh": Text("可信度", "how it was read, Chinese"),
    "confidence_en": Text("可信度（英文）", "how it was read"),
}


def themed(fit: StationFit) -> ThemeResult:
    """Put it into the shape that all writers read."""
    note = _note(fit)
    drawn = gpd.GeoDataFrame(fit.plots[fit.plots.geometry.notna()])
    best = [f" {ROMAN[c]}" if isinstance(c, str) else "" for c in drawn["largest_class"]]
    drawn = gpd.GeoDataFrame(drawn.assign(label=[f"{i}{c}" for i, c in zip(drawn.index, best, strict=True)]))
    plots = ThemeLayer(name="waste_station_plots", title=TITLE, frame=drawn, columns=PLOTS, show="outcome",
                       classes=OUTCOMES, label="label", note=note)  # fmt: skip
    layers = [plots]
    if len(drawn) > MANY and (drawn["outcome"] == FITS).any():
        layers = _with_marks(plots)
    if len(fit.versions):
        layers.append(
            ThemeLayer(
                name="waste_station_versions", title=Text("转运站方案（逐类别）", "Stations class by class"),
                frame=fit.versions, columns=VERSIONS, show="status", classes=STATUS, own_map=False, note=note,
            )
        )  # fmt: skip
    tables = (
        ThemeTable(name="waste_station_plots", title=TITLE, frame=_rows(fit),
                   columns={"id": Text("地块", "plot"), **PLOTS}, note=note),
        ThemeTable(name="waste_station_tests", title=Text("地块逐项检验", "Every test of every plot"), frame=fit.tests,
                   columns=TEST_WORDS, note=note),
        ThemeTable(name="waste_station_classes", title=Text("转运站分类指标", "Classes of transfer stations"),
                   frame=class_table(fit.classes), columns=CLASS_WORDS, note=note),
    )  # fmt: skip
    return ThemeResult(
        theme="waste_stations",
        title=TITLE,
        layers=tuple(layers),
        tables=tables,
        figures=_figures(fit),
        headlines=_headlines(fit),
        findings=fit.findings,
        missing=fit.missing,
    )


def _with_marks(plots: ThemeLayer) -> list[ThemeLayer]:
    """Mark and name those that hold a station: among plots all over a city they would not be found."""
    holds = plots.frame[plots.frame["outcome"] == FITS]
    marks = replace(
        plots,
        name="waste_station_plots_fit",
        title=Text("可建转运站的地块", "Plots that hold a station"),
        frame=gpd.GeoDataFrame(holds.set_geometry(holds.geometry.representative_point())),
        classes=(replace(OUTCOMES[0], mark="triangle"),),
        own_map=False,
    )
    return [replace(plots, label=None, over=(marks,)), marks]


def _rows(fit: StationFit) -> pd.DataFrame:
    """Put the classes that fit before all else: a page has room for the first words only."""
    rows = fit.plots.drop(columns="geometry").reset_index()
    first = ["id", "classes", "name"]
    return pd.DataFrame(rows[[*first, *(c for c in rows.columns if c not in first)]])


def _note(fit: StationFit) -> Text:
    """Say which figures are not read, and what the mandatory code leaves open."""
    unread = sorted({id_ for c in fit.classes for id_ in c.unread})
    zh = "距离为建筑边缘到地块边缘；用地按扣除绿化隔离带后计"
    en = "Distances run from building edge to plot edge; land counts inside the green belt"
    if NOT_FIXED in fit.catalogue:
        rule = fit.catalogue[NOT_FIXED]
        zh += f"；{document_text(rule, 'zh')}：{rule.name.zh}"
        en += f"; {document_text(rule, 'en')}: {rule.name.en}"
    if unread:
        zh += f"；未核实默认值：{'、'.join(unread)}"
        en += f"; unverified defaults: {', '.join(unread)}"
    return Text(zh, en)


def _counts(fit: StationFit) -> dict[str, int]:
    largest = fit.plots.loc[fit.plots["status"] == "candidate", "largest_class"].tolist()
    return {c: largest.count(c) for c in CLASS_IDS if c in {k.id for k in fit.classes}}


def _figures(fit: StationFit) -> dict[str, Any]:
    new = fit.plots["status"] == "candidate"
    fits = (fit.plots["outcome"] == FITS) & new
    stand = fit.versions["status"] == "existing"
    return {
        "plots": int(new.sum()),
        "plots_that_fit": int(fits.sum()),
        "plots_refused": int((~fits & new).sum()),
        "stations_that_could_grow": int(((fit.plots["outcome"] == FITS) & ~new).sum()),
        "plots_by_largest_class": _counts(fit),
        "tests": len(fit.tests),
        "tests_not_judged": int((fit.tests["outcome"] == "not_judged").sum()),
        "stations_standing": int(stand.sum()),
        "unverified_rules": sorted({id_ for c in fit.classes for id_ in c.unread}),
    }


def _headlines(fit: StationFit) -> tuple[Text, ...]:
    figures = _figures(fit)
    counts = [(c, n) for c, n in figures["plots_by_largest_class"].items() if n]
    zh = "、".join(f"{c} 类 {n} 块" for c, n in counts) or "无"
    en = ", ".join(f"class {c}: {n}" for c, n in counts) or "none"
    lines = [
        Text(
            f"{figures['plots']} 块用地中 {figures['plots_that_fit']} 块可建转运站（按可建最大类别：{zh}）",
            f"{figures['plots_that_fit']} of {figures['plots']} plots hold a transfer station (largest class: {en})",
        )
    ]
    tests = fit.tests[(fit.tests["outcome"] == "fail") & (fit.tests["test"] == "spacing")]
    if len(tests):
        least = tests.sort_values(["short", "plot"]).iloc[0]
        lines.append(
            Text(
                f"间距不足最少的地块 {least['plot']}（{least['subject']} 类）：{least['text_zh']}",
                f"nearest to the spacing it lacks, plot {least['plot']} (class {least['subject']}): {least['text_en']}",
            )
        )
    if figures["stations_that_could_grow"]:
        n = figures["stations_that_could_grow"]
        lines.append(
            Text(f"{n} 座现有转运站的用地可扩建为更大类别", f"stations whose grounds hold a larger class: {n}")
        )
    if figures["unverified_rules"]:
        lines.append(
            Text(
                f"其中 {len(figures['unverified_rules'])} 项指标为未核实默认值，结论须核对条文后使用",
                f"{len(figures['unverified_rules'])} of the figures are unverified defaults: check the clauses first",
            )
        )
    return tuple(lines)
