"""What the columns and states of the audit of points are called."""

from __future__ import annotations

from collections.abc import Iterable

from siting.ledger import Text
from siting.themes.result import Class
from siting.themes.waste.points.bodies import COVERED, NOT_COVERED, UNKNOWN
from siting.themes.waste.points.dumps import BEYOND, WITHIN
from siting.themes.waste.points.estates import HAS, NONE
from siting.themes.waste.points.recycling import ALONE, JOINED
from siting.themes.waste.points.sorting import CHOSEN, LEFT, NO_WAY
from siting.themes.waste.points.sorting import COVERED as COMMUNITY_COVERED

COLUMNS = {
    "id": Text("编号", "id"),
    "class": Text("类别", "class"),
    "name": Text("名称", "name"),
    "level": Text("分区级别", "level of zones"),
    "zone": Text("分区", "zone"),
    "rule": Text("条文编号", "rule"),
    "denominator": Text("口径", "what is counted"),
    "total": Text("总量", "all"),
    "people": Text("人口", "people"),
    "units": Text("单元数", "units"),
    "served_straight": Text("直线半径内", "within, straight"),
    "served_network": Text("步行距离内", "within, on foot"),
    "share_straight": Text("直线覆盖率", "share, straight"),
    "share_network": Text("步行覆盖率", "share, on foot"),
    "state": Text("状态", "state"),
    "state_zh": Text("状态（中文）", "state, Chinese"),
    "state_en": Text("状态（英文）", "state in English"),
    "streams": Text("所收类别", "streams taken"),
    "sorting": Text("分类收集", "sorts"),
    "points": Text("收集点数", "points"),
    "nearest": Text("最近收集点", "nearest point"),
    "nearest_m": Text("至最近收集点（米，自边界起）", "to the nearest point (m, from the edge)"),
    "partner": Text("最近的另一类点", "nearest of the other kind"),
    "straight_m": Text("直线距离（米）", "distance, straight (m)"),
    "network_m": Text("步行距离（米）", "distance on foot (m)"),
    "households": Text("住户数", "households"),
    "households_per_point": Text("每处户数", "households per point"),
    "most_per_point": Text("每处户数上限", "most households per point"),
    "needed": Text("应设数", "needed"),
    "short": Text("缺口", "short"),
    "served": Text("可达分类点的人口", "people with a sorting point in reach"),
    "share": Text("比例", "share"),
    "unknown": Text("未注明", "not known"),
    "point": Text("改为分类的收集点", "point that begins to sort"),
    "community": Text("所在社区", "community"),
    "bodies": Text("单位数", "bodies"),
    "covered": Text("已覆盖", "covered"),
    "not_covered": Text("未覆盖", "not covered"),
    "share_least": Text("覆盖率下限（未知按未覆盖）", "share, unknown taken for not covered"),
    "share_most": Text("覆盖率上限（未知按已覆盖）", "share, unknown taken for covered"),
    "order": Text("次序", "order"),
    "origin": Text("来源（代码）", "origin (code)"),
    "t_day": Text("产生量（吨/日，估算）", "waste (t/d, estimate)"),
    "treated_t_day": Text("可处理（吨/日，估算）", "treated (t/d, estimate)"),
    "street": Text("街道", "street"),
    "named": Text("有路名", "has a name"),
    "shops": Text("商铺数", "shops"),
    "bins": Text("现有桶数", "bins there are"),
    "bins_unknown": Text("桶数未知的商铺", "shops whose bins are not known"),
    "lacking": Text("缺桶数", "bins lacking"),
    "length_m": Text("街道长度（米）", "length (m)"),
    "shops_per_100m": Text("每百米商铺数", "shops per 100 m"),
    "street_m": Text("至街道距离（米）", "distance to the street (m)"),
    "link": Text("环节（代码）", "link (code)"),
    "link_zh": Text("环节", "link, Chinese"),
    "link_en": Text("环节（英文）", "link"),
    "stream": Text("类别（代码）", "stream (code)"),
    "stream_zh": Text("类别", "stream, Chinese"),
    "stream_en": Text("类别（英文）", "stream"),
    "facilities": Text("已知收该类的设施数", "facilities known to take it"),
    "facilities_unknown": Text("未注明所收类别的设施数", "facilities that do not say"),
    "limit_m": Text("服务半径（米）", "radius (m)"),
}
UNITS_COLUMNS = {**COLUMNS, "units": Text("台（套）数", "units"), "order": Text("首台次序", "order of the first unit")}
POINTS = (
    Class(value="sorts", name=Text("分类收集点", "collection point that sorts"), role="accent", mark="square"),
    Class(value="mixed", name=Text("收集点（混合收集）", "collection point, mixed"), role="muted", mark="square"),
    Class(
        value="unknown",
        name=Text("收集点（是否分类未注明）", "collection point, sorting not known"),
        role="existing",
        mark="square",
    ),
)
HOMES = (
    Class(value="preferred", name=Text("较优半径内", "within the preferred radius"), role="good"),
    Class(value="mandatory", name=Text("强制半径内", "within the mandatory radius"), role="fair"),
    Class(value="straight", name=Text("直线半径内，步行距离超出", "within it straight, not on foot"), role="poor"),
    Class(value="without", name=Text("半径外", "beyond it"), role="bad"),
)
ESTATES = (
    Class(value=HAS, name=Text("有收集点", "has a point"), role="good"),
    Class(value=NONE, name=Text("无收集点", "has none"), role="bad"),
)
RECYCLING_PARTNERS = (
    Class(value=JOINED, name=Text("回收点，已融合", "recycling point, joined"), role="good", mark="triangle"),
    Class(value=ALONE, name=Text("回收点，未融合", "recycling point, not joined"), role="poor", mark="triangle"),
)
WASTE_PARTNERS = (
    Class(value=JOINED, name=Text("收集点，已融合", "collection point, joined"), role="existing"),
    Class(value=ALONE, name=Text("收集点，未融合", "collection point, not joined"), role="none"),
)
PAIRS = (Class(value=JOINED, name=Text("融合的一对", "pair that is joined"), role="accent"),)
BODIES = (
    Class(value=COVERED, name=Text("已覆盖", "covered"), role="good"),
    Class(value=NOT_COVERED, name=Text("未覆盖", "not covered"), role="bad"),
    Class(value=UNKNOWN, name=Text("未知", "not known"), role="none"),
)
DUMPS = (
    Class(value=WITHIN, name=Text("半径内有合法收集点", "a legal point within the radius"), role="fair"),
    Class(value=BEYOND, name=Text("半径内无合法收集点", "none within the radius"), role="bad"),
)
COMMUNITIES = (
    Class(value=COMMUNITY_COVERED, name=Text("已覆盖", "covered"), role="good"),
    Class(value=CHOSEN, name=Text("最快路径选中", "on the shortest way"), role="accent"),
    Class(value=LEFT, name=Text("未覆盖", "not covered"), role="poor"),
    Class(value=NO_WAY, name=Text("现有收集点全部分类仍不够", "its points would not be enough"), role="bad"),
)
SHOPS = (
    Class(value="street", name=Text("沿街商铺", "shop on a street"), role="accent"),
    Class(value="away", name=Text("附近无街道", "no street near"), role="muted"),
)


def columns_of(frame_columns: Iterable[object], words: dict[str, Text] = COLUMNS) -> dict[str, Text]:
    """Words of the columns that a frame has."""
    return {str(c): words[str(c)] for c in frame_columns if str(c) in words}
