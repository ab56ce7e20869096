"""What each column of the theme's layers and tables means, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from siting.ledger import Text
from siting.network.profiles import load_profiles
from siting.themes.living_circle.reach import DISTANCE, OWN, OWN_NETWORK, STRICT
from siting.themes.living_circle.tiers import NAMES

COMPLETENESS = Text("应配设施完备率", "completeness: share of required classes within reach")
_PLAIN = {
    "estate": Text("小区编号", "estate"),
    "name": Text("名称", "name"),
    "people": Text("人口（人）", "people"),
    "units": Text("单元数（楼栋、地块等）", "units (buildings, parcels, ...)"),
    "points": Text("需求点数", "demand points"),
    "rank": Text("排名（1 为最需补齐）", "rank (1 = most lacking)"),
    "completeness": Text(
        "应配设施完备率：按人口加权，可评应配设施中在规定距离内的比例（未核实）",
        "completeness: share of the required classes that can be judged within reach, weighted by people (unverified)",
    ),
    "tier": Text("层级", "tier"),
    "tier_zh": Text("层级（中文）", "tier (Chinese)"),
    "tier_en": Text("层级（英文）", "tier (English)"),
    "measure": Text("口径", "measure"),
    "measure_zh": Text("口径（中文）", "measure (Chinese)"),
    "measure_en": Text("口径（英文）", "measure (English)"),
    "required": Text("表列应配设施类数", "required classes in the table"),
    "required_judged": Text("其中可评类数", "of these judged"),
    "at_least": Text("完备率下限（未评类均按缺计）", "completeness if all that is not judged were missing"),
    "at_most": Text("完备率上限（未评类均按有计）", "completeness if all that is not judged were there"),
    "all_served": Text("可评应配设施齐全的人口（人）", "people with all judged required classes"),
    "all_share": Text("可评应配设施齐全的人口比例", "share of people with all judged required classes"),
    "as_needed_judged": Text("可评按需设施类数", "as-needed classes judged"),
    "as_needed_share": Text("按需设施可达比例（不计入完备率）", "share of as-needed classes within reach (apart)"),
    "missing_zh": Text("缺项：半数以上居民够不到的应配设施", "missing: required classes most residents lack (Chinese)"),
    "missing_en": Text("缺项（英文）", "missing: required classes most residents lack"),
    "not_judged_zh": Text("数据无图层、未评的应配设施", "required classes not judged for want of data (Chinese)"),
    "not_judged_en": Text("未评的应配设施（英文）", "required classes not judged for want of data"),
    "confidence": Text("可信度", "confidence"),
    "class": Text("设施类别编号", "class of the table"),
    "name_zh": Text("设施名称", "name (Chinese)"),
    "name_en": Text("设施名称（英文）", "name"),
    "requirement": Text("应配（required）或按需（as_needed）", "required or as_needed"),
    "judged": Text("是否评估", "judged"),
    "reason_zh": Text("未评原因", "why not judged (Chinese)"),
    "reason_en": Text("未评原因（英文）", "why not judged"),
    "places": Text("数据中的设施数（处）", "places in the data"),
    "places_for_all": Text("按人口规模上限至少应有（处）", "least number of places for all people, largest circles"),
    "counted_by_default": Text("其中类别不明、默认计入（处）", "of these counted by default, kind unknown"),
    "counted_from_m2": Text("计入的用地面积下限（平方米，未核实）", "counted from this land area (m², unverified)"),
    "own_radius_m": Text("设施表自身服务半径（米）", "the class's own radius in the table (m)"),
    "other_radius_zh": Text("其他文件的半径", "by other documents' radii (Chinese)"),
    "other_radius_en": Text("其他文件的半径（英文）", "by other documents' radii"),
    "median_m": Text("一半人口到最近设施的距离（米）", "distance within which half of the people live (m)"),
    "unreachable": Text("无路可达的需求点", "demand points without any path"),
    "confidence_distance": Text("层级距离的可信度", "confidence of the tier's distance"),
    "confidence_required": Text("应配/按需标记的可信度", "confidence of the flag required / as needed"),
    "clause_zh": Text("设施表条款", "clause of the table (Chinese)"),
    "clause_en": Text("设施表条款（英文）", "clause of the table"),
    "distance_clause_zh": Text("层级距离条款", "clause of the tier's distance (Chinese)"),
    "distance_clause_en": Text("层级距离条款（英文）", "clause of the tier's distance"),
    "zone": Text("分区编号", "zone id"),
    "zone_name": Text("分区名称", "zone"),
    "without": Text("够不到的人口（人）", "people without"),
    "share_without": Text("够不到的人口比例", "share of people without"),
    "state": Text("状态：none 全缺，few 多数缺，most 少数缺", "state: none, few or most have it"),
    "centre_m": Text("社区中心到最近设施的距离（米）", "from the community's centre to the nearest place (m)"),
    "homes": Text("小区内需求点数", "demand points inside"),
    "deficit": Text("短板总量（人×缺项类数）", "deficit (people x missing classes)"),
    "missing_classes": Text("人均缺项类数", "missing classes a person"),
    "kind": Text("方式", "how it was made"),
    "moved_m": Text("移至街道的距离（米）", "moved to the street (m)"),
    "point": Text("中心点编号", "id of the centre"),
    "minutes": Text("步行时间（分钟）", "walking time (min)"),
    "profile": Text("步行人群", "who walks"),
    "area_m2": Text("面积（平方米）", "area (m²)"),
    "people_low": Text("该层级人口规模下限（人）", "people of the tier, lower end"),
    "people_high": Text("该层级人口规模上限（人）", "people of the tier, upper end"),
    "green_m2": Text("圈内可到达公园的总面积（平方米）", "area of the parks reached, whole parks (m²)"),
    "green_inside_m2": Text("公园位于圈轮廓内部分的面积（平方米）", "area of all parks inside the outline (m²)"),
    "green_per_person_m2": Text("圈内人均公共绿地（平方米/人）", "public green a person (m²)"),
    "green_least_m2": Text("条文的人均公共绿地（平方米/人）", "public green a person in the clause (m²)"),
    "tier_green_m2": Text("其中达到本层级最小规模的公园（平方米）", "of it in parks of the tier's least size (m²)"),
    "tier_green_per_person_m2": Text("达到本层级规模的公园，人均（平方米/人）", "the same a person (m²)"),
    "parks_reached": Text("圈内可到达的公园（个）", "parks reached"),
    "parks_fit": Text("其中规模与宽度符合本层级（个）", "of these with the tier's size and width"),
    "park_largest": Text("其中最大的公园", "the largest of them"),
    "park_largest_m2": Text("最大公园面积（平方米）", "its area (m²)"),
    "park_largest_width_m": Text("最大公园最小宽度（米，最大内切圆直径）", "its width (m, largest circle inside)"),
    "width_m": Text("公园宽度（米，最大内切圆直径）", "width (m, diameter of the largest circle inside)"),
    "circles": Text("所在生活圈数（4 为四个及以上）", "number of circles (4: four or more)"),
    "level": Text("完备程度", "how complete"),
    "from_min": Text("起（分钟）", "from (min)"),
    "to_min": Text("止（分钟）", "to (min)"),
    "band": Text("距最近社区中心的步行时间", "walking time to the nearest centre"),
    "scope": Text("范围：city 全市，group 人群，其余为分区级别", "scope: city, group of people, or level of zones"),
    "mean": Text("人均完备率", "mean completeness of a person"),
    "worst_people": Text("其中属于全市最差 10% 的人口（人）", "people among the worst-served tenth of the city"),
    "worst_share": Text("属于最差 10% 的比例", "their share"),
    "gini": Text("基尼系数（0 为完全均等）", "Gini coefficient (0 = all the same)"),
    "people_share": Text("人口累计比例（由差到好）", "share of people, worst first"),
    "value_share": Text("完备率累计比例", "share of completeness"),
}
_MEASURES = {
    DISTANCE: Text("按层级步行距离", "by the tier's distance"),
    STRICT: Text("按严口径距离", "by the strict edge"),
    OWN: Text("按自身半径（直线）", "by the class's own radius (straight line)"),
    OWN_NETWORK: Text("按自身半径（步行）", "by the class's own radius (on foot)"),
}


def columns_of(columns: Iterable[object], groups: Sequence[str] = ()) -> Mapping[str, Text]:
    """Explain columns; those that need no words are left out."""
    found = {}
    for column in map(str, columns):
        text = _PLAIN.get(column) or _of_tier(column) or _of_measure(column) or _of_group(column, groups)
        if text is not None:
            found[column] = text
    return found


def _measure(measure: str) -> Text:
    known = load_profiles()
    if measure in known:
        who = known[measure].name
        return Text(f"按时间，{who.zh}", f"by time, {who.en}")
    return _MEASURES[measure]


def _of_tier(column: str) -> Text | None:
    for tier, name in NAMES.items():
        if f"_{tier}" not in column:
            continue
        head, _, tail = column.partition(f"_{tier}")
        tail = tail.removeprefix("_")
        lang = {"zh": Text("（中文）", " (Chinese)"), "en": Text("（英文）", " (English)")}.get(tail, Text("", ""))
        what = {
            "completeness": COMPLETENESS,
            "all_share": _PLAIN["all_share"],
            "missing": Text("缺项（半数以上居民够不到）", "missing classes")
            if lang.zh
            else Text("缺项类数", "missing classes"),
            "centre_missing": Text("社区中心够不到的应配设施", "required classes out of reach of the centre"),
            "fits": Text("规模（及宽度）符合", "has the size (and width) of the"),
        }.get(head)
        if what is None:
            return None
        by = _measure(tail) if tail and not lang.zh else None
        more = Text("", "") if by is None else Text(f"，{by.zh}", f", {by.en}")
        return Text(f"{name.zh}：{what.zh}{more.zh}{lang.zh}", f"{name.en}: {what.en}{more.en}{lang.en}")
    return None


def _of_measure(column: str) -> Text | None:
    for head, what in (
        ("share_", Text("可达人口比例", "share of people within reach")),
        ("served_", Text("是否可达", "within reach")),
    ):
        measure = column.removeprefix(head)
        if column.startswith(head) and (measure in _MEASURES or measure in load_profiles()):
            by = _measure(measure)
            return Text(f"{what.zh}，{by.zh}", f"{what.en}, {by.en}")
    return None


def _of_group(column: str, groups: Sequence[str]) -> Text | None:
    for group in groups:
        if column == f"group_{group}":
            return Text(f"人群 {group}（人）", f"people of group {group}")
        if column == f"completeness_{group}_group":
            return Text(f"应配设施完备率，按人群 {group} 加权", f"completeness weighted by group {group}")
    return None
