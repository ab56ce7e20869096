"""What a reader should know of the places that were counted, and what could not be judged for want of a layer."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.living_circle.completeness import Completeness, names
from siting.themes.living_circle.elements import Element, layer_noun
from siting.themes.living_circle.scorecards import places_for_all


def findings_of(found: Completeness) -> tuple[Finding, ...]:
    """Say what a reader should know of the places that were counted, each once."""
    seen: dict[tuple[str, str], Finding] = {}
    for element in found.elements:
        for note in element.findings:
            if note.code in ("counts_by_default", "area_unknown"):
                zh, en = f"{element.name.zh}：{note.text.zh}", f"{element.name.en}: {note.text.en}"
                seen.setdefault(
                    (note.code, zh),
                    Finding(code=note.code, kind=note.kind, count=note.count, text=Text(zh, en), ids=note.ids),
                )
    sized = [e for e in found.elements if e.counted_from_m2 is not None and e.judged]
    if sized:
        zh = "、".join(f"{e.name.zh}（≥ {e.counted_from_m2:,.0f} m²）" for e in sized)
        en = ", ".join(f"{e.name.en} (≥ {e.counted_from_m2:,.0f} m²)" for e in sized)
        text = Text(
            f"按用地面积下限区分（未核实默认值，面积未知的点计入）：{zh}",
            f"told apart by least land area (unverified default; places of unknown area count): {en}",
        )
        seen["sized", ""] = Finding(code="told_apart_by_size", kind="note", count=len(sized), text=text)
    # A class of two tiers is named once, with the larger number.
    few = list({e.key: e for e in found.elements if e.judged and e.required and _too_few(e, found)}.values())
    if few:
        zh = "、".join(f"{e.name.zh}（{_count(e)} 处，按人口至少 {places_for_all(e, found):.0f} 处）" for e in few)
        en = ", ".join(f"{e.name.en} ({_count(e)}, for all at least {places_for_all(e, found):.0f})" for e in few)
        text = Text(
            f"数量少于按生活圈人口上限推算的最少处数，可能是数据不全，也可能确实短缺，签署前请核对：{zh}",
            f"fewer places than the largest circles of the tier would need: the data lack some, or the city does; "
            f"check before signing: {en}",
        )
        seen["few", ""] = Finding(code="fewer_than_circles", kind="warning", count=len(few), text=text)
    return tuple(seen.values())


def _count(element: Element) -> int:
    return 0 if element.facilities is None else len(element.facilities)


def _too_few(element: Element, found: Completeness) -> bool:
    least = places_for_all(element, found)
    return not np.isnan(least) and _count(element) < least


def gaps_in_data(city: City, found: Completeness, parks: gpd.GeoDataFrame | None) -> tuple[tuple[Text, Text], ...]:
    """Say what could not be judged, and which layer would allow it."""
    missing: list[tuple[Text, Text]] = []
    if city.network is None:
        missing.append(
            (
                Text("按步行路网评估", "the tiers along streets"),
                Text("没有路网图层，全部距离为直线距离", "no street layer: every distance is a straight line"),
            )
        )
    missing += found.reach.missing
    by_class: dict[tuple[str, ...], list[Element]] = {}
    for element in found.elements:
        if not element.judged and element.facilities is None:
            by_class.setdefault((element.key,), []).append(element)
    for some in by_class.values():
        tiers = _tiers_of(some)
        noun = layer_noun(some[0].rule)
        missing.append(
            (
                Text(f"{some[0].name.zh}（{tiers.zh}）", f"{some[0].name.en} ({tiers.en})"),
                Text(f"缺少图层：{noun.zh}", f"no layer of {noun.en}"),
            )
        )
    no_distance = [e for e in found.elements if not e.judged and e.facilities is not None]
    if no_distance:
        listed = names(no_distance)
        missing.append(
            (
                Text(f"居住街坊：{listed.zh}", f"residential block: {listed.en}"),
                Text("条文未给出距离，需街坊边界图层", "no distance in the clause: a layer of blocks would tell"),
            )
        )
    if not city.zones:
        missing.append(
            (
                Text("按社区、街道评估，生活圈范围", "communities, sub-districts and their circles"),
                Text("缺少社区或街道边界图层", "no layer of zones"),
            )
        )
    if city.old_estates is None:
        missing.append(
            (
                Text("老旧小区短板排序", "ranking of old estates"),
                Text("缺少图层：老旧小区（land.old_estates）", "no layer of old estates (land.old_estates)"),
            )
        )
    if parks is None:
        missing.append(
            (
                Text("圈内人均公共绿地、公园规模与宽度", "public green per person, size and width of parks"),
                Text("缺少公园面图层", "no layer of park polygons"),
            )
        )
    return tuple(missing)


def _tiers_of(some: Sequence[Element]) -> Text:
    tiers = [e.tier.name for e in some]
    return Text("、".join(t.zh for t in tiers), ", ".join(t.en for t in tiers))
