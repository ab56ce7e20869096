"""Spacing along streets in the words of planners: stretches that are too long, and what each type of street lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.display import percent
from siting.ledger import Text
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.toilets.shown_layers import toilets_over

if TYPE_CHECKING:
    from siting.themes.toilets.spacing import ToiletSpacing

TITLE = Text("沿街公厕间距", "Spacing of public toilets along streets")
KINDS = (
    Class(value="none", name=Text("全路无公厕", "no toilet on the street"), role="bad"),
    Class(value="branching", name=Text("岔路路段距各座过远", "junction too far from its toilets"), role="poor"),
    Class(value="between", name=Text("相邻两座间距过大", "two toilets too far apart"), role="accent"),
    Class(value="end", name=Text("尽端路段距末座过远", "dead end too far from its toilet"), role="muted"),
)
WORDS = {
    "type": Text("道路类型", "type of street"),
    "type_zh": Text("道路类型（中文）", "type of street (Chinese)"),
    "type_en": Text("道路类型（英文）", "type of street (English)"),
    "rule": Text("规则", "rule"),
    "clause": Text("条款", "clause"),
    "confidence": Text("可信度", "confidence"),
    "spacing_m": Text("间距限值（米）", "spacing asked (m)"),
    "kind": Text("情形", "what it is"),
    "street": Text("路名", "street"),
    "length_m": Text("路段全长（米，含两端各半个间距）", "length from toilet to toilet (m)"),
    "excess_m": Text("超出长度（米）", "too long by (m)"),
    "farthest_m": Text("最远点至公厕（米）", "worst point to its toilet (m)"),
    "lacks": Text("至少缺（座）", "toilets lacking, at least"),
    "lacks_most": Text("补足所需（座）", "toilets that suffice"),
    "toilets": Text("公厕", "toilets"),
    "dead_ends": Text("尽端数", "dead ends"),
    "street_m": Text("道路长度（米）", "length of streets (m)"),
    "stretches": Text("过长路段数", "stretches too long"),
    "too_long_m": Text("超出长度合计（米）", "too long by, in all (m)"),
    "share_too_long": Text("超出长度占比", "share of length too far"),
    "short_m": Text("总长不超过间距、未评的道路（米）", "streets no longer than the spacing, not judged (m)"),
    "streets": Text("所属道路类型", "types of street it belongs to"),
    "away_m": Text("至道路（米）", "distance to the street (m)"),
}


_FIGURES = ("street_m", "stretches", "too_long_m", "lacks", "lacks_most", "rule", "confidence")


def themed(found: ToiletSpacing) -> ThemeResult:
    """Put stretches, toilets and types of street into the shape that all writers read."""
    note = _joined(found.notes)
    alone = (found.toilets["streets"] == "").sum()
    rows = found.by_type.to_dict("records")
    layers = []
    if len(found.stretches):
        layers.append(
            ThemeLayer(
                name="toilet_spacing", title=Text("公厕间距过大的路段", "Streets too far from a public toilet"),
                frame=found.stretches, columns=WORDS, show="kind", classes=KINDS, note=note,
                over=(toilets_over("toilets_points", found.toilets),),
            )
        )  # fmt: skip
    return ThemeResult(
        theme="toilet_spacing",
        title=TITLE,
        layers=tuple(layers),
        tables=(
            ThemeTable(
                name="toilet_spacing_types",
                title=Text("各类道路的公厕间距", "Spacing of toilets by type of street"),
                frame=found.by_type,
                columns=WORDS,
                note=Text(
                    f"{note.zh}；缺口按各路段单独计，相邻路段可能共用一座",
                    f"{note.en}; each stretch is counted by itself, neighbours may share a toilet",
                ),
            ),
            ThemeTable(
                name="toilet_spacing_stretches",
                title=Text("间距过大的路段", "Stretches that are too long"),
                frame=found.stretches.drop(columns="geometry").reset_index(),
                columns=WORDS,
                note=Text(
                    "超出部分：沿同类道路距最近公厕超过半个间距的路段；尽端不得远于半个间距",
                    "too long is what lies farther than half a spacing from its nearest toilet along streets of the "
                    "type, dead ends included",
                ),
            ),
        ),
        figures={
            "stretches": len(found.stretches),
            "toilets": len(found.toilets),
            "toilets_on_no_typed_street": int(alone),
            "types": {r["type"]: {name: r[name] for name in _FIGURES} for r in rows},
        },
        headlines=tuple(_line(r) for r in rows if r["street_m"]),
        missing=tuple(
            (Text(f"{r['type_zh']}公厕间距", f"spacing on {r['type_en']}"),
             Text("没有此类道路；请给出道路类型字段或等级对照", "no street is of this type: give a column or mapping"))
            for r in rows if not r["street_m"]
        ),
    )  # fmt: skip


def _joined(notes: tuple[Text, ...]) -> Text:
    return Text("；".join(n.zh for n in notes), "; ".join(n.en for n in notes))


def _line(row: dict) -> Text:  # type: ignore[type-arg]
    """One sentence a type of street."""
    km, far = row["street_m"] / 1000, row["too_long_m"] / 1000
    if row["short_m"] == row["street_m"]:
        return Text(
            f"{row['type_zh']} {km:.1f} km：各段总长均不超过间距，未评",
            f"{row['type_en']}, {km:.1f} km: none is longer than the spacing, not judged",
        )
    if not row["stretches"]:
        return Text(f"{row['type_zh']} {km:.1f} km：间距均符合", f"{row['type_en']}, {km:.1f} km: every spacing is met")
    share = percent(row["share_too_long"])
    return Text(
        f"{row['type_zh']} {km:.1f} km：{row['stretches']} 段过长，超出 {far:.1f} km（{share}），"
        f"各段单独计至少缺 {row['lacks']} 座，{row['lacks_most']} 座足够",
        f"{row['type_en']}, {km:.1f} km: {row['stretches']} stretches too long, by {far:.1f} km ({share}); each by "
        f"itself, they lack {row['lacks']} toilets at least, and {row['lacks_most']} suffice",
    )
