"""What a car park is, and for whom: read from its class, its own columns and the tags of OpenStreetMap."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd

from siting.inputs.schema import parse_number
from siting.ledger import Text

CLASSES = ("public_parking", "street_parking", "parking")
"""Facility classes of car parks; where an object is of two, the first counts."""
KINDS: dict[str, Text] = {
    "surface": Text("地面", "surface"),
    "building": Text("停车楼", "building"),
    "underground": Text("地下", "underground"),
    "mechanical": Text("机械式", "mechanical"),
    "kerb": Text("路内", "kerb"),
    "unknown": Text("类型不详", "kind unknown"),
}
USERS: dict[str, Text] = {
    "public": Text("对外开放", "open to the public"),
    "residents": Text("居民专用", "for residents"),
    "own": Text("单位自用", "for their own users"),
}
PUBLIC, RESIDENTS, OWN = USERS

_KIND_WORDS = {
    "surface": ("surface", "ground", "地面", "露天", "平面", "地面停车场", "平面停车场", "平面停車場",
                "carports", "sheds", "garage_boxes"),
    "mechanical": ("mechanical", "机械", "機械", "立体机械", "机械式", "機械式", "机械车库", "机械式立体停车"),
    "underground": ("underground", "basement", "地下", "地库", "地下车库", "地下停车场", "地下停车库", "地下停車場"),
    "building": ("building", "multi-storey", "multistorey", "garage", "rooftop", "停车楼", "停車樓", "立体", "立體",
                 "楼"),
    "kerb": ("kerb", "curb", "street", "street_side", "lane", "on_kerb", "half_on_kerb", "shoulder", "layby", "路内",
             "路内停车", "路内泊位", "路边", "路側", "路侧", "占道", "道路"),
}  # fmt: skip
_KIND_OF = {word: kind for kind, words in _KIND_WORDS.items() for word in words}
_NO_FLOORS = frozenset({"no", "roof", "carport", "ruins", "construction", "proposed"})
"""Values of the tag ``building`` that leave a car park on the ground."""
_USERS_WORDS = {
    PUBLIC: ("public", "yes", "permissive", "公共", "社会", "开放", "对外"),
    RESIDENTS: ("residents", "residential", "居民", "小区", "业主", "住宅"),
    OWN: ("own", "private", "staff", "employees", "customers", "office", "单位", "专用", "配建", "员工", "办公"),
}  # fmt: skip
_USERS_OF = {word: users for users, words in _USERS_WORDS.items() for word in words}


def kinds_of(lots: gpd.GeoDataFrame) -> pd.Series:
    """Kind of each car park, one of `KINDS`: column ``kind``, tags ``parking`` and ``building``, or its class."""
    said = _first(lots, "kind", "parking").map(lambda word: _KIND_OF.get(word, "unknown"))
    built = tag(lots, "building").map(lambda value: isinstance(value, str) and value.casefold() not in _NO_FLOORS)
    said = said.where((said != "unknown") | ~built, "building")
    return said.where((said != "unknown") | (lots["class"] != "street_parking"), "kerb")


def users_of(lots: gpd.GeoDataFrame) -> pd.Series:
    """Who may use each car park, one of `USERS`: its column ``users``, the tag ``access``, or its class.

    A class that is open to the public stays so unless the column ``users`` says otherwise.
    """
    by_column = _first(lots, "users").map(_USERS_OF)
    by_tag = _first(lots, "access").map(_USERS_OF)
    by_class = pd.Series(PUBLIC, index=lots.index, dtype=object)
    private = lots["class"] == "parking"
    by_class[private] = by_tag[private].where(by_tag[private] == RESIDENTS, OWN)
    return by_column.where(by_column.notna(), by_class)


def reads_kind(value: object) -> bool:
    """Whether a word for a kind is one of those that are read, "unknown" included."""
    return _word(value) in {*_KIND_OF, "unknown"}


def reads_users(value: object) -> bool:
    """Whether a word for who may use a car park is one of those that are read."""
    return _word(value) in _USERS_OF


def levels_of(lots: gpd.GeoDataFrame) -> pd.Series:
    """Storeys of each car park, NaN where nobody says."""
    said = _first(lots, "levels", "parking:levels", "building:levels")
    levels = said.map(lambda word: parse_number(word)[0]).astype("float64")
    return levels.where((levels > 0) & (levels < float("inf")))


def tag(lots: gpd.GeoDataFrame, key: str) -> pd.Series:
    """Return one OpenStreetMap tag of each row, None where there is none."""
    if "tags" not in lots.columns:
        return pd.Series(None, index=lots.index, dtype=object)
    values = [json.loads(t).get(key) if isinstance(t, str) and key in t else None for t in lots["tags"]]
    return pd.Series(values, index=lots.index, dtype=object)


def _first(lots: gpd.GeoDataFrame, column: str, *tags: str) -> pd.Series:
    """Take the column, or where it is empty the first tag there is, as lower-case words."""
    found = pd.Series(lots[column].to_numpy(dtype=object) if column in lots.columns else None, index=lots.index)
    found = found.astype(object).where(found.notna(), None)
    for key in tags:
        found = found.where(found.notna(), tag(lots, key))
    return found.map(_word)


def _word(value: object) -> str:
    """Return a cell as a lower-case word, "" where there is none."""
    return str(value).strip().casefold() if value is not None and value is not pd.NA and value == value else ""


__all__ = ["CLASSES", "KINDS", "OWN", "PUBLIC", "RESIDENTS", "USERS", "kinds_of", "levels_of", "reads_kind",
           "reads_users", "tag", "users_of"]  # fmt: skip
