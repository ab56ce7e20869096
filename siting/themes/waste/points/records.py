"""Collection and recycling points as the source has them: each once, with the streams it takes, and what is odd."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.waste.points.part import names_of
from siting.themes.waste.streams import STREAMS, Stream

WASTE_POINT = "waste_point"
RECYCLING = ("recycling_point", "recycling_centre")
_WORDS: dict[str, Stream] = {
    **{stream: stream for stream in STREAMS},
    **{words.zh: stream for stream, words in STREAMS.items()},
    "厨余": "kitchen", "餐厨": "kitchen", "餐厨垃圾": "kitchen", "易腐垃圾": "kitchen", "湿垃圾": "kitchen",
    "food": "kitchen", "organic": "kitchen",
    "可回收": "recyclable", "再生资源": "recyclable", "recyclables": "recyclable", "recycling": "recyclable",
    "有害": "hazardous", "其他": "other", "其它": "other", "其它垃圾": "other", "干垃圾": "other", "residual": "other",
    "建筑": "construction", "装修垃圾": "construction", "大件": "bulky",
}  # fmt: skip
_YES = {"yes", "true", "1", "1.0", "y", "是", "有", "已分类"}
_NO = {"no", "false", "0", "0.0", "n", "否", "无", "未分类"}
_BETWEEN = re.compile(r"[,，、;；/|+]")
_APART = 2
_STRANGE = Text("所收类别有无法识别的词，按其余识别", "name a stream that is not known; the others count")
_UNCLEAR = Text("是否分类写法不明，按未知处理", "say of sorting neither yes nor no: unknown")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """Points that can be used.

    Attributes
    ----------
    waste : index = id; ``name``, ``streams`` (ids between commas; None = not known), ``sorting`` (True, False, None =
        not known: two or more streams apart are sorting, one alone says nothing)
    recycling : the same
    rows_in : by layer
    findings : rows left out and values that could not be read
    """

    waste: gpd.GeoDataFrame
    recycling: gpd.GeoDataFrame
    rows_in: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def sorting(self) -> gpd.GeoDataFrame:
        """Points of both kinds that are known to sort."""
        both = pd.concat([self.waste, self.recycling]) if len(self.recycling) else self.waste
        return gpd.GeoDataFrame(both[[x is True for x in both["sorting"]]], geometry="geometry", crs=self.waste.crs)


def read_records(city: City, *, streams: str = "streams", sorting: str = "sorting") -> Records:
    """Read the collection and recycling points of a city.

    Parameters
    ----------
    streams, sorting : columns of the facilities
    """
    found: list[Finding] = []
    rows_in = {}
    layers = []
    for name, classes, words in (
        ("waste_point", (WASTE_POINT,), Text("收集点", "collection points")),
        ("recycling_point", RECYCLING, Text("回收点", "recycling points")),
    ):
        layer = city.facilities[city.facilities["class"].isin(classes)]
        rows_in[name] = len(layer)
        kept, odd = _kept(gpd.GeoDataFrame(layer), words)
        read, strange = _read(kept, streams, sorting, words)
        layers.append(read)
        found += [*odd, *strange]
    return Records(waste=layers[0], recycling=layers[1], rows_in=rows_in, findings=tuple(found))


def _kept(layer: gpd.GeoDataFrame, words: Text) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    shape = np.asarray(layer.geometry, dtype=object)
    gone = np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape))
    twice = np.asarray(layer.index.duplicated()) & ~gone
    found = [
        *_listed(layer.index[gone], words, Text("没有位置，未计入", "without a place, left out"), "place", "dropped"),
        *_listed(
            layer.index[twice], words, Text("编号重复，只计首行", "repeat an id, the first counts"), "id", "dropped"
        ),
    ]
    kept = gpd.GeoDataFrame(layer[~gone & ~twice])
    same = pd.Series(shapely.to_wkb(np.asarray(kept.geometry, dtype=object)), index=kept.index).duplicated().to_numpy()
    found += _listed(
        kept.index[same],
        words,
        Text("与另一处位置完全相同，请核对", "lie exactly on another; check them"),
        "same",
        "warning",
    )
    return kept, found


def _read(layer: gpd.GeoDataFrame, streams: str, sorting: str, words: Text) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    taken, strange = [], []
    for id_, value in _values(layer, streams):
        kinds, bad = streams_in(value)
        taken.append(",".join(s for s in STREAMS if s in kinds) if kinds else None)
        if bad:
            strange.append(id_)
    apart, unclear = [], []
    for (id_, value), kinds_text in zip(_values(layer, sorting), taken, strict=True):
        said = yes_no(value)
        if said is None and not _blank(value):
            unclear.append(id_)
        if said is None and kinds_text is not None and len(kinds_text.split(",")) >= _APART:
            said = True
        apart.append(said)
    made = gpd.GeoDataFrame(
        {
            "class": layer["class"].to_numpy(),
            "name": names_of(layer),
            "streams": pd.Series(taken, dtype=object).to_numpy(),
            "sorting": pd.Series(apart, dtype=object).to_numpy(),
        },
        geometry=np.asarray(layer.geometry),
        crs=layer.crs,
        index=layer.index.astype(str).rename("id"),
    )
    found = [
        *_listed(strange, words, _STRANGE, "streams", "warning"),
        *_listed(unclear, words, _UNCLEAR, "sorting", "warning"),
    ]
    return made, found


def streams_in(value: object) -> tuple[set[Stream], bool]:
    """Read a list of streams: those that are known, and whether some word is not."""
    if _blank(value):
        return set(), False
    words = [w.strip().lower() for w in _BETWEEN.split(str(value)) if w.strip()]
    return {_WORDS[w] for w in words if w in _WORDS}, any(w not in _WORDS for w in words)


def yes_no(value: object) -> bool | None:
    """Read yes or no; None where it says neither."""
    if _blank(value):
        return None
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def _blank(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) or not str(value).strip()


def _values(layer: gpd.GeoDataFrame, column: str) -> list[tuple[str, object]]:
    values = layer[column].tolist() if column in layer.columns else [None] * len(layer)
    return list(zip(layer.index.astype(str), values, strict=True))


def _listed(ids: Iterable[object], layer: Text, what: Text, code: str, kind: str) -> list[Finding]:
    ids = list(ids)
    if not ids:
        return []
    text = Text(f"{layer.zh}：{len(ids)} 行{what.zh}", f"{layer.en}: {len(ids)} rows {what.en}")
    return [Finding(code=f"waste_point_{code}", kind=kind, count=len(ids), text=text, ids=listed(ids))]  # type: ignore[arg-type]
