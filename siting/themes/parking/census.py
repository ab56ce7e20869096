"""Car parks that stand in the data twice: at one place, by one name, in two layers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from siting.ledger import Text

SAME_PLACE_M = 5.0
"""Two points, or a point and an area, this close are one place: an assumption of this toolkit."""
SAME_NAME_M = 80.0
"""Car parks of one name this close are one car park: an assumption of this toolkit."""
SAME_AREA_SHARE = 0.5
"""Areas that share more than this of the smaller one are one place: an assumption of this toolkit."""
LAYERS_SHARE = 0.5
"""Two layers of which one repeats more than this of its rows in the other hold the same lots."""
_RANK = {"stated": 0, "about": 1, "estimated": 2, "unknown": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One row that repeats another, or may do so."""

    lot: object
    check: str
    other: object
    counted: bool
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Rows that are one car park.

    Attributes
    ----------
    rows : what was found, in the order of the lots
    dropped : ids of the rows that are counted under another id
    layers : pairs of layers that hold the same lots, and how many
    """

    rows: tuple[Repeat, ...]
    dropped: tuple[object, ...]
    layers: tuple[tuple[tuple[str, str], int], ...]


def repeats_of(lots: gpd.GeoDataFrame) -> Repeats:
    """Find car parks that the data hold twice.

    One car park: the same name (or none) at one place, unless their kinds are both known and differ, for a basement
    may lie under a yard; or one name within `SAME_NAME_M`. Of those the row with stated spaces stays, then the
    area, then the first id. Different names at one place are told, and both are counted.
    """
    shapes = np.asarray(lots.geometry, dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_NAME_M)
    pair = first < second
    first, second = first[pair], second[pair]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    names = [_plain(name) for name in lots["name"]]
    kinds = lots["kind"].to_numpy()
    near = _one_place(shapes, first, second)
    rank = _ranks(lots, shapes)
    leader = np.arange(len(lots))

    def top(k: int) -> int:
        while leader[k] != k:
            k = int(leader[k])
        return k

    told: dict[int, Repeat] = {}
    for a, b, here in zip(first.tolist(), second.tolist(), near.tolist(), strict=True):
        differ = kinds[a] != kinds[b] and "unknown" not in (kinds[a], kinds[b])
        alike = bool(names[a]) and names[a] == names[b]
        if differ or not (here or alike):
            continue
        if names[a] and names[b] and not alike:
            told.setdefault(b, _told(lots, b, a))
            continue
        low, high = sorted((top(a), top(b)), key=lambda k: rank[k])
        leader[high] = low
    dropped = [k for k in range(len(lots)) if top(k) != k]
    gone = set(dropped)
    rows = {k: told[k] for k in told if k not in gone} | {k: _repeat(lots, names, k, top(k)) for k in dropped}
    return Repeats(
        rows=tuple(rows[k] for k in sorted(rows)),
        dropped=tuple(lots.index[dropped]),
        layers=_layers(lots, [(k, top(k)) for k in dropped]),
    )


def _plain(name: object) -> str:
    """Return a name without case, spaces and brackets' kind; an empty text for none."""
    if not isinstance(name, str):
        return ""
    return re.sub(r"[\s()（）·.,，。-]", "", name).casefold()


def _one_place(shapes: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether the shapes of each pair stand at one place."""
    area = shapely.area(shapes)
    both = (area[first] > 0) & (area[second] > 0)
    here = np.asarray(shapely.distance(shapes[first], shapes[second]) <= SAME_PLACE_M)
    shared = np.zeros(len(first))
    at = np.flatnonzero(both & here)
    shared[at] = shapely.area(shapely.intersection(shapes[first[at]], shapes[second[at]]))
    return np.where(both, shared > SAME_AREA_SHARE * np.minimum(area[first], area[second]), here)


def _ranks(lots: gpd.GeoDataFrame, shapes: np.ndarray) -> np.ndarray:
    """Which row speaks for a car park: stated spaces, then an area, then the first id; 0 is best."""
    basis = lots["basis"].map(_RANK).to_numpy()
    order = np.lexsort((lots.index.astype(str), shapely.area(shapes) == 0, basis))
    rank = np.empty(len(lots), dtype=np.int64)
    rank[order] = np.arange(len(lots))
    return rank


def _repeat(lots: gpd.GeoDataFrame, names: list[str], k: int, stays: int) -> Repeat:
    other = lots.index[stays]
    by_name = bool(names[k]) and names[k] == names[stays]
    mine, kept = lots["spaces"].iloc[k], lots["spaces"].iloc[stays]
    zh = f"与 {other} {'同名且相邻' if by_name else '位于同一处'}，只计一次"
    en = f"{'same name, nearby,' if by_name else 'same place'} as {other}: counted once"
    if np.isfinite(mine) and np.isfinite(kept) and mine != kept:
        zh += f"；泊位数不一致：{int(mine)} 与 {int(kept)}，按后者计"
        en += f"; spaces disagree: {int(mine)} here, {int(kept)} there, which counts"
    check = "same_name" if by_name else "same_place"
    return Repeat(lot=lots.index[k], check=check, other=other, counted=False, text=Text(zh, en))


def _told(lots: gpd.GeoDataFrame, k: int, other: int) -> Repeat:
    text = Text(
        f"与 {lots.index[other]} 位于同一处而名称不同，均已计入，须核实",
        f"same place as {lots.index[other]} under another name: both counted, check them",
    )
    return Repeat(lot=lots.index[k], check="two_names", other=lots.index[other], counted=True, text=text)


def _layers(lots: gpd.GeoDataFrame, pairs: list[tuple[int, int]]) -> tuple[tuple[tuple[str, str], int], ...]:
    source = lots["source"].astype(str).to_numpy()
    rows = dict(zip(*np.unique(source, return_counts=True), strict=True))
    count: dict[tuple[str, str], int] = {}
    for k, stays in pairs:
        if source[k] != source[stays]:
            one, two = sorted((str(source[k]), str(source[stays])))
            count[one, two] = count.get((one, two), 0) + 1
    return tuple((pair, n) for pair, n in sorted(count.items()) if n > LAYERS_SHARE * min(rows[pair[0]], rows[pair[1]]))
