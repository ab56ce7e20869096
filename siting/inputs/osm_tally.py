"""Counts of what was dropped, repaired or noticed while an OSM file is read, and how each is said."""

from collections import Counter, defaultdict
from typing import Literal

from siting.ledger import Account, Finding, Text

FindingKind = Literal["dropped", "repaired", "warning", "note"]

LISTED_IDS = 20
"""A finding lists at most this many ids; its count is always whole."""

_SAID: dict[str, tuple[FindingKind, str, str]] = {
    # streets
    "not_a_way": ("dropped", "不是可通行的道路", "no way to go along (construction, proposed, race track …)"),
    "not_permitted": ("dropped", "该类道路须有许可标签，未见许可", "of a kind that must be permitted, and is not"),
    "no_access": ("dropped", "通行受限（access、foot 等标签）", "closed by an access tag"),
    "closed_by_tag": ("dropped", "被标签排除（轮渡、废弃等）", "closed by a tag (ferry, abandoned, motor road)"),
    "area": ("dropped", "面状道路且非广场", "drawn as an area and no square"),
    "no_usable_piece": ("dropped", "缺节点后剩余不足两个节点", "fewer than two nodes are left in the file"),
    "way_cut": ("repaired", "在缺失节点处断开", "cut where the file lacks nodes"),
    "single_node_piece": (
        "note",
        "断开后仅剩一个节点的片段，已舍去",
        "pieces of one node left over by cutting, let go",
    ),
    "repeated_node": ("repaired", "连续重复的节点已合并", "the same node twice in a row, taken once"),
    "square_outline": (
        "note",
        "广场以轮廓作为可步行路段（只能绕行，不能斜穿）",
        "squares whose outline is kept as walkable edges (one walks around them, not across)",
    ),
    "unlisted_highway": ("note", "规则表未列出的 highway 值", "values of highway that the filter table does not list"),
    "oneway_foot": ("note", "步行单向（oneway:foot）", "one-way on foot (oneway:foot)"),
    "layer_not_number": ("note", "layer 不是整数，按 0 处理", "layer is no whole number, taken as 0"),
    # polygons
    "drawn_as_point": ("dropped", "仅画为点，没有范围", "drawn as a point, without an extent"),
    "not_closed": ("dropped", "线未闭合", "a line that does not close"),
    "area_no": ("dropped", "标为 area=no", "marked area=no"),
    "clipped_ring": ("dropped", "边界不完整（数据在范围处截断）", "ring incomplete in this file (clipped extract)"),
    "clipped_part": (
        "repaired",
        "关系的部分环不完整，只保留完整的部分",
        "some rings of the relation are incomplete; the complete ones are kept",
    ),
    "outer_way_of_relation": (
        "dropped",
        "与所属多边形关系含义相同的外环线，只计一次",
        "outer way of a relation that says the same: counted once, as the relation",
    ),
    "old_style_relation": ("note", "标签写在外环线上的关系", "relations whose tags stand on their outer ways"),
    "invalid_polygon": ("repaired", "自相交等无效面，已修复", "invalid polygon (crosses itself), repaired"),
    "no_area": ("dropped", "面积为零", "no area"),
    "not_public": ("dropped", "不对公众开放", "not open to the public"),
    "duplicate_object": (
        "note",
        "同一编号出现多次，取最后一个",
        "the same id more than once in the file, the last taken",
    ),
    # coast
    "coast_outside": ("dropped", "全在数据范围之外", "wholly outside the area of the file"),
    "coast_extended": (
        "repaired",
        "海岸线在数据边缘处被截断，已直线延至边缘",
        "coastline cut at the edge of the data, drawn on straight to it",
    ),
    "coast_open": (
        "note",
        "海岸线在数据范围内中断，其延伸方向一带海陆不明，不画为海",
        "coastline ends inside the area: what lies beyond the end is unknown and not drawn as sea",
    ),
    "coast_undecided": (
        "warning",
        "海岸线中断或方向矛盾，所在区域海陆不明，不画为海",
        "coastline that ends or contradicts other coastline: its surroundings are not drawn as sea",
    ),
    "building_in_sea": ("note", "建筑位于所画的海面内", "buildings that lie in the sea as drawn"),
    "sea_polygons": ("note", "由海岸线得出的海面", "sea polygons made from the coastline"),
    # places
    "no_place": ("dropped", "没有坐标", "without a place on the map"),
    "relation_without_area": ("dropped", "关系没有范围", "a relation that draws no area"),
    "duplicate_of_polygon": (
        "dropped",
        "同类设施同时画为面和点，保留面",
        "drawn both as an area and as a place inside it: the area is kept",
    ),
    "platform_of_stop": (
        "dropped",
        "站台旁已有公交站点，不重复计",
        "platform beside a mapped bus stop: the stop is kept",
    ),
    "line_as_point": ("repaired", "画为线，取其中点", "drawn as a line, its middle is taken"),
    "capacity_not_number": ("note", "容量不是数字，按未知处理", "capacity is no number, taken as unknown"),
    # buildings
    "housing_rule": ("note", "住宅判定", "how homes were told"),
    "floors_from": ("note", "层数来源", "where the number of floors is from"),
}


class Tally:
    """Collects ids by code; `account` closes the book, which must balance."""

    def __init__(self, layer: str, source: str, sha256: str | None = None) -> None:
        self.layer, self.source, self.sha256 = layer, source, sha256
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._details: dict[str, Counter[str]] = defaultdict(Counter)
        self._counts: Counter[str] = Counter()

    def add(self, code: str, identifier: str, detail: str | None = None) -> None:
        """Count one row under a code."""
        self._counts[code] += 1
        if len(self._ids[code]) < LISTED_IDS:
            self._ids[code].append(identifier)
        if detail is not None:
            self._details[code][detail] += 1

    def add_count(self, code: str, count: int, detail: str | None = None) -> None:
        """Count rows that have no ids to list."""
        if count:
            self._counts[code] += count
            if detail is not None:
                self._details[code][detail] += count

    def count(self, code: str) -> int:
        """Return how many rows stand under a code."""
        return self._counts[code]

    @property
    def dropped(self) -> int:
        """Rows that are listed as dropped."""
        return sum(n for code, n in self._counts.items() if _SAID[code][0] == "dropped")

    def account(self, rows_in: int, rows_used: int) -> Account:
        """Close the book.

        Raises
        ------
        ValueError
            It does not balance, which is a mistake of this package.
        """
        findings = [self._finding(code) for code in _SAID if self._counts[code]]
        return Account(
            layer=self.layer,
            source=self.source,
            rows_in=rows_in,
            rows_used=rows_used,
            findings=tuple(findings),
            sha256=self.sha256,
        )

    def _finding(self, code: str) -> Finding:
        kind, zh, en = _SAID[code]
        details = ", ".join(f"{k} {n}" for k, n in sorted(self._details[code].items(), key=lambda kn: (-kn[1], kn[0])))
        tail_zh, tail_en = (f"：{details}", f": {details}") if details else ("", "")
        return Finding(
            code=code,
            kind=kind,
            count=self._counts[code],
            text=Text(f"{zh}{tail_zh}", f"{en}{tail_en}"),
            ids=tuple(self._ids[code]),
        )
