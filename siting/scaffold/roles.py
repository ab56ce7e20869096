"""What each file is for, guessed by its shape, its name and its columns; a guess is shown, and easily changed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from siting.scaffold.files import Column, File
from siting.standards import load_classes

PEOPLE = ("常住人口", "人口数", "人口", "人数", "居民数", "population", "people", "residents", "persons", "pop")
IDS = ("编号", "编码", "代码", "标识", "code", "bianhao", "id", "uid", "gid", "objectid", "fid")
NAMES = ("名称", "name", "name_zh", "mc", "名字")
STREETS = (
    "道路",
    "路网",
    "街道中心线",
    "街道",
    "车行道",
    "步行",
    "road",
    "street",
    "highway",
    "roads",
    "network",
    "way",
)
HOMES = (
    "居民点",
    "人口",
    "住宅",
    "小区",
    "居民",
    "楼栋",
    "people",
    "population",
    "demand",
    "homes",
    "residents",
    "census",
)
BOUNDARY = ("研究范围", "范围", "边界", "boundary", "studyarea", "study_area", "extent", "limit")
ZONES = (
    "社区",
    "居委会",
    "村",
    "街道",
    "镇",
    "乡",
    "行政区",
    "district",
    "subdistrict",
    "community",
    "zones",
    "ward",
    "分区",
)
LAND = {
    "residential": ("居住用地", "住宅用地", "residential"),
    "vacant": ("空地", "可建设", "储备地", "闲置", "vacant", "candidates", "plots", "地块"),
    "water": ("水域", "水系", "河流", "湖泊", "water", "river"),
    "buildings": ("建筑", "房屋", "building", "buildings"),
}
COLLOQUIAL = {
    "公厕": "public_toilet", "厕所": "public_toilet", "卫生间": "public_toilet", "toilets": "public_toilet",
    "公园": "park_green", "parks": "park_green", "park": "park_green", "绿地": "any_green", "green": "any_green",
    "学校": "school", "中学": "junior_school", "托育": "nursery", "菜场": "market", "农贸市场": "market",
    "卫生服务中心": "health_centre", "卫生服务站": "health_station", "养老": "nursing_home", "日间照料": "day_care",
    "公交站": "bus_stop", "公交": "bus_stop", "地铁": "metro", "轨道站": "metro", "停车场": "public_parking",
    "垃圾收集点": "waste_point", "垃圾点": "waste_point", "垃圾转运": "waste_transfer", "充电": "charging",
    "消防站": "fire_station", "派出所": "police_station", "避难": "shelter", "文化站": "culture_station",
    "食堂": "canteen", "药房": "pharmacy", "健身": "outdoor_gym", "快递": "parcel",
}  # fmt: skip
"""Words of file names that are no names or aliases of classes."""
SHORTEST = 2


@dataclass(slots=True)
class AtHand:
    """The files of a study by what they are for, and those that nobody could place."""

    streets: File | None = None
    osm: File | None = None
    demand: File | None = None
    boundary: File | None = None
    zones: list[File] = field(default_factory=list)
    facilities: dict[str, File] = field(default_factory=dict)
    land: dict[str, File] = field(default_factory=dict)
    rest: list[File] = field(default_factory=list)


def sort_out(files: Iterable[File]) -> AtHand:
    """Give each file its role; the first that fits a role takes it, and what fits none is in ``rest``."""
    found, left = AtHand(), []
    for one in files:
        if one.shape == "osm" and found.osm is None:
            found.osm = one
        elif one.shape == "line" and class_of(one.name) is not None and not _said(one, STREETS):
            found.rest.append(one)
        elif one.shape == "line" and (found.streets is None or _said(one, STREETS) > _said(found.streets, STREETS)):
            if found.streets is not None:
                found.rest.append(found.streets)
            found.streets = one
        else:
            left.append(one)
    for one in sorted(left, key=lambda f: -(_said(f, HOMES))):
        _place(one, found)
    if found.demand is None:  # zones with a column of people are both
        found.demand = next((z for z in sorted(found.zones, key=lambda f: -(f.rows or 0)) if population_of(z)), None)
    found.zones.sort(key=lambda f: -(f.rows or 0))  # from small to large
    return found


def _place(one: File, found: AtHand) -> None:
    area = one.shape == "polygon"
    facility = class_of(one.name)
    land = next((role for role, words in LAND.items() if area and _said(one, words)), None)
    if (
        facility is not None
        and one.shape in ("point", "polygon", "table", "unknown")
        and facility not in found.facilities
    ):
        found.facilities[facility] = one
    elif land is not None and land not in found.land:
        found.land[land] = one
    elif area and _said(one, BOUNDARY) and found.boundary is None:
        found.boundary = one
    elif area and _said(one, ZONES) and not _said(one, HOMES):
        found.zones.append(one)
    elif found.demand is None and (_is_people(one) or (one.shape == "raster" and _said(one, (*HOMES, "pop")))):
        found.demand = one
    else:
        found.rest.append(one)


def class_of(name: str) -> str | None:
    """Return the facility class that a name speaks of: by the longest word in it, None where there is none."""
    hits = [(len(word), id_) for word, id_ in _class_words() if _says(name, word)]
    return max(hits, key=lambda hit: hit[0])[1] if hits else None


def population_of(one: File) -> str | None:
    """Return the column with people."""
    return _best([c for c in one.columns if c.number], PEOPLE)


def id_of(one: File) -> str | None:
    """Return the column that names the rows."""
    return _best([c for c in one.columns if c.unique], IDS, exact=True)


def name_of(one: File) -> str | None:
    """Return the column with the names that maps show; None also where it is found without being told."""
    texts = [c for c in one.columns if not c.number]
    found = _best(texts, NAMES, exact=True) or next((c.name for c in texts if c.name.endswith(("名称", "名"))), None)
    return None if found == "name" else found


def _is_people(one: File) -> bool:
    return one.shape in ("point", "polygon", "table") and (population_of(one) is not None or _said(one, HOMES) > 0)


@lru_cache(maxsize=1)
def _class_words() -> tuple[tuple[str, str], ...]:
    words = dict(COLLOQUIAL)
    for id_, one in load_classes().items():
        names = (id_, one.name.zh.split("(")[0].split("（")[0], one.name.en.split(",")[0].lower(), *one.aliases)
        words |= {name: id_ for name in names if len(name) >= SHORTEST and name not in words}
    return tuple(words.items())


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _said(one: File, words: Iterable[str]) -> int:
    """Length of the longest of the words in the name of the file, 0 where none is in it."""
    return max((len(word) for word in words if _says(one.name, word)), default=0)


def _says(name: str, word: str) -> bool:
    """Whether a name speaks of a word: Latin words as whole words (mall is not in small), Chinese ones anywhere."""
    spaced = re.sub(r"[\W_\d]+", " ", name.lower()) if word.isascii() else name
    plain = re.sub(r"[\W_]+", " ", word.lower())
    return bool(re.search(rf"(?<![a-z]){plain}(s|es)?(?![a-z])", spaced)) if word.isascii() else word in spaced


def _best(columns: Iterable[Column], words: tuple[str, ...], exact: bool = False) -> str | None:
    """Return the column that one of the words names, the earlier word first."""
    listed = list(columns)
    for word in words:
        for column in listed:
            plain = _plain(column.name)
            if plain == _plain(word) or (not exact and _plain(word) in plain):
                return column.name
    return None
