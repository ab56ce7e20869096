"""From the ways of a scan to `Streets`: judged, cut where nodes are missing, and cleaned."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from siting.inputs.osm_scan import NO_PLACE, UNITS_PER_DEGREE, Scan
from siting.inputs.osm_tally import Tally
from siting.inputs.street_filter import Mode, StreetFilter, WayVerdict
from siting.inputs.streets import Streets

TEXT_KEYS = (
    "highway", "name", "surface", "wheelchair", "incline", "maxspeed", "service", "footway", "hgv", "maxweight",
    "maxheight",
)  # fmt: skip
FLAG_KEYS = ("highway", "bridge", "tunnel", "layer", "covered", "indoor")
"""Tags that are kept as they are, and tags that are read."""


def build_streets(scan: Scan, rules: StreetFilter, modes: Sequence[Mode], tally: Tally) -> Streets:
    """Keep the ways that one of the modes may use.

    A way with missing nodes becomes several rows of one ``way_id``. The account counts ways, not pieces.
    """
    judged, rows_in = _judge(scan, rules, modes, tally)
    way, tags, verdicts = [w for w, _, _ in judged], [t for _, t, _ in judged], [v for _, _, v in judged]
    piece_of, ptr, ref, x, y = _pieces(scan, way, tally)
    used, position = np.unique(ref, return_inverse=True)
    first = np.zeros(len(used), dtype=np.int64)
    first[position[::-1]] = np.arange(len(ref))[::-1]
    table = _table(way, tags, verdicts, piece_of, modes, tally)
    kept = np.unique(piece_of)
    for row in sorted(set(range(len(way))) - set(kept.tolist())):
        tally.add("no_usable_piece", f"way/{way[row]}")
    for row in kept.tolist():
        _note(verdicts[row], f"way/{way[row]}", modes, tally)
    tally.add_count("duplicate_object", scan.repeated.get("way", 0))
    return Streets(
        node_id=used,
        lon=x[first] / UNITS_PER_DEGREE,
        lat=y[first] / UNITS_PER_DEGREE,
        way_ptr=ptr,
        way_node=position.reshape(-1).astype(np.int64),
        tags=table,
        crs=CRS.from_epsg(4326),
        account=tally.account(rows_in, len(kept)),
    )


def _judge(
    scan: Scan, rules: StreetFilter, modes: Sequence[Mode], tally: Tally
) -> tuple[list[tuple[int, Mapping[str, str], WayVerdict]], int]:
    kept: list[tuple[int, Mapping[str, str], WayVerdict]] = []
    rows_in = 0
    square_of = _square_rings(scan, rules)
    for number, item in scan.ways.items():
        if number not in scan.is_street and number not in square_of:
            continue
        rows_in += 1
        if number in scan.is_street:
            verdict = rules.judge(item.tags)
            if any(verdict.passage(mode).open for mode in modes):
                kept.append((number, item.tags, verdict))
                continue
        if number in square_of:  # the ring of a square that is a relation: walked around like any other square
            tags = square_of[number]
            verdict = rules.judge(tags)
            if any(verdict.passage(mode).open for mode in modes):
                kept.append((number, tags, verdict))
                continue
        out = verdict.passage(modes[0])
        tally.add(out.reason or "not_a_way", f"way/{number}", out.tag)
    return kept, rows_in


def _square_rings(scan: Scan, rules: StreetFilter) -> dict[int, Mapping[str, str]]:
    rings: dict[int, Mapping[str, str]] = {}
    for relation in scan.relations:
        if relation.square:
            tags = {**relation.tags, "area": "yes"}
            if rules.judge(tags).square:
                for way, _ in relation.members:
                    rings.setdefault(way, tags)
    return rings


def _pieces(
    scan: Scan, way: Sequence[int], tally: Tally
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Return for every piece its row in ``way``, and the pieces' pointer, node ids and coordinates."""
    size = np.array([scan.size[w] for w in way], dtype=np.int64)
    start = np.array([scan.start[w] for w in way], dtype=np.int64)
    at = positions_of(start, size)
    ref, x, y = scan.ref[at], scan.x[at], scan.y[at]
    piece_row, ptr, kept = cut_ways(way, size, ref, (x != NO_PLACE) & (y != NO_PLACE), tally)
    return piece_row, ptr, ref[kept], x[kept], y[kept]


def positions_of(start: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions ``start[i] … start[i] + size[i] - 1`` of all rows, one after the other."""
    shift = start - (np.cumsum(size) - size)
    at: NDArray[np.int64] = np.repeat(shift, size)
    at += np.arange(len(at))
    return at


def cut_ways(
    way: Sequence[int] | NDArray[np.int64],
    size: NDArray[np.int64],
    node: NDArray[np.int64],
    there: NDArray[np.bool_],
    tally: Tally,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Cut ways where nodes are missing, and take a node that follows itself once.

    Parameters
    ----------
    way : shape (w,), numbers of the ways
    size : shape (w,), how many nodes each has
    node : shape (k,), nodes of all ways
    there : shape (k,), whether the file holds the node

    Returns
    -------
    Row in ``way`` of every piece, the pieces' pointer, and the positions in ``node`` that are kept.
    """
    row = np.repeat(np.arange(len(size)), size)
    new = np.ones(len(row), dtype=bool)  # a piece begins at the head of a way and after a missing node
    new[1:] = (row[1:] != row[:-1]) | ~there[:-1]
    for r in np.unique(row[~there]).tolist():
        tally.add("way_cut", f"way/{way[r]}")
    kept = np.flatnonzero(there)
    piece = np.cumsum(new)[kept]
    again = np.zeros(len(kept), dtype=bool)
    again[1:] = (node[kept[1:]] == node[kept[:-1]]) & (piece[1:] == piece[:-1])
    for r in np.unique(row[kept[again]]).tolist():
        tally.add("repeated_node", f"way/{way[r]}")
    kept, piece = kept[~again], piece[~again]
    enough = (np.bincount(piece) >= 2)[piece]
    # A way that is all gone is listed as dropped; a stub beside a usable piece of the same way is only noted.
    alive = np.zeros(len(size), dtype=bool)
    alive[row[kept[enough]]] = True
    tally.add_count("single_node_piece", int(alive[row[kept[~enough]]].sum()))
    kept, piece = kept[enough], piece[enough]
    head = np.flatnonzero(np.r_[True, piece[1:] != piece[:-1]]) if len(piece) else np.zeros(0, dtype=np.int64)
    ptr = np.r_[head, len(piece)].astype(np.int64)
    return row[kept[head]].astype(np.int64), ptr, kept


def _table(
    way: Sequence[int],
    tags: Sequence[Mapping[str, str]],
    verdicts: Sequence[WayVerdict],
    piece_of: NDArray[np.int64],
    modes: Sequence[Mode],
    tally: Tally,
) -> pd.DataFrame:
    rows = piece_of.tolist()
    piece = np.zeros(len(rows), dtype=np.int64)
    for k in range(1, len(rows)):
        piece[k] = piece[k - 1] + 1 if rows[k] == rows[k - 1] else 0
    texts = {key: pd.Series([tags[r].get(key) for r in rows], dtype="str") for key in TEXT_KEYS}
    walk, drive = "walk" in modes, "drive" in modes
    columns: dict[str, Any] = {
        "way_id": pd.Series([f"way/{way[r]}" for r in rows], dtype="str"),
        "piece": piece,
        "highway": texts["highway"],
        "name": texts["name"],
        "bridge": np.array([is_set(tags[r], "bridge") for r in rows], dtype=bool),
        # A passage through a building is at ground level: covered, not a tunnel.
        "tunnel": np.array([is_set(tags[r], "tunnel", but=("building_passage",)) for r in rows], dtype=bool),
        "layer": np.array([_layer(tags[r], f"way/{way[r]}", tally) for r in rows], dtype=np.int64),
        "steps": np.array([tags[r].get("highway") == "steps" for r in rows], dtype=bool),
        "covered": np.array([is_covered(tags[r]) for r in rows], dtype=bool),
        "indoor": np.array(
            [tags[r].get("highway") == "corridor" or is_set(tags[r], "indoor") for r in rows], dtype=bool
        ),
        "area": np.array([verdicts[r].square for r in rows], dtype=bool),
        **{key: texts[key] for key in TEXT_KEYS[2:]},
        "walk": np.array([walk and verdicts[r].walk.open for r in rows], dtype=bool),
        "walk_forward": np.array([walk and verdicts[r].walk.forward for r in rows], dtype=bool),
        "walk_backward": np.array([walk and verdicts[r].walk.backward for r in rows], dtype=bool),
        "drive_forward": np.array([drive and verdicts[r].drive.forward for r in rows], dtype=bool),
        "drive_backward": np.array([drive and verdicts[r].drive.backward for r in rows], dtype=bool),
    }
    return pd.DataFrame(columns)


def _note(verdict: WayVerdict, name: str, modes: Sequence[Mode], tally: Tally) -> None:
    if verdict.square:
        tally.add("square_outline", name)
    if verdict.unlisted is not None:
        tally.add("unlisted_highway", name, f"highway={verdict.unlisted}")
    if "walk" in modes and verdict.walk.open and verdict.walk.forward != verdict.walk.backward:
        tally.add("oneway_foot", name)


def is_set(tags: Mapping[str, str], key: str, but: tuple[str, ...] = ()) -> bool:
    """Whether a tag says yes: all values do but ``no`` and those of ``but``."""
    value = tags.get(key)
    return value is not None and value != "no" and value not in but


def is_covered(tags: Mapping[str, str]) -> bool:
    """Whether there is a roof over the way, or a building."""
    return is_set(tags, "covered") or tags.get("tunnel") == "building_passage"


def _layer(tags: Mapping[str, str], name: str, tally: Tally) -> int:
    number = layer_of(tags)
    if number is None:
        tally.add("layer_not_number", name, f"layer={tags['layer']}")
    return number or 0


def layer_of(tags: Mapping[str, str]) -> int | None:
    """Return the layer, 0 where none is said, None where it is no number."""
    text = tags.get("layer")
    if text is None:
        return 0
    match = re.match(r"\s*([+-]?\d{1,3})\s*(?:[;,].*)?$", text)
    return None if match is None else int(match.group(1))
