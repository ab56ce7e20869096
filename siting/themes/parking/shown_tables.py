"""The tables of the parking audit: slots, zones, shortage areas, supply, sharing, census, and what all rests on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from siting.coverage.model import OUTSIDE_ZONE
from siting.coverage.rollup import ZONE_PREFIX, zone_codes
from siting.ledger import Text
from siting.standards import document_text
from siting.standards.labels import figure_text, level_text, number
from siting.standards.model import Rule
from siting.themes.parking.audit import Parking
from siting.themes.parking.balance import Balance
from siting.themes.parking.census import SAME_AREA_SHARE, SAME_NAME_M, SAME_PLACE_M
from siting.themes.parking.kinds import KINDS, USERS
from siting.themes.parking.slots import SLOTS, use_text
from siting.themes.parking.supply import BASES
from siting.themes.result import ThemeTable

LEVEL = Text("级别", "level")
SHORT = Text("无泊位（辆）", "without a space")
_CARS = {
    "slot": Text("时段", "time"),
    "cars": Text("需求（辆）", "cars"),
    "parked": Text("有泊位（辆）", "parked"),
    "short": SHORT,
}
ASSUMED = Text("研究假定", "assumed")
CENSUS_ORDER = ("same_name", "same_place", "two_names", "negative", "absurd", "unreadable", "range", "not_whole",
                "over_area", "zero", "kind_not_read", "users_not_read", "levels_not_read", "area_m2_not_read",
                "kind_wanted", "about", "estimated", "missing")  # fmt: skip
"""Checks of the census, what needs a look first."""
_ZONE_COLUMNS = ["slot", "level", "zone", "name", "cars", "parked", "short", "short_share", "spaces", "free",
                 "lots_unknown"]  # fmt: skip


def tables(parking: Parking) -> list[ThemeTable]:
    """Return the tables in the order in which they are shown."""
    found = [_supply(parking), *_supply_zones(parking), _assumed(parking), _census(parking)]
    if parking.balances:
        found = [_slots(parking), _zones(parking), _areas(parking), *found]
    if parking.sharing:
        found.insert(3, _sharing(parking))
    return found


def zone_rows(parking: Parking, balance: Balance, level: str) -> pd.DataFrame:
    """Cars and spaces of every zone of a level in one slot; with what is outside they add up to the city."""
    names = parking.zone_names[level]
    column = ZONE_PREFIX + level
    ids, code = zone_codes(parking.place_zones[column], list(names))
    lot_zone = parking.lot_zones[column]
    lots = parking.supply.lots["spaces"]
    spaces = lots.groupby(lot_zone.to_numpy()).sum(min_count=1)
    unknown = lots.isna().groupby(lot_zone.to_numpy()).sum()
    left = balance.lots["free"].where(balance.lots["open"]).reindex(lots.index)
    free = left.groupby(lot_zone.to_numpy()).sum(min_count=1)
    sums = {c: np.bincount(code, balance.places[c], len(ids)).astype(np.int64) for c in ("cars", "parked", "short")}
    table = pd.DataFrame({"slot": balance.slot, "level": level, "zone": ids, **sums})
    table["name"] = [names.get(zone, zone) for zone in ids]
    table["short_share"] = table["short"] / table["cars"].where(table["cars"] > 0)
    table["spaces"] = pd.array([_whole(spaces.get(zone, 0)) for zone in ids], dtype="Int64")
    table["free"] = pd.array([_whole(free.get(zone, 0)) for zone in ids], dtype="Int64")
    table["lots_unknown"] = [int(unknown.get(zone, 0)) for zone in ids]
    empty = (table["zone"] == OUTSIDE_ZONE) & (table["cars"] == 0) & (table["spaces"].fillna(0) == 0)
    return table.loc[~empty, _ZONE_COLUMNS].reset_index(drop=True)


def _both(column: str, words: Text) -> dict[str, Text]:
    """Explain a column of codes and the two beside it that say the same in words."""
    return {
        column: Text(f"{words.zh}（代码）", f"{words.en} (code)"),
        f"{column}_zh": Text(words.zh, f"{words.en} (Chinese)"),
        f"{column}_en": Text(f"{words.zh}（英文）", words.en),
    }


def _said(frame: pd.DataFrame, column: str, words: Callable[[str], Text]) -> pd.DataFrame:
    """Put beside a column of codes what they say in both languages."""
    texts = [words(str(code)) for code in frame[column]]
    at = list(frame.columns).index(column) + 1
    out = frame.copy()
    out.insert(at, f"{column}_zh", [text.zh for text in texts])
    out.insert(at + 1, f"{column}_en", [text.en for text in texts])
    return out


def _whole(value: float) -> int | None:
    return None if pd.isna(value) else int(value)


def supply_rows(parking: Parking, level: str) -> pd.DataFrame:
    """Car parks and spaces of every zone of a level; with what is outside all zones they add up to all car parks."""
    names, lots = parking.zone_names[level], parking.supply.lots
    ids, code = zone_codes(parking.lot_zones[ZONE_PREFIX + level], list(names))
    spaces = lots["spaces"].to_numpy(dtype=np.float64)
    estimated = (lots["basis"] == "estimated").to_numpy()
    known = np.isfinite(spaces)
    number, counted = np.bincount(code, minlength=len(ids)), np.bincount(code[known], minlength=len(ids))
    table = pd.DataFrame({"level": level, "zone": ids, "name": [names.get(zone, zone) for zone in ids], "lots": number})
    for column, mine in (("spaces", known), ("spaces_estimated", estimated)):
        total = pd.Series(np.bincount(code[mine], spaces[mine], len(ids))).astype("Int64")
        # No car park is no space; car parks of which nothing is known are not.
        table[column] = total.mask((number > 0) & (counted == 0))
    table["lots_unknown"] = number - counted
    empty = (table["zone"] == OUTSIDE_ZONE) & (table["lots"] == 0)
    return table.loc[~empty].reset_index(drop=True)


def _supply_zones(parking: Parking) -> list[ThemeTable]:
    if not parking.zone_names:
        return []
    rows = [supply_rows(parking, level) for level in parking.zone_names]
    return [
        ThemeTable(
            name="parking_supply_zones",
            title=Text("各分区停车供给", "Supply of spaces by zone"),
            frame=_said(pd.concat(rows, ignore_index=True), "level", level_text),
            columns={
                **_both("level", LEVEL),
                "lots": Text("停车场（处）", "car parks"),
                "spaces": Text("已知泊位", "known spaces"),
                "spaces_estimated": Text("其中按面积估算", "of these estimated from area"),
                "lots_unknown": Text("泊位数不详的停车场（处）", "car parks of unknown spaces"),
            },
            note=Text(
                "以停车场所在分区计；泊位数均不详的分区为空，不是 0",
                "by the zone in which the car park lies; empty, not 0, where no car park of a zone has known spaces",
            ),
        )
    ]


def _slots(parking: Parking) -> ThemeTable:
    rows = []
    for slot, balance in parking.balances.items():
        is_open = balance.lots["open"]
        rows.append(
            {
                "slot": slot,
                "slot_zh": SLOTS[slot].zh,
                "slot_en": SLOTS[slot].en,
                "cars": balance.cars,
                "parked": balance.assignment.parked,
                "short": balance.short,
                "spaces_open": int(balance.lots.loc[is_open, "spaces"].sum()),
                "free": int(balance.lots.loc[is_open, "free"].sum()),
                "full_lots": int((is_open & (balance.lots["free"] == 0) & (balance.lots["spaces"] > 0)).sum()),
                "walk_m": balance.walk_m,
                "proved": balance.assignment.proved,
            }
        )
    return ThemeTable(
        name="parking_slots",
        title=Text("各时段停车供需", "Cars and spaces by time"),
        frame=pd.DataFrame(rows),
        columns={
            **_CARS,
            **_both("slot", _CARS["slot"]),
            "spaces_open": Text("可用泊位（已知）", "known spaces open to these cars"),
            "free": Text("余位", "spaces left"),
            "full_lots": Text("已满停车场", "full car parks"),
            "walk_m": Text("平均步行（米）", "mean walk (m)"),
            "proved": Text("已证明最优", "proved best"),
        },
        note=Text(
            "缺口与余位可并存：余位在步行范围之外。先使停放车辆最多，再使步行最短",
            "spaces may be left where cars are short: they lie beyond the walk. Most cars parked, then least walking",
        ),
    )


def _worst_first(parking: Parking) -> list[Balance]:
    """Return the slots, most cars without a space first."""
    return sorted(parking.balances.values(), key=lambda balance: -balance.short)


def _zones(parking: Parking) -> ThemeTable:
    rows = [
        zone_rows(parking, balance, level).sort_values("short", ascending=False, kind="stable")
        for balance in _worst_first(parking)
        for level in parking.zone_names
    ]
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=_ZONE_COLUMNS)
    return ThemeTable(
        name="parking_zones",
        title=Text("各分区停车缺口", "Parking shortage by zone"),
        frame=_said(_said(frame, "slot", SLOTS.__getitem__), "level", level_text),
        columns={
            **_CARS,
            **_both("slot", _CARS["slot"]),
            **_both("level", LEVEL),
            "short_share": Text("无泊位占比", "share without a space"),
            "spaces": Text("区内已知泊位", "known spaces inside"),
            "free": Text("区内余位", "spaces left inside"),
            "lots_unknown": Text("区内泊位数不详的停车场", "car parks of unknown spaces inside"),
        },
    )


def _areas(parking: Parking) -> ThemeTable:
    rows = [balance.areas.assign(slot=balance.slot) for balance in _worst_first(parking)]
    frame = pd.concat(rows, ignore_index=True)
    return ThemeTable(
        name="parking_shortages",
        title=Text("短缺片区", "Areas that are short"),
        frame=_said(frame[["slot", *(c for c in frame.columns if c != "slot")]], "slot", SLOTS.__getitem__),
        columns={
            **_CARS,
            **_both("slot", _CARS["slot"]),
            "area": Text("片区编号（0：范围内无可用停车场）", "area (0: no usable car park within the limit)"),
            "places": Text("地点数", "places"),
            "lots": Text("可到达停车场", "car parks within reach"),
            "spaces": Text("可到达泊位", "spaces within reach"),
            "unknown_lots": Text("范围内泊位数不详的停车场", "car parks of unknown spaces within reach"),
        },
        note=Text(
            "片区内车辆只能到达所列泊位，缺口 = 车辆 − 泊位，与怎样调剂无关；缺口落在片区内哪一处取决于步行最短",
            "cars of an area reach these spaces and no others, so it is short by cars less spaces however they are "
            "spread; which of its places goes without follows from least walking",
        ),
    )


def _supply(parking: Parking) -> ThemeTable:
    lots = parking.supply.lots[parking.inside]
    rows = []
    for (kind, users, basis), group in lots.groupby(["kind", "users", "basis"], sort=False):
        unknown = basis == "unknown"
        rows.append(
            {
                "kind": kind, "users": users, "basis": basis,
                "kind_zh": KINDS[kind].zh, "kind_en": KINDS[kind].en,
                "users_zh": USERS[users].zh, "users_en": USERS[users].en,
                "basis_zh": BASES[basis].zh, "basis_en": BASES[basis].en,
                "lots": len(group),
                "spaces": None if unknown else int(group["spaces"].sum()),
                "spaces_most": int(group["spaces_most"].sum()) if basis == "estimated" else None,
            }
        )  # fmt: skip
    columns = ["kind", "users", "basis", "kind_zh", "kind_en", "users_zh", "users_en", "basis_zh", "basis_en", "lots"]
    frame = pd.DataFrame(rows, columns=[*columns, "spaces", "spaces_most"]).astype(
        {"spaces": "Int64", "spaces_most": "Int64"}
    )
    order = [list(KINDS).index(k) * 100 + list(USERS).index(u) * 10 + list(BASES).index(b)
             for k, u, b in zip(frame["kind"], frame["users"], frame["basis"], strict=True)]  # fmt: skip
    rule = parking.supply_rule
    zh = en = ""
    if rule is not None:
        read, figure = rule.confidence.text, figure_text(rule)
        zh = f"；每车泊位可参照 {document_text(rule, 'zh')}：{figure.zh}（{read.zh}）"
        en = f"; spaces per vehicle: compare {document_text(rule, 'en')}: {figure.en} ({read.en})"
    return ThemeTable(
        name="parking_supply",
        title=Text("停车供给", "Supply of spaces"),
        frame=frame.iloc[np.argsort(order, kind="stable")].reset_index(drop=True),
        columns={
            **_both("kind", Text("类型", "kind")),
            **_both("users", Text("使用对象", "users")),
            **_both("basis", Text("泊位数依据", "basis of spaces")),
            "lots": Text("停车场", "car parks"),
            "spaces": Text("泊位数", "spaces"),
            "spaces_most": Text("估算上限", "estimate, high end"),
        },
        note=Text(
            f"估算取条文每泊位面积的上限（泊位下限）{zh}", f"estimates take the clause's largest area a space{en}"
        ),
    )


def _sharing(parking: Parking) -> ThemeTable:
    parts = []
    for slot, shared in parking.sharing.items():
        names = parking.supply.lots["name"].reindex(shared.lots.index)
        rows = shared.lots.assign(slot=slot, name=names).rename_axis("lot").reset_index()
        parts.append(rows[["slot", "lot", "name", "spaces", "offered", "gain_alone", "used_together"]])
    return ThemeTable(
        name="parking_sharing",
        title=Text("错时共享的作用", "What sharing gives"),
        frame=_said(pd.concat(parts, ignore_index=True), "slot", SLOTS.__getitem__),
        columns={
            **_both("slot", _CARS["slot"]),
            "spaces": Text("泊位数", "spaces"),
            "lot": Text("停车场编号", "car park"),
            "offered": Text("可供共享的泊位", "spaces offered"),
            "gain_alone": Text("单独开放可多停（辆）", "more cars parked if it alone opens"),
            "used_together": Text("全部开放时停入（辆）", "cars in it if all open"),
        },
        note=Text(
            "每处均重新求最优；单独增量不可相加。没有自用需求数据的单位停车场视为该时段全部空闲",
            "each by a new best assignment; single gains do not add up. Lots whose own cars are not in the data are "
            "taken to be empty at that time",
        ),
    )


def _census(parking: Parking) -> ThemeTable:
    census = parking.supply.census
    order = {check: k for k, check in enumerate(CENSUS_ORDER)}
    rank = census["check"].map(order).fillna(-1).to_numpy()
    first = ["lot", "name", "detail_zh", "detail_en"]
    return ThemeTable(
        name="parking_census",
        title=Text("停车普查待核实事项", "Parking census: what to check"),
        frame=census.iloc[np.argsort(rank, kind="stable")][[*first, *(c for c in census.columns if c not in first)]],
        columns={
            "lot": Text("停车场编号", "car park"),
            "check": Text("事项（代码）", "check (code)"),
            "other": Text("重复于", "repeats"),
            "counted": Text("泊位已计入", "its spaces are counted"),
            "detail_zh": Text("说明", "what was found (Chinese)"),
            "detail_en": Text("说明（英文）", "what was found"),
        },
        note=Text(
            "先列重复与可疑数字，再列估算与未注明；"
            f"重复的判定（本工具设定）：相距 {SAME_PLACE_M:g} 米以内、面积重叠超过较小者的 {SAME_AREA_SHARE:.0%}，"
            f"或同名且相距 {SAME_NAME_M:g} 米以内；类型均已知且不同的不算重复",
            "repeats and doubtful numbers first, then what is estimated or not stated; "
            f"a repeat (assumed here): within {SAME_PLACE_M:g} m, or areas sharing over {SAME_AREA_SHARE:.0%} of the "
            f"smaller, or one name within {SAME_NAME_M:g} m; two known kinds that differ are two car parks",
        ),
    )


def _assumed(parking: Parking) -> ThemeTable:
    """List every figure that the balance rests on: from a clause, or set by the study."""
    assumed = parking.assumed
    by = assumed.said_by
    said = Text("", "") if by is None else Text(f"（{by.zh}）", f" ({by.en})")
    study = Text(f"本研究设定{said.zh}", f"set by this study{said.en}")
    default = Text("本工具默认值或本研究设定", "default of this toolkit, or set by this study")
    rows: list[tuple[Text, Text, Text, str, Text]] = []

    def own(name: Text, value: object, word: Text = study) -> None:
        rows.append((name, Text(str(value), str(value)), word, "assumed", ASSUMED))

    def by_clause(name: Text, value: Text, rule: Rule) -> None:
        source = Text(document_text(rule, "zh"), document_text(rule, "en"))
        rows.append((name, value, source, rule.confidence.value, rule.confidence.text))

    if parking.own_limit:
        own(Text("步行距离（米）", "walk (m)"), parking.limit_m)
    else:
        limit = number(parking.limit_m)
        by_clause(Text("步行距离（米）", "walk (m)"), Text(limit, limit), parking.rule)
    if assumed.cars_per_person is not None:
        own(Text("人均汽车（辆）", "cars a person"), assumed.cars_per_person)
    if assumed.cars_per_household is not None:
        own(Text("户均汽车（辆）", "cars a household"), assumed.cars_per_household)
    for use, rate in assumed.spaces_per_100m2.items():
        name = use_text(use)
        own(Text(f"{name.zh}每百平方米停车需求（辆）", f"cars at 100 m² of {name.en}"), rate)
    for use, by_slot in assumed.shares.items():
        for slot, share in by_slot.items():
            name, at = use_text(use), SLOTS[slot]
            own(Text(f"{name.zh}：{at.zh}停放比例", f"{name.en}: share parked, {at.en}"), share, default)
    if parking.sharing:
        own(Text("共享泊位比例", "share of spaces that sharing offers"), parking.part, default)
    own(Text("泊位数上限，超出视为错误", "most spaces that are believed"), parking.most_spaces, default)
    for id_, rule in parking.area_rules.items():
        lots = parking.supply.lots[parking.supply.lots["rule"] == id_]
        if len(lots):
            kinds = [KINDS[kind] for kind in dict.fromkeys(lots["kind"])]
            zh, en = ("、".join(k.zh for k in kinds), ", ".join(k.en for k in kinds))
            by_clause(Text(f"每泊位面积：{zh}", f"area a space: {en}"), figure_text(rule), rule)
    return ThemeTable(
        name="parking_assumed",
        title=Text("计算依据", "What the figures rest on"),
        frame=pd.DataFrame(
            [(n.zh, n.en, v.zh, v.en, s.zh, s.en, read.zh, read.en, grade) for n, v, s, grade, read in rows],
            columns=[
                "name_zh",
                "name_en",
                "value_zh",
                "value_en",
                "source_zh",
                "source_en",
                "read_zh",
                "read_en",
                "confidence",
            ],
        ),
        columns={
            "name_zh": Text("参数", "figure (Chinese)"),
            "name_en": Text("参数（英文）", "figure"),
            **_both("value", Text("取值", "value")),
            **_both("source", Text("出处", "source")),
            **_both("read", Text("核实程度", "how it was read")),
            "confidence": Text("核实程度（代码）", "how it was read (code)"),
        },
    )
