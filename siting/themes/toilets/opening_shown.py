"""Toilets of public buildings that could be opened, in the words of planners: lot by lot, and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.standards import load_classes
from siting.themes.result import Class, Scale, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.toilets.opening import CLOSED, LAYER, OPEN, UNKNOWN
from siting.themes.toilets.reach import SLOT_NAMES

if TYPE_CHECKING:
    from siting.themes.toilets.opening import Opening

TITLE = Text("社会厕所开放", "Opening toilets of public buildings")
_ANY = Text("不论时段", "at any time")
_STATES = {OPEN: Text("开放", "open"), CLOSED: Text("关闭", "closed"), UNKNOWN: Text("未知", "unknown")}
_HOURS = {
    "known": Text("已读取", "read"), "not_read": Text("无法确定", "in doubt"), "none": Text("缺少", "none given"),
}  # fmt: skip
_USEFUL = (
    Class(value="gain", name=Text("开放后有新增", "opening it adds"), role="site"),
    Class(value="shared", name=Text("新增由他处提供", "others give the same"), role="fair"),
    Class(value="none", name=Text("无新增", "it adds nothing"), role="muted"),
)
_NAMED, _LABELLED = 3, 25


def themed(found: Opening) -> ThemeResult:
    """Put lots and their gains into the shape that all writers read."""
    unit = found.unit
    words = _words(found, unit)
    how = _how(found)
    lots = _shown_lots(found)
    use = [
        "gain" if a > 0 else "shared" if g > 0 else "none" for a, g in zip(lots["added"], lots["alone"], strict=True)
    ]
    label = [str(k) if u == "gain" and k <= _LABELLED else None for k, u in zip(lots["order"], use, strict=True)]
    layers = (
        ThemeLayer(
            name="toilet_opening", title=Text("可开放的社会厕所（按新增排序）", "Toilets to open, by what each adds"),
            frame=lots.assign(use=use, label=label), columns=words, show="use", classes=_USEFUL, label="label",
            note=how,
        ),
        ThemeLayer(
            name="toilet_opening_alone",
            title=Text("社会厕所单独开放的新增", "What each toilet gives if it opens alone"),
            frame=lots, columns=words, show="alone", scale=Scale(unit=unit, ramp="more_is_better"), own_map=False,
            note=how,
        ),
    )  # fmt: skip
    tables = (
        ThemeTable(
            name="toilet_opening", title=Text("社会厕所逐处开放的新增", "What opening each toilet gives"),
            frame=pd.DataFrame(lots.drop(columns="geometry")).rename_axis("id").reset_index(), columns=words, note=how,
        ),
        ThemeTable(
            name="toilet_opening_slots",
            title=Text("社会厕所全部开放的新增（分时段）", "All of them open, by time of day"),
            frame=_shown_slots(found), columns=words, note=how,
        ),
    )  # fmt: skip
    return ThemeResult(
        theme="toilet_opening",
        title=TITLE,
        layers=layers,
        tables=tables,
        figures=_figures(found),
        headlines=_headlines(found, unit),
        findings=found.findings,
    )


def _words(found: Opening, unit: Text) -> dict[str, Text]:
    words = {
        "id": Text("编号", "id"),
        "name": Text("名称", "name"),
        "kind_zh": Text("类别", "kind (Chinese)"),
        "kind_en": Text("类别（英文）", "kind"),
        "hours_text": Text("开放时间（原文）", "opening hours as written"),
        "hours": Text("开放时间", "opening hours"),
        "alone": Text(f"单独开放新增（{unit.zh}）", f"gained if it opens alone ({unit.en})"),
        "order": Text("开放次序（新增最多者先）", "order, most gained first"),
        "added": Text(f"依次开放新增（{unit.zh}）", f"gained in this order ({unit.en})"),
        "together": Text(f"累计新增（{unit.zh}）", f"gained with all before it ({unit.en})"),
        "use": Text("作用", "what it gives"),
        "label": Text("次序", "order"),
        "slot": Text("时段", "time of day"),
        "at": Text("时刻", "clock"),
        OPEN: Text("开放（处）", "open"),
        CLOSED: Text("关闭（处）", "closed"),
        UNKNOWN: Text("时间未知（处）", "hours unknown"),
        "before": Text(f"现状服务（{unit.zh}）", f"served today ({unit.en})"),
        "after": Text(f"开放后服务（{unit.zh}）", f"served then ({unit.en})"),
        "gain": Text(f"新增（{unit.zh}）", f"gained ({unit.en})"),
        "gain_most": Text(
            f"时间未知者也开放时的新增（{unit.zh}）", f"gained if those of unknown hours open ({unit.en})"
        ),
        "total": Text(f"总量（{unit.zh}）", f"all ({unit.en})"),
    }
    for slot, at in zip(found.slots["slot"], found.slots["at"], strict=True):
        name = _slot(slot, at)
        words[f"state_{slot}"] = Text(f"{name.zh}是否开放", f"open {name.en}")
        words[f"alone_{slot}"] = Text(
            f"{name.zh}单独开放新增（{unit.zh}）", f"gained alone {name.en} ({unit.en}), – where hours are unknown"
        )
    return words


def _slot(slot: str, at: object) -> Text:
    if not isinstance(at, str):
        return _ANY
    name = SLOT_NAMES.get(slot, Text(slot, slot))
    return Text(f"{name.zh} {at} ", f"{name.en} ({at})")


def _shown_lots(found: Opening) -> Any:
    lots = found.lots
    classes = load_classes()
    kinds = [Text("研究给定", "given by the study") if k == LAYER else classes[k].name for k in lots["kind"]]
    shown = lots.assign(
        kind_zh=[k.zh for k in kinds], kind_en=[k.en for k in kinds],
        hours=[_HOURS[h].both(" / ") for h in lots["hours"]],
    )  # fmt: skip
    states = [c for c in lots.columns if c.startswith("state_")]
    shown = shown.assign(**{c: [_STATES[s].both(" / ") for s in lots[c]] for c in states})
    first = ["order", "name", "kind_zh", "kind_en", "alone", "added", "together", "hours_text", "hours"]
    slots = [c for c in lots.columns if c.startswith(("state_", "alone_"))]
    return shown[[*first, *slots, "geometry"]]


def _shown_slots(found: Opening) -> pd.DataFrame:
    names = [_slot(s, a) for s, a in zip(found.slots["slot"], found.slots["at"], strict=True)]
    return found.slots.assign(slot=[n.both(" / ") for n in names]).drop(columns="at")


def _how(found: Opening) -> Text:
    way = Text("沿路网", "along streets") if found.measure == "network" else Text("直线", "straight lines")
    zh, en = [way.zh], [way.en]
    if found.assumed:
        names = [load_classes()[c].name for c in found.assumed]
        zh.append(f"假定{'、'.join(n.zh for n in names)}内设有厕所（研究给定，未逐处核实）")
        en.append(f"{', '.join(n.en for n in names)}: assumed to have a toilet (by the study; nobody checked each)")
    zh += [n.zh for n in found.notes]
    en += [n.en for n in found.notes]
    return Text("；".join(zh), "; ".join(en))


def _figures(found: Opening) -> dict[str, Any]:
    lots, slots = found.lots, found.slots.set_index("slot")
    figures: dict[str, Any] = {"lots": len(lots), "useful": int((lots["added"] > 0).sum())}
    for slot in slots.index:
        row = slots.loc[slot]
        figures[str(slot)] = {k: float(row[k]) for k in ("before", "after", "gain", "gain_most", "total")}
        figures[str(slot)] |= {k: int(row[k]) for k in (OPEN, CLOSED, UNKNOWN)}
    figures["hours"] = {k: int((lots["hours"] == k).sum()) for k in _HOURS}
    return figures


def _headlines(found: Opening, unit: Text) -> tuple[Text, ...]:
    lots, whole = found.lots, found.slots.iloc[0]
    useful = lots[lots["added"] > 0]

    def share(value: float) -> str:
        return (percent(value / whole["total"]) if whole["total"] else None) or "–"

    said = [
        Text(
            f"{len(lots)} 处社会厕所全部开放：服务 {whole['before']:,.0f} → {whole['after']:,.0f} {unit.zh}"
            f"（{share(whole['before'])} → {share(whole['after'])}），有新增的 {len(useful)} 处",
            f"all {len(lots)} toilets of public buildings open: {whole['before']:,.0f} -> {whole['after']:,.0f} "
            f"{unit.en} ({share(whole['before'])} -> {share(whole['after'])}); {len(useful)} of them add something",
        )
    ]
    if len(useful):
        some = useful.head(_NAMED)
        labels = [n if isinstance(n, str) else str(i) for i, n in zip(some.index, some["name"], strict=True)]
        named = [f"{label}（+{a:,.0f}）" for label, a in zip(labels, some["added"], strict=True)]
        plain = [n.replace("（", " (").replace("）", ")") for n in named]
        said.append(Text(f"优先开放：{'、'.join(named)}", f"first to open: {', '.join(plain)}"))
    for row in found.slots.iloc[1:].to_dict("records"):
        name = _slot(row["slot"], row["at"])
        if not row[OPEN] and not row[CLOSED]:
            said.append(
                Text(
                    f"{name.zh}开放与否全部未知：新增 0 至 {row['gain_most']:,.0f} {unit.zh}",
                    f"{name.en}: no hours are known; between 0 and {row['gain_most']:,.0f} {unit.en} gained",
                )
            )
            continue
        said.append(
            Text(
                f"{name.zh}已知开放 {row[OPEN]} 处：新增 {row['gain']:,.0f} {unit.zh}"
                f"（含时间未知的 {row[UNKNOWN]} 处至多 {row['gain_most']:,.0f}）",
                f"{name.en}: {row[OPEN]} known to be open, {row['gain']:,.0f} {unit.en} gained (at most "
                f"{row['gain_most']:,.0f} with the {row[UNKNOWN]} of unknown hours)",
            )
        )
    return tuple(said)
