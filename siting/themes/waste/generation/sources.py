"""Sources of waste beside people's homes: each a layer of its own, its rows used or listed with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import listed, parse_numbers, require_columns
from siting.ledger import Finding, Text
from siting.themes.waste.generation.bands import check_shares, positive
from siting.themes.waste.streams import STREAMS, Stream, tonnes_of

PEOPLE = "people"
KG_PER_T = 1000.0
ORIGINS: Mapping[str, Text] = {
    PEOPLE: Text("居民", "residents"),
    "business": Text("商业与单位", "business and offices"),
    "food": Text("餐饮", "food outlets"),
    "market": Text("农贸市场", "food markets"),
    "construction": Text("建设工地", "construction sites"),
    "park": Text("公园", "parks"),
    "campus": Text("校园", "campuses"),
    "street": Text("道路清扫", "street sweeping"),
}
REASONS: Mapping[str, Text] = {
    "no_place": Text("没有位置", "no place"),
    "duplicate_id": Text("编号重复（保留首行）", "id occurs before; the first row is kept"),
    "missing": Text("数量未注明（未知，不按 0 计）", "amount not stated: unknown, not 0"),
    "not_number": Text("数量不是数字", "amount is no number"),
    "infinite": Text("数量为无穷大", "amount is infinite"),
    "negative": Text("数量为负数", "amount is negative"),
}
LEFT_COLUMNS = ["origin", "source_id", "name", "reason", "reason_zh", "reason_en", "value"]
_WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A layer of places that make waste. What it says of tonnes: one of ``t_day``, ``t_day_of`` and a rate.

    Attributes
    ----------
    origin : one word, lower case; `ORIGINS` names the usual ones
    layer : points or areas, index (or column ``id``) = id
    t_day : column with the tonnes per day of all streams together
    t_day_of : column with the tonnes per day by stream
    kg_per_unit_day : kilograms that one unit makes in a day, the study's own
    units : column with the units (seats, stalls, floor area); without it a row is one unit
    unit : what a unit is, in words
    shares : of the streams, adding up to 1; ``{"kitchen": 1}`` for one stream. None: the streams are unknown
    name : what the origin is called
    source : on whose word the figures stand
    """

    origin: str
    layer: gpd.GeoDataFrame
    t_day: str | None = None
    t_day_of: Mapping[Stream, str] | None = None
    kg_per_unit_day: float | None = None
    units: str | None = None
    unit: Text | None = None
    shares: Mapping[str, float] | None = None
    name: Text | None = None
    source: Text | None = None

    def __post_init__(self) -> None:
        if not _WORD.fullmatch(self.origin) or self.origin == PEOPLE:
            msg = f"waste: origin is {self.origin!r}, expected a lower-case word other than '{PEOPLE}'"
            raise InputError(msg)
        said = [self.t_day is not None, self.t_day_of is not None, self.kg_per_unit_day is not None]
        if sum(said) != 1:
            msg = f"waste: source {self.origin}: give one of t_day, t_day_of (by stream) and kg_per_unit_day"
            raise InputError(msg)
        if self.units is not None and self.kg_per_unit_day is None:
            msg = f"waste: source {self.origin}: units need kg_per_unit_day"
            raise InputError(msg)
        if self.t_day_of is not None:
            if self.shares is not None:
                msg = f"waste: source {self.origin}: t_day_of has the streams already; leave shares out"
                raise InputError(msg)
            check_shares(dict.fromkeys(self.t_day_of, 0.0) | {next(iter(self.t_day_of), "?"): 1.0}, self.origin)

    @property
    def words(self) -> Text:
        """Return what the origin is called."""
        return self.name or ORIGINS.get(self.origin, Text(self.origin, self.origin))

    @property
    def how(self) -> Text:
        """Say where the tonnes come from."""
        whose = Text("研究数据", "the study's data") if self.source is None else self.source
        if self.kg_per_unit_day is None:
            return Text(
                f"{self.words.zh}：图层所载吨数（{whose.zh}）", f"{self.words.en}: tonnes of the layer ({whose.en})"
            )
        unit = self.unit or Text("处", "place")
        return Text(
            f"{self.words.zh}：每{unit.zh} {self.kg_per_unit_day:g} 千克/日（估算，{whose.zh}）",
            f"{self.words.en}: {self.kg_per_unit_day:g} kg a day per {unit.en} (estimate, {whose.en})",
        )


def read_source(source: Source, crs: CRS) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read a layer: rows with known tonnes, and the rows listed with the reason.

    Returns
    -------
    used : index "<origin>:<id>"; ``origin``, ``source_id``, ``name``, ``amount`` (units), ``t_day`` and one column a
        known stream; geometry = a point
    left : the same index; columns `LEFT_COLUMNS`
    """
    layer = in_crs(f"waste source {source.origin}", keyed(source.layer), crs)
    label = f"waste source {source.origin}"
    wanted: list[str] = list((source.t_day_of or {}).values())
    wanted += [c for c in (source.t_day, source.units) if c is not None]
    require_columns(layer, wanted, label)
    shares = None if source.shares is None else check_shares(source.shares, source.origin)
    rate = (
        None
        if source.kg_per_unit_day is None
        else positive(source.kg_per_unit_day, f"kg_per_unit_day of {source.origin}")
    )
    reason, values = _reasons(layer, wanted)
    columns: dict[str, Any] = {}
    amount = np.full(len(layer), np.nan)
    if rate is not None:
        amount = values[source.units] if source.units is not None else np.ones(len(layer))
        total = amount * rate / KG_PER_T
    elif source.t_day is not None:
        total = values[source.t_day]
    else:
        total = np.zeros(len(layer))
        for stream, column in (source.t_day_of or {}).items():
            columns[tonnes_of(stream)] = values[column]
            total = total + values[column]
    for stream, share in (shares or {}).items():
        columns[tonnes_of(stream)] = total * share
    if source.t_day_of is not None or shares is not None:
        columns |= {tonnes_of(s): np.zeros(len(layer)) for s in STREAMS if tonnes_of(s) not in columns}
    names = layer["name"].tolist() if "name" in layer.columns else [None] * len(layer)
    ids = layer.index.astype(str)
    frame = gpd.GeoDataFrame(
        {
            "origin": source.origin,
            "source_id": ids.to_numpy(),
            "name": [i if n is None or pd.isna(n) else str(n) for i, n in zip(ids, names, strict=True)],
            "amount": amount,
            "t_day": total,
            **columns,
        },
        geometry=_points(layer),
        crs=crs,
        index=pd.Index([f"{source.origin}:{i}" for i in ids], name="id"),
    )
    bad = reason != ""
    left = listed_rows(frame[bad], reason[bad], _shown(layer, wanted)[bad])
    return gpd.GeoDataFrame(frame[~bad]), left, findings_of(source.words, left)


def listed_rows(frame: gpd.GeoDataFrame, reason: NDArray[np.object_], value: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Write rows that are not counted with their reason; columns `LEFT_COLUMNS`."""
    words = [REASONS[str(r)] for r in reason]
    made = frame[["origin", "source_id", "name", "geometry"]].assign(
        reason=reason, reason_zh=[w.zh for w in words], reason_en=[w.en for w in words], value=value
    )
    return gpd.GeoDataFrame(made[[*LEFT_COLUMNS, "geometry"]], geometry="geometry", crs=frame.crs)


def findings_of(layer: Text, left: pd.DataFrame) -> tuple[Finding, ...]:
    """Count the listed rows by reason."""
    found = []
    for code, words in REASONS.items():
        rows = left[left["reason"] == code]
        if len(rows):
            text = Text(
                f"{layer.zh}：{len(rows)} 行{words.zh}，未计入产生量",
                f"{layer.en}: {len(rows)} rows left out of the tonnes: {words.en}",
            )
            found.append(
                Finding(code=f"waste_{code}", kind="warning", count=len(rows), text=text, ids=listed(rows["source_id"]))
            )
    return tuple(found)


def _points(layer: gpd.GeoDataFrame) -> NDArray[np.object_]:
    shape = np.asarray(layer.geometry, dtype=object)
    gone = shapely.is_missing(shape) | shapely.is_empty(shape)
    place = np.full(len(shape), None, dtype=object)
    place[~gone] = shapely.point_on_surface(shape[~gone])
    return place


def _reasons(layer: gpd.GeoDataFrame, wanted: list[str]) -> tuple[NDArray[np.object_], dict[str, NDArray[np.float64]]]:
    """Say of each row why it cannot be used, the gravest reason first; empty where it can."""
    reason = np.full(len(layer), "", dtype=object)
    shape = np.asarray(layer.geometry, dtype=object)
    marks: list[tuple[str, NDArray[np.bool_]]] = [
        ("duplicate_id", layer.index.astype(str).duplicated()),
        ("no_place", np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape))),
    ]
    values: dict[str, NDArray[np.float64]] = {}
    for column in wanted:
        number, _, unreadable = parse_numbers(layer[column])
        values[column] = number
        marks += [
            ("not_number", unreadable),
            ("infinite", np.isinf(number)),
            ("negative", number < 0),
            ("missing", np.isnan(number) & ~unreadable),
        ]
    for code in ("duplicate_id", "no_place", "not_number", "infinite", "negative", "missing"):
        for name, mask in marks:
            if name == code:
                reason[mask & (reason == "")] = code
    return reason, values


def _shown(layer: gpd.GeoDataFrame, wanted: list[str]) -> NDArray[np.object_]:
    """Values of each row as the source has them, for the list."""
    rows = layer[wanted].astype(object).to_numpy() if wanted else np.empty((len(layer), 0), dtype=object)
    return np.array(["; ".join("" if v is None or v is pd.NA else str(v) for v in row) for row in rows], dtype=object)
