"""Chinese and English names of what the catalogue speaks about: topics, metrics, kinds of distance, tiers, units."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from siting.ledger import Lang, Text
from siting.standards.model import Denominator, DistanceKind, LandPart, Rule, Standing
from siting.standards.plain_yaml import parse_trusted

TOPICS: Mapping[str, Text] = {
    "living_circle": Text("生活圈", "Living circles"),
    "facility_table": Text("配套设施", "Facility tables"),
    "park": Text("公园绿地", "Parks"),
    "public_toilet": Text("公共厕所", "Public toilets"),
    "waste": Text("生活垃圾", "Waste"),
    "parking": Text("停车与充电", "Parking and charging"),
    "transport": Text("交通", "Transport"),
    "safety": Text("消防与避难", "Fire and shelter"),
    "walking": Text("步行与无障碍", "Walking and step-free access"),
    "operations": Text("城市管理", "Operations"),
}
METRICS: Mapping[str, Text] = {
    "network_distance": Text("步行或行车距离", "distance along streets"),
    "service_radius": Text("服务半径", "service radius"),
    "walk_time": Text("步行时间", "walking time"),
    "travel_time": Text("行车时间", "travel time"),
    "density_per_km2": Text("密度", "density"),
    "spacing": Text("间距或尺寸", "spacing or width"),
    "ratio": Text("比例", "share"),
    "per_capita_area": Text("人均面积", "area per person"),
    "capacity_ratio": Text("容量", "capacity"),
    "min_area": Text("规模", "size"),
    "population_range": Text("人口或套数", "people or dwellings"),
    "separation": Text("防护距离", "separation"),
    "parameter": Text("参数", "parameter"),
    "method": Text("方法", "method"),
}
DISTANCES: Mapping[DistanceKind, Text] = {
    "straight": Text("直线", "straight line"),
    "network": Text("路网", "along streets"),
    "time": Text("时间", "time"),
}
DENOMINATORS: Mapping[Denominator, Text] = {
    "people": Text("人口", "people"),
    "land": Text("居住用地", "residential land"),
    "units": Text("小区/楼栋", "estates or buildings"),
}
LAND_PARTS: Mapping[LandPart, Text] = {
    "old": Text("旧城区", "old districts"),
    "new": Text("旧城区以外", "land outside old districts"),
}
STANDINGS: Mapping[Standing, Text] = {
    "in_force": Text("现行", "in force"),
    "policy": Text("政策文件", "policy paper"),
    "local": Text("地方文件", "local document"),
    "guidance": Text("文献或国际建议", "literature or international guidance"),
    "draft": Text("征求意见稿，仅供参考", "draft, for comparison only"),
    "retired": Text("已废止或被代替，仅供对比", "superseded or repealed, for comparison only"),
    "uncertain": Text("文件名称或版本待核", "name or edition to be checked"),
}

LEVELS: Mapping[str, str] = {
    "community": "社区", "subdistrict": "街道", "neighbourhood": "居住小区", "block": "街坊", "zone": "分区",
    "parish": "堂区", "township": "乡镇", "district": "区", "county": "区县", "village": "村里", "city": "全市",
}  # fmt: skip
"""Levels of zones as studies tend to name them."""


def level_text(level: str) -> Text:
    """Return the name of a level of zones; one that is not known by its Chinese name keeps its own."""
    return Text(LEVELS.get(level.lower(), level), level)


@lru_cache(maxsize=4)
def _words(file: str) -> Mapping[str, str]:
    words: dict[str, str] = parse_trusted(files("siting.standards").joinpath(file).read_text("utf-8"))
    return words


def unit_text(unit: str) -> Text:
    """Return a unit in both languages; a unit without a Chinese name keeps its own."""
    return Text(_words("units.yaml").get(unit, unit), unit)


def number(value: float) -> str:
    """Write a figure without needless decimals: 300, 0.35, 50,000."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def percent(share: float) -> str:
    """Write a share as a percentage without needless decimals: 90%, 99.6%."""
    return f"{number(round(share * 100, 6))}%"


def figure_text(rule: Rule) -> Text:
    """Return the clause's own figure with its unit, such as ``≤ 300 m`` or ``> 90 % of residential land``."""
    if rule.threshold is None:
        return Text("未给数值", "no figure")
    unit = unit_text(rule.unit)
    is_share = rule.unit == "share" or rule.unit.startswith("share of ")
    if is_share:
        unit = Text("", rule.unit.removeprefix("share").strip())
    elif rule.unit == "-":
        unit = Text("", "")

    def write(value: float) -> str:
        return percent(value) if is_share else number(value)

    if isinstance(rule.threshold, tuple):
        joint = " – " if rule.operator == "range" else " / "
        amount = joint.join(write(v) for v in rule.threshold)
    else:
        sign = {"<=": "≤ ", ">=": "≥ ", "<": "< ", ">": "> ", "approx": "≈ "}.get(rule.operator, "")
        amount = sign + write(rule.threshold)
    whole = _words("units.yaml").get(rule.unit, "") if is_share else ""
    return Text(f"{whole} {amount} {unit.zh}".strip(), f"{amount} {unit.en}".strip())


def clause_text(clause: str) -> Text:
    """Return a clause reference in both languages."""
    return Text(_words("clauses_zh.yaml").get(clause, clause), clause)


def document_text(rule: Rule, lang: Lang = "zh") -> str:
    """Return code and clause, or title and clause where the document shows no number; no clause where none was seen."""
    source = rule.source
    name = source.title.split(" (")[0] if source.document == "no number shown" else source.document
    return name if source.clause == "not shown" else f"{name} {clause_text(source.clause).get(lang)}"
