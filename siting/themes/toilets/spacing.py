"""Spacing of public toilets along streets: every stretch that lies too far from a toilet, with what it lacks.

**Definition.** The streets of one type are walked by themselves: distances run along them and nowhere else. A toilet
belongs to them if it lies within a stated straight distance of one of them; it counts where that street is nearest.
With a spacing s, a point of a street is *far* if its nearest toilet along the streets is farther than s / 2; points
that hang together are one *stretch*.

- Between two neighbours L apart on a street the far part is L - s long: there is none exactly where L is within s.
- A dead end may be s / 2 from the last toilet, no more: as if the street went on beyond it just as it came.
- A ring is a street whose two ends are one toilet.
- A street that holds no toilet is far as a whole.
- Connected streets no longer than s in all are not judged, with or without a toilet, as no two toilets can stand too
  far apart on them: their length is listed as short. (So a new toilet never makes a street too long.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access.service_split import part_lines
from siting.access.street_parts import StreetParts
from siting.errors import InputError
from siting.ledger import Text
from siting.network import Network
from siting.network.search import UNREACHED
from siting.standards.labels import document_text
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.toilets.records import read_records
from siting.themes.toilets.spacing_needed import Link, places_needed
from siting.themes.toilets.spacing_types import Spacing, spacings, types_of_edges
from siting.themes.toilets.spacing_web import FarParts, Longs, Web
from siting.themes.toilets.study_area import study_area
from siting.units import MM_PER_M

WITHIN_M = 50.0
"""Assumed: a toilet this near to the centre line of a street is one of its toilets; from no standard."""
STRETCH_COLUMNS = (
    "type", "rule", "confidence", "spacing_m", "kind", "street", "length_m", "excess_m", "farthest_m", "lacks",
    "lacks_most", "toilets", "dead_ends", "geometry",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "type", "type_zh", "type_en", "rule", "clause", "confidence", "spacing_m", "street_m", "toilets", "stretches",
    "too_long_m", "share_too_long", "short_m", "lacks", "lacks_most",
)  # fmt: skip
_NAMED = 3

_OUTSIDE = Text("中点在研究范围外的路段不计", "streets whose middle lies outside the study area do not count")


@dataclass(frozen=True, kw_only=True, eq=False)
class TypedStreets:
    """The streets of one type with their toilets, and what is far.

    Attributes
    ----------
    edges : positions of the edges of the network
    web : the streets cut at the toilets
    node_mm, node_toilet : distance to and position of the nearest toilet of each node
    far : far parts, short streets left out
    short_mm : length of the short streets: connected, and no longer than the spacing in all
    """

    spacing: Spacing
    edges: Longs
    web: Web
    node_mm: Longs
    node_toilet: Longs
    far: FarParts
    short_mm: int

    @classmethod
    def of(cls, spacing: Spacing, edges: Longs, web: Web, toilets: Longs) -> TypedStreets:
        """Find what is far from some places of the web, which are its toilets."""
        node_mm, node_toilet = web.from_places(toilets)
        short = web.lengths[web.component[web.u]] <= spacing.most_mm
        far = FarParts.of(web, node_mm, spacing.most_mm)
        return cls(
            spacing=spacing, edges=edges, web=web, node_mm=node_mm, node_toilet=node_toilet,
            far=far.only(~short[far.piece]), short_mm=int(web.mm[short].sum()),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class ToiletSpacing:
    """Spacing along streets, by type of street.

    Attributes
    ----------
    stretches : lines that are too far from every toilet, index = id (longest excess first within a type):
        ``kind`` "between" (two ends with a toilet), "end" (a toilet and a dead end), "none" (no toilet on the whole
        street) or "branching" (several ends); ``length_m`` from toilet to toilet, to the dead end, or of all arms
        together; ``excess_m`` what is far of it, which is the geometry; ``farthest_m`` from the worst point to its
        nearest toilet (NaN: there is none); ``lacks`` and ``lacks_most``: no fewer toilets close the stretch by itself,
        and so many do, equal unless it holds rings with branches; ``toilets`` ids at its ends; ``dead_ends`` how many
    toilets : all toilets, index = id: ``streets`` types of street they belong to, ``away_m`` from the nearest of them
    by_type : one row a type of street; stretches that lack a toilet each may share one, so ``lacks`` adds up each by
        itself
    typed : the streets themselves, for siting
    notes : where types and distances are from
    within_m : how near to its street a toilet must be
    """

    stretches: gpd.GeoDataFrame
    toilets: gpd.GeoDataFrame
    by_type: pd.DataFrame
    typed: tuple[TypedStreets, ...]
    notes: tuple[Text, ...]
    within_m: float

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.toilets.spacing_shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many stretches are too long."""
        return f"ToiletSpacing({len(self.stretches)} stretches too long, {len(self.by_type)} types of street)"


def audit_spacing(
    city: City,
    *,
    types: str | Mapping[str, str] | None = None,
    rules: Mapping[str, str] | None = None,
    toilets: gpd.GeoDataFrame | None = None,
    within_m: float = WITHIN_M,
) -> ToiletSpacing:
    """Find every stretch of street of the study area that lies too far from a public toilet.

    Parameters
    ----------
    types : column of the streets that holds "commercial", "living" or "traffic"; or the type by class of ``highway``;
        None = `spacing_types.HIGHWAY_TYPES`, an assumption, and marked as one
    rules : rule of the catalogue by type of street, in place of `spacing_types.RULES`
    toilets : points or areas, index = id; default: the city's, each once, as `records.read_records` reads them. An
        area stands where a point inside it does
    within_m : straight distance from a toilet to its street, at most

    Raises
    ------
    InputError
        No streets, unknown types or rules, a distance that is no number.
    """
    if city.network is None:
        msg = "spacing along streets needs streets, which the city has not"
        raise InputError(msg)
    if isinstance(within_m, bool) or not (np.isfinite(within_m) and within_m >= 0):
        msg = f"within_m is {within_m!r}, expected metres, 0 or more"
        raise InputError(msg)
    asked = spacings(city.catalogue, rules)
    kinds, note = types_of_edges(city.network.edges, types, tuple(s.type for s in asked))
    places = read_records(city).toilets if toilets is None else toilets
    xy = shapely.get_coordinates(shapely.point_on_surface(np.asarray(places.geometry.array, dtype=object)))
    here = _inside(city)
    typed = tuple(_typed(city.network, s, kinds, here, xy, within_m) for s in asked)
    ids = places.index.astype(str)
    whose = Text("本工具设定", "assumed here") if within_m == WITHIN_M else Text("研究给定", "given by the study")
    frames = [_stretches(city.network, one, ids) for one in typed]
    stretches = gpd.GeoDataFrame(pd.concat(frames), geometry="geometry", crs=city.network.crs)
    stretches.index.name = "id"
    return ToiletSpacing(
        stretches=stretches,
        toilets=_belonging(places, typed),
        by_type=pd.DataFrame([_summary(one, frame) for one, frame in zip(typed, frames, strict=True)]),
        typed=typed,
        notes=(
            note,
            Text(
                f"距道路中心线 {within_m:g} m 以内的公厕计入该路（{whose.zh}）",
                f"a toilet within {within_m:g} m of the centre line counts for the street ({whose.en})",
            ),
            *([] if here.all() else [_OUTSIDE]),
            *(s.asked for s in asked),
        ),
        within_m=float(within_m),
    )


def _inside(city: City) -> NDArray[np.bool_]:
    """Whether the middle of each edge lies in the study area; an extract reaches beyond it."""
    assert city.network is not None
    area = study_area(city)
    if area is None:
        return np.ones(len(city.network.edge_mm), dtype=bool)
    middle = shapely.line_interpolate_point(np.asarray(city.network.edges_frame().geometry), 0.5, normalized=True)
    whole = area.geometry.union_all()
    shapely.prepare(whole)
    return np.asarray(shapely.intersects(whole, middle), dtype=np.bool_)


def _typed(
    network: Network,
    spacing: Spacing,
    kinds: NDArray[np.object_],
    here: NDArray[np.bool_],
    xy: NDArray[np.float64],
    within_m: float,
) -> TypedStreets:
    edges = np.flatnonzero((kinds == spacing.type) & network.edge_carries & here)
    return TypedStreets.of(spacing, edges, Web.of(network, edges, xy, within_m), np.arange(len(xy)))


def _stretches(network: Network, one: TypedStreets, ids: pd.Index) -> pd.DataFrame:
    """One row a stretch, longest excess first."""
    web, far = one.web, one.far
    edge = web.edge[far.piece]
    # Lines are drawn in whole millimetres, a half is rounded outwards.
    low = web.start_mm[far.piece] + far.low2 // 2
    high = web.start_mm[far.piece] + -(-far.high2 // 2)
    lines = (
        part_lines(network, StreetParts(edge, low, high, np.zeros(len(edge), dtype=np.int64))) if len(edge) else edge
    )
    names = network.edges["name"] if "name" in network.edges.columns else pd.Series(None, index=network.edges.index)
    rows = []
    for group in far.groups(web):
        row = _stretch(one, group, ids)
        row["street"] = _street(names.iloc[edge[group]], (far.high2 - far.low2)[group])
        # No union: ways drawn twice over each other are two streets, and count as two.
        row["geometry"] = shapely.line_merge(shapely.multilinestrings(lines[group]))
        rows.append(row)
    rows.sort(key=lambda r: -r["excess_m"])
    index = [f"{one.spacing.type}-{k + 1:03d}" for k in range(len(rows))]
    return pd.DataFrame(rows, columns=list(STRETCH_COLUMNS), index=index)


def _stretch(one: TypedStreets, group: Longs, ids: pd.Index) -> dict[str, Any]:
    web, far, most = one.web, one.far, one.spacing.most_mm
    links, ends = _links(one, group)
    far2 = sum(length for _, _, length in links)
    lone = bool(one.node_mm[web.u[far.piece[group[0]]]] == UNREACHED)
    nodes = {n for a, b, _ in links for n in (a, b) if n < web.n_nodes}
    dead = sum(1 for n in nodes if web.degree[n] == 1)
    branching = any(web.degree[n] > 2 for n in nodes) or len(ends) + dead != 2
    least, suffice = places_needed(links, most)
    piece = far.piece[group]
    u, v = one.node_mm[web.u[piece]], one.node_mm[web.v[piece]]
    # On a piece of length L between nodes d and e away the worst point is (d + e + L) / 2 from its nearest toilet.
    farthest = np.nan if lone else float((u + v + web.mm[piece]).max()) / 2 / MM_PER_M
    kind = "none" if lone else "branching" if branching else "end" if dead else "between"
    return {
        "type": one.spacing.type,
        "rule": one.spacing.rule.id,
        "confidence": one.spacing.reading.value,
        "spacing_m": one.spacing.limit_m,
        "kind": kind,
        "length_m": (far2 + most * len(ends)) / 2 / MM_PER_M,
        "excess_m": far2 / 2 / MM_PER_M,
        "farthest_m": farthest,
        "lacks": least,
        "lacks_most": suffice,
        "toilets": "; ".join(sorted({str(ids[t]) for t in ends})),
        "dead_ends": dead,
    }


def _links(one: TypedStreets, group: Longs) -> tuple[list[Link], list[int]]:
    """Return the stretch as links between nodes, a new node at every end that faces a toilet; and those toilets."""
    web, far = one.web, one.far
    free, ends, links = web.n_nodes, [], []
    nodes = set()
    for k in group:
        piece = far.piece[k]
        here = []
        for node, is_open in ((web.u[piece], far.low_open[k]), (web.v[piece], far.high_open[k])):
            if is_open:
                here.append(int(node))
                nodes.add(int(node))
            else:
                ends.append(int(one.node_toilet[node]))
                here.append(free)
                free += 1
        links.append((here[0], here[1], int(far.high2[k] - far.low2[k])))
    bare = np.flatnonzero((web.mm == 0) & far.far_node[web.u])
    links += [(int(web.u[p]), int(web.v[p]), 0) for p in bare if int(web.u[p]) in nodes]
    return links, ends


def _street(names: pd.Series, length2: Longs) -> str | None:
    """Names of the streets of a stretch, the longest first."""
    table = pd.DataFrame({"name": names.to_numpy(dtype=object), "length": length2}).dropna(subset="name")
    total = table.groupby("name")["length"].sum().reset_index().sort_values(["length", "name"], ascending=[False, True])
    return "; ".join(str(n) for n in total["name"].head(_NAMED)) or None


def _belonging(places: gpd.GeoDataFrame, typed: tuple[TypedStreets, ...]) -> gpd.GeoDataFrame:
    """Say which types of street each toilet belongs to."""
    on = np.array([one.web.place_node >= 0 for one in typed]).reshape(len(typed), len(places))
    away = np.array([one.web.away_m for one in typed]).reshape(len(typed), len(places))
    nearest = np.min(away, axis=0, initial=np.inf)
    frame = gpd.GeoDataFrame(
        {
            "streets": [
                "; ".join(one.spacing.type for one, its in zip(typed, column, strict=True) if its) for column in on.T
            ],
            "away_m": np.where(np.isfinite(nearest), np.round(nearest, 1), np.nan),
        },
        geometry=shapely.point_on_surface(np.asarray(places.geometry.array, dtype=object)),
        crs=places.crs,
        index=places.index.astype(str),
    )
    frame.index.name = "id"
    return frame


def _summary(one: TypedStreets, frame: pd.DataFrame) -> dict[str, Any]:
    total, far = int(one.web.mm.sum()), int((one.far.high2 - one.far.low2).sum()) / 2
    values = (
        one.spacing.type, one.spacing.name.zh, one.spacing.name.en, one.spacing.rule.id,
        document_text(one.spacing.rule), one.spacing.reading.value, one.spacing.limit_m, total / MM_PER_M,
        int((one.web.place_node >= 0).sum()), len(frame), far / MM_PER_M, far / total if total else None,
        one.short_mm / MM_PER_M, int(frame["lacks"].sum()), int(frame["lacks_most"].sum()),
    )  # fmt: skip
    return dict(zip(SUMMARY_COLUMNS, values, strict=True))
