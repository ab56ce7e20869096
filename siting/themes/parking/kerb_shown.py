"""Kerb spaces against the footway, in the words of planners."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from siting.ledger import Text
from siting.standards import document_text
from siting.standards.labels import figure_text
from siting.themes.parking.kerb import STATES, WANTED, Kerbs
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable

TITLE = Text("路内停车与人行道", "Kerb spaces and footways")
CLASSES = tuple(
    Class(value=state, name=STATES[state], role=role)  # type: ignore[arg-type]
    for state, role in (("blocks", "bad"), ("clear", "good"), ("unknown", "muted"))
)
COLUMNS = {
    "id": Text("编号", "id"),
    "name": Text("名称", "name"),
    "position": Text("停放位置（parking 标签）", "position (tag parking)"),
    "footway_m": Text("人行道宽度（米）", "width of the footway (m)"),
    "kerb_on_footway_m": Text("停车占用人行道（米）", "taken by cars (m)"),
    "clear_m": Text("剩余宽度（米）", "width left (m)"),
    "needed_m": Text("条文要求（米）", "width of the clause (m)"),
    "state": Text("判定", "state"),
    "why_zh": Text("说明", "why, Chinese"),
    "why_en": Text("说明（英文）", "why"),
}


def kerb_themed(found: Kerbs) -> ThemeResult:
    """Put the kerbs into the shape that all writers read."""
    counts = {state: int((found.kerbs["state"] == state).sum()) for state in STATES}
    note = _note(found)
    frame = gpd.GeoDataFrame(found.kerbs, geometry=found.kerbs.geometry.representative_point())
    return ThemeResult(
        theme="parking_kerbs",
        title=TITLE,
        layers=(
            ThemeLayer(
                name="parking_kerbs",
                title=TITLE,
                frame=frame,
                columns=COLUMNS,
                show="state",
                classes=CLASSES,
                own_map=counts["blocks"] + counts["clear"] > 0,
                note=note,
            ),
        ),
        tables=(
            ThemeTable(
                name="parking_kerbs",
                title=TITLE,
                frame=pd.DataFrame(found.kerbs.drop(columns="geometry")).rename_axis("id").reset_index(),
                columns=COLUMNS,
                note=note,
            ),
        ),
        figures={
            "kerbs": len(found.kerbs),
            **counts,
            "rule": None if found.rule is None else found.rule.id,
            "confidence": None if found.rule is None else found.rule.confidence.value,
        },
        headlines=(_line(len(found.kerbs), counts),),
        findings=found.findings,
    )


def _line(every: int, counts: dict[str, int]) -> Text:
    unknown = counts["unknown"]
    if unknown == every:
        return Text(
            f"路内停车 {every} 处：人行道宽度均不详，一处也未评判（宽度不详：{unknown} 处）。{WANTED.zh}",
            f"Places with kerb spaces: {every}; the width of the footway is known at none, so none is judged (width "
            f"unknown: {unknown}). {WANTED.en}",
        )
    more = Text(f"。{WANTED.zh}", f". {WANTED.en}") if unknown else Text("", "")
    return Text(
        f"路内停车 {every} 处：人行道宽度不足 {counts['blocks']} 处，满足 {counts['clear']} 处，宽度不详 {unknown} 处"
        f"（未评判）{more.zh}",
        f"Places with kerb spaces: {every}; footway too narrow: {counts['blocks']}, wide enough: {counts['clear']}, "
        f"width not known: {unknown} (not judged){more.en}",
    )


def _note(found: Kerbs) -> Text:
    rule = found.rule
    if rule is None:
        return Text(
            "规范库中没有人行道宽度条文，未评判", "the catalogue has no clause on the width of footways: not judged"
        )
    read, figure = rule.confidence.text, figure_text(rule)
    return Text(
        f"人行道宽度 {figure.zh}（{document_text(rule, 'zh')}，{read.zh}；条文针对居住区道路，其他道路仅供参考）；"
        "仅在宽度已知处评判",
        f"footway {figure.en} ({document_text(rule, 'en')}, {read.en}; the clause is about residential streets, "
        "elsewhere it is a comparison); judged only where widths are known",
    )
