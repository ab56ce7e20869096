"""What a reader of a parking map should know: the limit and on whose word, what the cars rest on, the time."""

from __future__ import annotations

from siting.ledger import Text
from siting.standards import document_text
from siting.standards.labels import number
from siting.themes.parking.audit import Parking
from siting.themes.parking.balance import Balance
from siting.themes.parking.kinds import RESIDENTS
from siting.themes.parking.slots import SLOTS


def limit_note(parking: Parking) -> Text:
    """Say how far a space serves, on whose word, and how that was read."""
    how = Text("直线", "in a straight line") if parking.straight_only else Text("沿路网步行", "along the streets")
    limit = number(parking.limit_m)
    if parking.own_limit:
        return Text(f"{how.zh} {limit} 米以内（本研究设定）", f"within {limit} m {how.en} (set by this study)")
    read = parking.rule.confidence.text
    zh = f"{how.zh} {limit} 米以内（{document_text(parking.rule, 'zh')}，{read.zh}）"
    en = f"within {limit} m {how.en} ({document_text(parking.rule, 'en')}, {read.en})"
    return Text(zh, en)


def stricter_note(parking: Parking) -> Text:
    """Say where the clause means the straight line and the streets are used; nothing where they agree."""
    if parking.own_limit or parking.straight_only or parking.rule.distance != "straight":
        return Text("", "")
    return Text("；条文半径为直线，此处较严", "; the clause's radius is a straight line, so this is stricter")


def demand_note(parking: Parking) -> Text:
    """Say what the cars rest on."""
    assumed = parking.assumed
    said = assumed.said_by
    if parking.cars.stated:
        base = Text("居民汽车数为数据所列", "cars of residents as the data state them")
        return base if said is None else Text(f"{base.zh}，来源：{said.zh}", f"{base.en}, source: {said.en}")
    if assumed.cars_per_household is not None:
        rate = number(assumed.cars_per_household)
        base = Text(f"每户 {rate} 辆为估算", f"{rate} cars a household are an estimate")
    else:
        rate = number(assumed.cars_per_person or 0.0)
        base = Text(f"每人 {rate} 辆为估算", f"{rate} cars a person are an estimate")
    by = (
        Text("本研究设定", "set by this study")
        if said is None
        else Text(f"本研究设定：{said.zh}", f"set by this study: {said.en}")
    )
    return Text(f"{base.zh}（{by.zh}）", f"{base.en} ({by.en})")


def slot_note(parking: Parking, balance: Balance) -> Text:
    """Say what a map of one slot shows: time, limit, and what the cars rest on."""
    slot, limit, cars = SLOTS[balance.slot], limit_note(parking), demand_note(parking)
    more = stricter_note(parking)
    return Text(
        f"{slot.zh}；{limit.zh}{more.zh}；{cars.zh}",
        f"{slot.en.capitalize()}; {limit.en}{more.en}; {cars.en}",
    )


def at_most_note(parking: Parking) -> Text | None:
    """Say why the shortage is the most that it can be: spaces that the data do not have; None if they have all."""
    lots = parking.supply.lots
    unknown = int(lots["spaces"].isna().sum())
    why = []
    if unknown:
        why.append(
            Text(f"{unknown} 处停车场泊位数不详，未计入", f"{unknown} car parks of unknown spaces are not counted")
        )
    if not (lots["users"] == RESIDENTS).any():
        why.append(Text("数据中没有住宅自带的车位", "no spaces of homes themselves are in the data"))
    if not why:
        return None
    zh, en = "；".join(text.zh for text in why), "; ".join(text.en for text in why)
    return Text(f"缺口为上限：{zh}", f"The shortage is at most this: {en}")
