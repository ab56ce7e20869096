"""`Streets` from ways whose tags are numbers: judged once for each set of tags, not once for each way.

The result is that of `osm_streets.build_streets`, account included; only the way to it is shorter.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from siting.inputs.osm_file import OsmFile
from siting.inputs.osm_pbf import UnusualFileError, Ways, read_ways
from siting.inputs.osm_scan import NO_PLACE, UNITS_PER_DEGREE, read_squares
from siting.inputs.osm_streets import FLAG_KEYS, TEXT_KEYS, cut_ways, is_covered, is_set, layer_of, positions_of
from siting.inputs.osm_tally import Tally
from siting.inputs.street_filter import Mode, StreetFilter, WayVerdict
from siting.inputs.streets import Streets

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


def bulk_streets(file: OsmFile, rules: StreetFilter, modes: Sequence[Mode], tally: Tally) -> Streets:
    """Read the streets of an .osm.pbf file.

    Raises
    ------
    UnusualFileError
        The file is not of the usual kind, or nothing of it is a street; ``tally`` is then untouched.
    """
    if file.format != "osm.pbf":
        msg = "not the binary format"
        raise UnusualFileError(msg)
    rings: dict[int, Mapping[str, str]] = {}
    for relation in read_squares(file, rules):
        tags = {**relation.tags, "area": "yes"}
        if relation.square and rules.judge(tags).square:
            for way, _ in relation.members:
                rings.setdefault(way, tags)
    deciding = tuple(dict.fromkeys([*rules.keys, *FLAG_KEYS]))
    others = tuple(key for key in TEXT_KEYS if key not in deciding)
    ways = read_ways(file.path, deciding, others, rules.way_keys, list(rings))
    kinds = _Kinds(ways, rules, modes)
    ring = np.isin(ways.id, np.fromiter(rings, dtype=np.int64, count=len(rings)))
    # The ring of a square that is a relation: walked around like any other square, unless it is a street of its own.
    given = np.flatnonzero(ring & ~kinds.open[kinds.of_way])
    if len(given):
        ways = _with_tags(ways, given, [rings[int(ways.id[w])] for w in given])
        kinds = _Kinds(ways, rules, modes)
    judged, kept = kinds.is_way[kinds.of_way], kinds.open[kinds.of_way]
    if not kept.any() or len(ways.node) == 0:
        msg = "no street is left"
        raise UnusualFileError(msg)
    node = np.searchsorted(ways.node, ways.ref)
    node[node == len(ways.node)] = 0
    there = (ways.node[node] == ways.ref) & (ways.x[node] != NO_PLACE)
    start = np.cumsum(ways.size) - ways.size
    rows = np.flatnonzero(judged)
    if not there[positions_of(start[rows], ways.size[rows])].any():
        msg = "no street has a node with coordinates"
        raise UnusualFileError(msg)
    kinds.count_dropped(ways.id, np.flatnonzero(judged & ~kept), tally)
    rows = np.flatnonzero(kept)
    at = positions_of(start[rows], ways.size[rows])
    return _streets(ways, kinds, rows, node[at], there[at], tally, rows_in=int(judged.sum()))


class _Kinds:
    """Sets of tags that decide what a way is: most ways share theirs with many others.

    ``of_way`` is the set of each way; ``tags``, ``verdict``, ``is_way`` and ``open`` (to one of the modes) are those
    of each set.
    """

    def __init__(self, ways: Ways, rules: StreetFilter, modes: Sequence[Mode]) -> None:
        self.modes = modes
        self.of_way = ways.set_of
        self.tags: list[Mapping[str, str]] = [
            {ways.deciding[key]: ways.texts[text] for key, text in tags} for tags in ways.sets
        ]
        self.verdict: list[WayVerdict] = [rules.judge(tags) for tags in self.tags]
        self.is_way = np.array([rules.is_way(tags) for tags in self.tags], dtype=bool)
        opened = [any(verdict.passage(mode).open for mode in modes) for verdict in self.verdict]
        self.open = np.array(opened, dtype=bool) & self.is_way

    def flags(self, rows: Longs, what: Callable[[Mapping[str, str], WayVerdict], bool]) -> Flags:
        """Answer a question for each of some ways."""
        answer = [what(tags, verdict) for tags, verdict in zip(self.tags, self.verdict, strict=True)]
        return np.array(answer, dtype=bool)[self.of_way[rows]]

    def count_dropped(self, way: Longs, rows: Longs, tally: Tally) -> None:
        """Count the ways that no mode may use, by the reason that the first mode has."""
        passages = [verdict.passage(self.modes[0]) for verdict in self.verdict]
        reasons = [p.reason or "not_a_way" for p in passages]
        self.count(way, rows, reasons, [p.tag for p in passages], tally)

    def count(
        self, way: Longs, rows: Longs, code: Sequence[str | None], detail: Sequence[str | None], tally: Tally
    ) -> None:
        """Count some ways under the code of their set; a set without a code is not counted."""
        mine = self.of_way[rows]
        often = np.bincount(mine, minlength=len(self.tags))
        for name in dict.fromkeys(c for c in code if c is not None):
            sets = np.array([c == name for c in code], dtype=bool)
            details: Counter[str] = Counter()
            for k in np.flatnonzero(sets).tolist():
                if detail[k] is not None and often[k]:
                    details[str(detail[k])] += int(often[k])
            found = rows[sets[mine]]
            tally.add_rows(name, (f"way/{w}" for w in way[found]), len(found), details)


def _with_tags(ways: Ways, rows: Longs, tags: Sequence[Mapping[str, str]]) -> Ways:
    """Return the ways with other tags for some of them."""
    texts = {text: k for k, text in enumerate(ways.texts)}
    sets = {one: k for k, one in enumerate(ways.sets)}
    set_of, other = ways.set_of.copy(), ways.other.copy()
    for row, mine in zip(rows.tolist(), tags, strict=True):
        number = {key: texts.setdefault(text, len(texts)) for key, text in mine.items()}
        tag_set = tuple((k, number[key]) for k, key in enumerate(ways.deciding) if key in number)
        set_of[row] = sets.setdefault(tag_set, len(sets))
        other[row] = [number.get(key, -1) for key in ways.others]
    return replace(ways, texts=list(texts), sets=list(sets), set_of=set_of, other=other)


def _streets(
    ways: Ways, kinds: _Kinds, rows: Longs, node: Longs, there: Flags, tally: Tally, *, rows_in: int
) -> Streets:
    way = ways.id[rows]
    piece_of, ptr, at = cut_ways(way, ways.size[rows], node, there, tally)
    node = node[at]
    used = np.zeros(len(ways.node), dtype=bool)
    used[node] = True
    position = np.cumsum(used) - 1
    table = _table(ways, kinds, rows[piece_of], piece_of, tally)
    alive = np.zeros(len(rows), dtype=bool)
    alive[piece_of] = True
    tally.add_rows("no_usable_piece", (f"way/{w}" for w in way[~alive]), int((~alive).sum()), {})
    _note(ways.id, kinds, rows[alive], tally)
    return Streets(
        node_id=ways.node[used],
        lon=ways.x[used] / UNITS_PER_DEGREE,
        lat=ways.y[used] / UNITS_PER_DEGREE,
        way_ptr=ptr,
        way_node=position[node],
        tags=table,
        crs=CRS.from_epsg(4326),
        account=tally.account(rows_in, int(alive.sum())),
    )


def _table(ways: Ways, kinds: _Kinds, rows: Longs, piece_of: Longs, tally: Tally) -> pd.DataFrame:
    """Return the table of the pieces; ``rows`` are their ways."""
    texts = pd.Series(ways.texts, dtype="str").array

    def text(key: str) -> "pd.Series[Any]":
        if key in ways.others:
            code = ways.other[rows, ways.others.index(key)]
        else:
            k = ways.deciding.index(key)
            code = np.array([dict(tags).get(k, -1) for tags in ways.sets], dtype=np.int32)[kinds.of_way[rows]]
        return pd.Series(texts.take(code, allow_fill=True))

    head = np.ones(len(rows), dtype=bool)
    head[1:] = piece_of[1:] != piece_of[:-1]
    piece = np.arange(len(rows)) - np.maximum.accumulate(np.where(head, np.arange(len(rows)), 0))
    layer = np.array([layer_of(tags) or 0 for tags in kinds.tags], dtype=np.int64)
    unread = ["layer_not_number" if layer_of(tags) is None else None for tags in kinds.tags]
    kinds.count(ways.id, rows, unread, [f"layer={tags.get('layer')}" for tags in kinds.tags], tally)
    walk, drive = "walk" in kinds.modes, "drive" in kinds.modes
    columns: dict[str, Any] = {
        "way_id": "way/" + pd.Series(ways.id[rows]).astype("str"),
        "piece": piece,
        "highway": text("highway"),
        "name": text("name"),
        "bridge": kinds.flags(rows, lambda tags, _: is_set(tags, "bridge")),
        "tunnel": kinds.flags(rows, lambda tags, _: is_set(tags, "tunnel", but=("building_passage",))),
        "layer": layer[kinds.of_way[rows]],
        "steps": kinds.flags(rows, lambda tags, _: tags.get("highway") == "steps"),
        "covered": kinds.flags(rows, lambda tags, _: is_covered(tags)),
        "indoor": kinds.flags(rows, lambda tags, _: tags.get("highway") == "corridor" or is_set(tags, "indoor")),
        "area": kinds.flags(rows, lambda _, verdict: verdict.square),
        **{key: text(key) for key in TEXT_KEYS[2:]},
        "walk": kinds.flags(rows, lambda _, verdict: walk and verdict.walk.open),
        "walk_forward": kinds.flags(rows, lambda _, verdict: walk and verdict.walk.forward),
        "walk_backward": kinds.flags(rows, lambda _, verdict: walk and verdict.walk.backward),
        "drive_forward": kinds.flags(rows, lambda _, verdict: drive and verdict.drive.forward),
        "drive_backward": kinds.flags(rows, lambda _, verdict: drive and verdict.drive.backward),
    }
    return pd.DataFrame(columns)


def _note(way: Longs, kinds: _Kinds, rows: Longs, tally: Tally) -> None:
    none: list[str | None] = [None] * len(kinds.tags)
    verdicts = kinds.verdict
    kinds.count(way, rows, ["square_outline" if v.square else None for v in verdicts], none, tally)
    unlisted = [None if v.unlisted is None else f"highway={v.unlisted}" for v in verdicts]
    kinds.count(way, rows, [u and "unlisted_highway" for u in unlisted], unlisted, tally)
    if "walk" in kinds.modes:
        one_way = [v.walk.open and v.walk.forward != v.walk.backward for v in verdicts]
        kinds.count(way, rows, ["oneway_foot" if one else None for one in one_way], none, tally)
