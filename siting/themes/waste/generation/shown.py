"""Waste generated, in the words of planners."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from siting.coverage.model import CITY_LEVEL
from siting.display import count, percent
from siting.ledger import Text
from siting.themes.result import Scale, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.waste.generation.bands import A1, A2, A3, A4, FILL, FORMULA, PEAK, RATE
from siting.themes.waste.generation.sources import PEOPLE
from siting.themes.waste.streams import STREAMS, tonnes_of

if TYPE_CHECKING:
    from siting.themes.waste.generation.generated import Generation

THEME = "waste_generation"
TITLE = Text("垃圾产生量", "Waste generated")
_T = Text("吨/日", "t/d")
_KG = 1000.0
COLUMNS = {
    "origin": Text("来源（代码）", "origin (code)"),
    "origin_zh": Text("来源", "origin, Chinese"),
    "origin_en": Text("来源（英文）", "origin"),
    "source_id": Text("原编号", "id in the source"),
    "name": Text("名称", "name"),
    "amount": Text("人数或单位数", "people or units"),
    "t_day": Text("产生量（吨/日）", "waste (t/d)"),
    "t_day_low": Text("产生量下限（吨/日）", "waste, low (t/d)"),
    "t_day_high": Text("产生量上限（吨/日）", "waste, high (t/d)"),
    "kg_day": Text("产生量（千克/日）", "waste (kg/d)"),
    **{tonnes_of(s): Text(f"{w.zh}（吨/日）", f"{w.en} (t/d)") for s, w in STREAMS.items()},
    "reason": Text("未计入原因（代码）", "why not counted (code)"),
    "reason_zh": Text("未计入原因", "why not counted, Chinese"),
    "reason_en": Text("未计入原因（英文）", "why not counted"),
    "value": Text("原值", "as the source has it"),
    "level": Text("分区级别", "level of zones"),
    "zone": Text("分区", "zone"),
    "sources": Text("产生源数", "sources"),
    "left_out": Text("未计入的行（大于 0 时产生量为下限）", "rows not counted (above 0: tonnes are a lower bound)"),
    "stream": Text("类别（代码）", "stream (code)"),
    "stream_zh": Text("类别", "stream, Chinese"),
    "stream_en": Text("类别（英文）", "stream"),
    "mean_t_day": Text("平均日（吨/日）", "mean day (t/d)"),
    "people_t_day": Text("其中居民（吨/日）", "residents, of this (t/d)"),
    "others_t_day": Text("其中其他来源（吨/日）", "other sources, of this (t/d)"),
    "design_low": Text("日排出量 Q 下限（吨/日）", "daily waste Q, low (t/d)"),
    "design_high": Text("日排出量 Q 上限（吨/日）", "daily waste Q, high (t/d)"),
    "q_low": Text("日排出量 Q 下限（吨/日）", "daily waste Q, low (t/d)"),
    "q_high": Text("日排出量 Q 上限（吨/日）", "daily waste Q, high (t/d)"),
    "m3_mean_low": Text("平均日体积下限（立方米）", "mean volume, low (m³/d)"),
    "m3_mean_high": Text("平均日体积上限（立方米）", "mean volume, high (m³/d)"),
    "m3_peak_low": Text("高峰日体积下限（立方米）", "peak volume, low (m³/d)"),
    "m3_peak_high": Text("高峰日体积上限（立方米）", "peak volume, high (m³/d)"),
    "containers_mean_low": Text("平均日容器数下限", "containers, mean day, low"),
    "containers_mean_high": Text("平均日容器数上限", "containers, mean day, high"),
    "containers_peak_low": Text("高峰日容器数下限", "containers, peak day, low"),
    "containers_peak_high": Text("高峰日容器数上限", "containers, peak day, high"),
    "year": Text("年份", "year"),
    "people_factor": Text("人口系数（对基准年）", "people, times the base year"),
    "rate_factor": Text("人均产生量系数（对基准年）", "rate, times the base year"),
    "name_zh": Text("名称（中文）", "name, Chinese"),
    "name_en": Text("名称（英文）", "name"),
    "rows_in": Text("读入行数", "rows in"),
    "rows_used": Text("计入行数", "rows used"),
    "rows_left": Text("列出未计入行数", "rows listed, not counted"),
    "how_zh": Text("产生量依据", "where the tonnes come from, Chinese"),
    "how_en": Text("产生量依据（英文）", "where the tonnes come from"),
    "density": Text("人均日产生量（千克）", "kg a person and day"),
}


def themed(found: Generation) -> ThemeResult:
    """Put sources, zones and sums into the shape that all writers read."""
    note = note_of(found)
    points = _named(found, found.points.assign(kg_day=found.points["t_day"] * _KG))
    layers = [
        ThemeLayer(
            name="waste_sources",
            title=Text("各产生源垃圾产生量", "Waste by source"),
            frame=gpd.GeoDataFrame(points),
            columns=_columns(points.columns),
            show="kg_day",
            scale=Scale(unit=Text("千克/日", "kg/d"), ramp="more_is_worse", breaks=_breaks(points["kg_day"])),
            note=note,
        )
    ]
    layers += [layer for layer in (_zone_layer(found, level, note) for level in found.zone_shapes) if layer is not None]
    located = found.left_out[~found.left_out.geometry.isna()]
    if len(located):
        left = _named(found, gpd.GeoDataFrame(located))
        layers.append(
            ThemeLayer(
                name="waste_sources_left_out",
                title=Text("未计入产生量的产生源", "Sources that are not counted"),
                frame=left,
                columns=_columns(left.columns),
                own_map=False,
                note=note,
            )
        )
    return ThemeResult(
        theme=THEME,
        title=TITLE,
        layers=tuple(layers),
        tables=tuple(_tables(found, note)),
        figures=figures_of(found),
        headlines=headlines_of(found),
        findings=found.findings,
        missing=found.missing,
    )


def _breaks(values: pd.Series) -> tuple[float, ...] | None:
    """Return breaks that put about a fifth of the sources into each class, to two digits; None where all are alike."""
    found = sorted({float(f"{v:.2g}") for v in values.quantile([0.2, 0.4, 0.6, 0.8])}) if len(values) else []
    inside = [b for b in found if float(values.min()) < b < float(values.max())]
    return tuple(inside) if inside else None


def note_of(found: Generation) -> Text:
    """Say by which figures and clauses the tonnes were made."""
    hows = found.accounts
    zh, en = "；".join(hows["how_zh"]), "; ".join(hows["how_en"])
    day = Text("平均日产生量", "tonnes of a mean day")
    if found.basis == "design":
        a1, a2 = found.figures[A1], found.figures[A2]
        day = Text(
            f"日排出量 Q = A1·A2·R·C（A1 {a1.text.zh}，A2 {a2.text.zh}）",
            f"daily waste Q = A1 x A2 x R x C (A1 {a1.text.en}, A2 {a2.text.en})",
        )
    return Text(f"{day.zh}；{zh}；均为估算", f"{day.en}; {en}; all estimates")


def _named(found: Generation, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    words = [found.names[str(o)] for o in frame["origin"]]
    return gpd.GeoDataFrame(frame.assign(origin_zh=[w.zh for w in words], origin_en=[w.en for w in words]))


def _columns(columns: Iterable[object]) -> dict[str, Text]:
    return {str(c): COLUMNS[str(c)] for c in columns if str(c) in COLUMNS}


def _zone_layer(found: Generation, level: str, note: Text) -> ThemeLayer | None:
    shapes = found.zone_shapes[level]
    rows = found.totals[(found.totals["level"] == level) & (found.totals["origin"] == "all")]
    rows = rows[rows["zone"].isin(list(shapes))].set_index("zone")
    if not len(rows):
        return None
    frame = gpd.GeoDataFrame(
        rows.drop(columns=["level", "origin"]),
        geometry=[shapes[str(z)] for z in rows.index],
        crs=found.points.crs,
        index=pd.Index(rows.index.astype(str), name="id"),
    )
    return ThemeLayer(
        name=f"waste_zones_{level}".lower(),
        title=Text("各分区垃圾产生量", "Waste by zone"),
        frame=frame,
        columns=_columns(frame.columns),
        show="t_day",
        scale=Scale(unit=_T, ramp="more_is_worse"),
        label="name",
        note=note,
    )


def _tables(found: Generation, note: Text) -> Iterable[ThemeTable]:
    totals = found.totals.copy()
    words = [found.names.get(str(o), Text("合计", "together")) for o in totals["origin"]]
    totals.insert(4, "origin_zh", [w.zh for w in words])
    totals.insert(5, "origin_en", [w.en for w in words])
    yield _table("totals", Text("各分区各来源产生量", "Waste by zone and origin"), totals, note)
    a1, a2 = found.figures[A1], found.figures[A2]
    yield _table(
        "design",
        Text("平均日与规划日排出量", "Mean day, and the day to plan for"),
        found.design,
        Text(
            f"Q = A1·A2·R·C（{FORMULA}，A.0.1）；A1 {a1.text.zh}，A2 {a2.text.zh}；其他来源不乘系数",
            f"Q = A1 x A2 x R x C ({FORMULA}, A.0.1); A1 {a1.text.en}, A2 {a2.text.en}; other sources as they are",
        ),
    )
    if found.volumes is not None and found.container is not None:
        yield _table("volumes", Text("体积与容器数量", "Volumes and containers"), found.volumes, _volume_note(found))
    if len(found.years):
        years = found.years.copy()
        words = [found.names.get(str(o), Text("合计", "together")) for o in years["origin"]]
        years.insert(2, "origin_zh", [w.zh for w in words])
        years.insert(3, "origin_en", [w.en for w in words])
        text = Text("各年系数为研究自定；首年为基准年", "factors are the study's own; the first year is the base")
        yield _table("years", Text("各规划年产生量", "Waste in later years"), years, text)
    yield _table("accounts", Text("各来源读入与计入", "Rows read and used"), found.accounts, None)
    if len(found.left_out):
        left = pd.DataFrame(found.left_out.drop(columns="geometry")).reset_index(drop=True)
        yield _table("left_out", Text("未计入的行", "Rows that are not counted"), left, None)


def _table(name: str, title: Text, frame: pd.DataFrame, note: Text | None) -> ThemeTable:
    return ThemeTable(name=f"waste_{name}", title=title, frame=frame, columns=_columns(frame.columns), note=note)


def _volume_note(found: Generation) -> Text:
    assert found.container is not None
    parts = [(name, found.figures[rule]) for name, rule in (("A3", A3), ("K", PEAK), ("B", FILL), ("A4", A4))]
    zh = "，".join(f"{n} {b.text.zh}" for n, b in parts)
    en = ", ".join(f"{n} {b.text.en}" for n, b in parts)
    dense = found.container.density_t_m3.items()
    dense_zh = "、".join(f"{STREAMS[s].zh} {d:g}" for s, d in dense)
    dense_en = ", ".join(f"{STREAMS[s].en} {d:g}" for s, d in dense)
    bin_m3 = found.container.volume_m3
    return Text(
        f"V = Q/(D·A3)，高峰乘 K；N = V/(E·B)·A4，逐行取整，各分区之和可大于全市；{zh}；"
        f"容重 D（吨/立方米，研究自定）{dense_zh}；容器容积 E {bin_m3:g} 立方米（研究自定）",
        f"V = Q / (D x A3), at peak times K; N = V / (E x B) x A4, rounded up row by row, so zones may add up to more "
        f"than the city; {en}; the study's own: density D (t/m³) {dense_en}, container E {bin_m3:g} m³",
    )


def figures_of(found: Generation) -> dict[str, object]:
    """Headline numbers by name; None where unknown."""
    city = found.city
    rate = found.figures[RATE]
    return {
        "t_day": _plain(city["t_day"]),
        "t_day_low": _plain(city["t_day_low"]),
        "t_day_high": _plain(city["t_day_high"]),
        "streams": {s: _plain(city[tonnes_of(s)]) for s in STREAMS},
        "origins": {
            str(r["origin"]): _plain(r["t_day"])
            for r in found.totals[found.totals["level"] == CITY_LEVEL].to_dict("records")
            if r["origin"] != "all"
        },
        "design_low": _plain(found.design["design_low"].iloc[0]),
        "design_high": _plain(found.design["design_high"].iloc[0]),
        "basis": found.basis,
        "kg_per_person_day": [rate.low, rate.high],
        "rate_confidence": "study" if rate.own else rate.rule.confidence.value,
        "sources": len(found.points),
        "left_out": len(found.left_out),
        "estimate": True,
        "years": {
            str(int(r["year"])): _plain(r["t_day"]) for r in found.years.to_dict("records") if r["origin"] == "all"
        },
    }


def _plain(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return None if math.isnan(number) else number


def headlines_of(found: Generation) -> tuple[Text, ...]:
    """Say how much there is, from whom, and how sure that is."""
    city, rate = found.city, found.figures[RATE]
    if math.isnan(city["t_day"]):
        return (Text("垃圾产生量未知：没有可用的产生源", "the tonnes are not known: no source can be used"),)
    low, high = city["t_day_low"], city["t_day_high"]
    wide = Text("", "")
    if high > low:
        read = rate.rule.confidence.text
        wide = Text(
            f"（人均值取条文范围 {rate.low:g}–{rate.high:g} 的中值，{read.zh}；范围 {_t(low)}–{_t(high)} 吨/日）",
            f" (the middle of {rate.low:g}-{rate.high:g} kg a person and day, {read.en}; {_t(low)} to {_t(high)} t/d)",
        )
    lines = [Text(f"估算日产生量 {_t(city['t_day'])} 吨{wide.zh}", f"estimated waste {_t(city['t_day'])} t/d{wide.en}")]
    known = [(s, float(city[tonnes_of(s)])) for s in STREAMS if city[tonnes_of(s)] > 0]
    if known and city["t_day"] > 0:
        zh = "，".join(f"{STREAMS[s].zh} {_t(t)}（{percent(t / city['t_day'])}）" for s, t in known)
        en = ", ".join(f"{STREAMS[s].en} {_t(t)} ({percent(t / city['t_day'])})" for s, t in known)
        lines.append(Text(f"分类（吨/日）：{zh}", f"by stream (t/d): {en}"))
    others = found.totals[(found.totals["level"] == CITY_LEVEL) & ~found.totals["origin"].isin([PEOPLE, "all"])]
    if len(others):
        rows = [(found.names[str(r["origin"])], r["t_day"]) for r in others.to_dict("records")]
        zh = "，".join(f"{w.zh} {_t(t)}" for w, t in rows)
        en = ", ".join(f"{w.en} {_t(t)}" for w, t in rows)
        lines.append(Text(f"居民以外（吨/日）：{zh}", f"beside residents (t/d): {en}"))
    design = found.design.iloc[0]
    lines.append(
        Text(
            f"按 Q = A1·A2·R·C 规划日排出量 {_span(design)} 吨",
            f"by Q = A1 x A2 x R x C the day to plan for has {_span(design)} t",
        )
    )
    if len(found.years):
        last = found.years[found.years["origin"] == "all"].iloc[-1]
        lines.append(
            Text(f"{last['year']} 年 {_t(last['t_day'])} 吨/日（研究自定系数）",
                 f"{last['year']}: {_t(last['t_day'])} t/d (the study's factors)")
        )  # fmt: skip
    if len(found.left_out):
        n = len(found.left_out)
        lines.append(
            Text(f"{n} 行数量未知或不可用，已列出，未计入", f"{n} rows unknown or unusable: listed, not counted")
        )
    return tuple(lines)


def _span(row: pd.Series) -> str:
    low, high = _t(row["design_low"]), _t(row["design_high"])
    return low if low == high else f"{low}–{high}"


def _t(tonnes: float) -> str:
    return str(count(round(float(tonnes), 2)) or "—")
