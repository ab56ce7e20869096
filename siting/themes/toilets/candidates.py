"""Places where a public toilet could stand or open: each with its kind, its cost, and the tests that it failed.

New ones at street frontage, in parks, on squares, at stations and on vacant land; and toilets of existing public
buildings that could be opened to everybody. What a toilet of each kind costs the study says; nothing here knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.schema import in_crs
from siting.errors import InfeasibleError, InputError
from siting.ledger import Text
from siting.locate.candidates.make import COLUMNS, make_candidates
from siting.nearest_word import hint
from siting.standards.labels import document_text
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.toilets.records import RESTRICTED
from siting.themes.toilets.study_area import study_area

Kind = Literal["street", "park", "square", "station", "vacant", "building"]
KINDS: Mapping[str, Text] = {
    "street": Text("街道沿线", "street frontage"),
    "park": Text("公园内", "in a park"),
    "square": Text("广场", "on a square"),
    "station": Text("车站", "at a station"),
    "vacant": Text("空闲用地", "vacant land"),
    "building": Text("公共建筑开放厕所", "public building, opened"),
}
SEPARATIONS = ("wc.sep.water", "wc.sep.tank", "wc.sep.food")
"""Rules that keep a toilet or its septic tank away from something; the study gives the layer of what it is."""
SQUARES, STATIONS = ("square",), ("metro", "bus_station", "railway_station")
_CLASSES = {"park": ("park_green",), "square": SQUARES, "station": STATIONS, "building": (RESTRICTED,)}
"""Of the city's own; a toilet that is there and not open to everybody could be opened."""
_INDOORS = ("station", "building")
_GIVEN_BY: Mapping[str, str] = {
    "street": "streets", "park": "facilities of class park_green", "square": "facilities of class square",
    "station": "facilities of class metro, bus_station or railway_station", "vacant": "vacant land ([land] vacant)",
    "building": "classes of buildings with a toilet (buildings)",
}  # fmt: skip
"""What of a city, or of a study, gives places of a kind."""


def toilet_candidates(
    city: City,
    kinds: Sequence[str] | None = None,
    *,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    costs: Mapping[str, float] | None = None,
    separations: Mapping[str, gpd.GeoDataFrame] | None = None,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    **measures: Any,
) -> gpd.GeoDataFrame:
    """Gather places of several kinds and test each.

    Parameters
    ----------
    kinds : of `KINDS`; default: all for which there is a layer, street frontage included
    layers : points or polygons by kind, in place of the city's own: frontage of its streets, its parks, vacant plots,
        squares, stations, and for "building" its toilets that are not open to everybody. A point is taken as it is, in
        a polygon a place near a street is found
    costs : of one toilet by kind, 0 or more, in one unit of the study's own (thousand yuan, say); None = unknown
    separations : layer by rule of `SEPARATIONS`: drinking-water sources for ``wc.sep.water``. A place nearer than the
        clause says is refused; the place of the septic tank is not known, so the toilet's own is measured. An opened
        toilet has its tank already: it is measured for ``wc.sep.food`` only
    exclusions : polygons where nothing may be built, by name; default: the city's, water and buildings. Places in
        stations and buildings are not held against them
    measures : further arguments of `make_candidates`, such as ``spacing_m``, ``min_area_m2`` or ``footway_m``

    Returns
    -------
    Index = "<kind>-<id>"; columns `COLUMNS` and ``kind``, ``kind_zh``, ``kind_en``, ``cost`` (NaN: none stated),
    ``failed`` (what was not met, "; " between; empty where ``allowed``)

    Raises
    ------
    InputError
        Unknown kinds or rules, a kind without a layer, costs that are no number.
    InfeasibleError
        There is no place of any kind.
    """
    given = {name: in_crs(name, layer, city.crs) for name, layer in (layers or {}).items()}
    wanted = _kinds(city, kinds, given)
    price = _costs(costs, wanted)
    apart = _separations(city, separations)
    if exclusions is None:
        exclusions = dict(city.exclusions)
        exclusions |= {k: v for k, v in (("water", city.water), ("buildings", city.buildings)) if v is not None}
    blocked = {k: _polygons(v) for k, v in exclusions.items()}
    blocked |= {rule.id: _around(layer, rule) for rule, layer in apart}
    blocked = {k: v for k, v in blocked.items() if len(v)}
    found = [_of_kind(city, kind, given, {} if kind in _INDOORS else blocked, measures) for kind in wanted]
    found = [frame for frame in found if len(frame)]
    if not found:
        msg = f"toilets: there is no place of any kind ({', '.join(wanted)}); give layers, or widen the study area"
        raise InfeasibleError(msg)
    notes = [note for frame in found for note in frame.attrs.get("notes", ())]
    for frame in found:
        frame.attrs = {}
    made = gpd.GeoDataFrame(pd.concat(found), geometry="geometry", crs=city.crs)
    made["cost"] = [price.get(kind, np.nan) for kind in made["kind"]]
    _test_separations(made, apart)
    made.index.name = "id"
    made.attrs["notes"] = (*notes, *(_said(rule) for rule, _ in apart))
    return made


def _kinds(city: City, kinds: Sequence[str] | None, given: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    """Return the kinds in the order of `KINDS`, refusing those that are unknown or have no layer."""
    for name in (*(kinds or ()), *given):
        if name not in KINDS:
            msg = f"toilets: no kind of place {name!r}{hint(name, KINDS)}; there are {', '.join(KINDS)}"
            raise InputError(msg)
    has = {kind: len(layer) > 0 for kind, layer in given.items()}
    has.setdefault("street", city.network is not None)
    if city.green is not None and bool(city.green["is_park"].any()):
        has.setdefault("park", True)
    has.setdefault("vacant", city.vacant is not None and len(city.vacant) > 0)
    for kind, classes in _CLASSES.items():
        has.setdefault(kind, len(_placed(city.of_class(*classes))) > 0)
    lacking = [kind for kind in kinds or () if not has.get(kind)]
    if lacking:
        ways = "; ".join(f"{kind}: {_GIVEN_BY[kind]}" for kind in lacking)
        msg = f"toilets: there is no layer for places of kind {', '.join(lacking)}; give layers.{lacking[0]}, or {ways}"
        raise InputError(msg)
    return [kind for kind in KINDS if (has.get(kind) if kinds is None else kind in kinds)]


def _costs(costs: Mapping[str, float] | None, wanted: Sequence[str]) -> dict[str, float]:
    for kind, cost in (costs or {}).items():
        if kind not in KINDS:
            msg = f"toilets: cost of {kind!r}, which is no kind of place{hint(kind, KINDS)}"
            raise InputError(msg)
        if isinstance(cost, bool) or not (isinstance(cost, int | float) and math.isfinite(cost) and cost >= 0):
            msg = f"toilets: cost of {kind} is {cost!r}, expected a number, 0 or more"
            raise InputError(msg)
    lacking = [kind for kind in wanted if costs and kind not in costs]
    if lacking:
        msg = f"toilets: costs say nothing of {', '.join(lacking)}; state what one of them costs, or leave the kind out"
        raise InputError(msg)
    return dict(costs or {})


def _separations(city: City, separations: Mapping[str, gpd.GeoDataFrame] | None) -> list[tuple[Rule, gpd.GeoDataFrame]]:
    found = []
    for name, layer in (separations or {}).items():
        if name not in city.catalogue or city.catalogue[name].metric != "separation":
            msg = (
                f"toilets: no rule of separation {name!r}{hint(name, SEPARATIONS)}; there are {', '.join(SEPARATIONS)}"
            )
            raise InputError(msg)
        usable = ~(shapely.is_missing(np.asarray(layer.geometry.array)) | layer.geometry.is_empty.to_numpy())
        found.append((city.catalogue[name], in_crs(name, gpd.GeoDataFrame(layer[usable]), city.crs)))
    return found


def _of_kind(
    city: City, kind: str, given: Mapping[str, gpd.GeoDataFrame], blocked: Mapping[str, gpd.GeoDataFrame],
    measures: Mapping[str, Any],
) -> gpd.GeoDataFrame:  # fmt: skip
    """Find the places of one kind."""
    streets = None if city.network is None else city.network.edges_frame()
    common: dict[str, Any] = {"streets": streets, "exclusions": blocked, "within": study_area(city), **measures}
    if kind == "street" and kind not in given:
        made = make_candidates("street", **common)
    elif kind == "vacant":
        made = make_candidates("vacant", land=given.get("vacant", city.vacant), **common)
    else:
        layer = given.get(kind)
        if layer is None and kind == "park" and city.green is not None and bool(city.green["is_park"].any()):
            layer = city.green[city.green["is_park"].to_numpy(dtype=bool)]
        elif layer is None:
            layer = city.of_class(*_CLASSES[kind])
        placed = _placed(gpd.GeoDataFrame(layer))
        if not len(placed):
            return placed
        made = make_candidates("layer", layer=_plain(placed, point=kind in _INDOORS), **common)
    notes = made.attrs.get("notes", ())
    made = gpd.GeoDataFrame(made[[c for c in COLUMNS if c in made.columns]])
    made.index = [f"{kind}-{label}" for label in made.index]
    made["kind"], made["kind_zh"], made["kind_en"] = kind, KINDS[kind].zh, KINDS[kind].en
    made.attrs["notes"] = notes
    return made


def _placed(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows with a place, none twice by id."""
    shape = np.asarray(layer.geometry.array, dtype=object)
    return gpd.GeoDataFrame(layer[~(shapely.is_missing(shape) | shapely.is_empty(shape)) & ~layer.index.duplicated()])


def _plain(layer: gpd.GeoDataFrame, *, point: bool) -> gpd.GeoDataFrame:
    """Return a layer without columns that mean something else here; ``point``: by a point inside each shape."""
    keep = [c for c in ("id", "name") if c in layer.columns]
    shape = np.asarray(layer.geometry.array, dtype=object)
    inside = shapely.point_on_surface(shape) if point else shape
    return gpd.GeoDataFrame(layer[keep], geometry=inside, crs=layer.crs)


def _polygons(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(layer[layer.geom_type.isin(["Polygon", "MultiPolygon"])])


def _around(layer: gpd.GeoDataFrame, rule: Rule) -> gpd.GeoDataFrame:
    """Ground nearer than the clause allows, so that a place on a plot is looked for beyond it."""
    return gpd.GeoDataFrame(layer[[]], geometry=layer.geometry.buffer(_metres(rule)), crs=layer.crs)


def _metres(rule: Rule) -> float:
    threshold = rule.threshold
    return float(threshold[0] if isinstance(threshold, tuple) else threshold or 0.0)


def _test_separations(made: gpd.GeoDataFrame, apart: Sequence[tuple[Rule, gpd.GeoDataFrame]]) -> None:
    """Refuse places nearer to something than the clauses say, exactly; write down all that was not met."""
    points = np.asarray(made.geometry.array, dtype=object)
    failed = [[] if pd.isna(r) else [str(r)] for r in made["refusal"]]
    tank = (made["kind"] != "building").to_numpy()
    for rule, layer in apart:
        if not len(layer):
            continue
        held = np.ones(len(made), dtype=bool) if rule.id == "wc.sep.food" else tank
        metres = _distance(points, layer)
        for k in np.flatnonzero(held & (metres < _metres(rule))):
            text = Text(
                f"{rule.id}：{metres[k]:.2f} m，应不小于 {_metres(rule):g} m（{rule.confidence.text.zh}）",
                f"{rule.id}: {metres[k]:.2f} m, at least {_metres(rule):g} m ({rule.confidence.text.en})",
            )
            failed[k].append(text.both(" / "))
    made["failed"] = ["; ".join(one) for one in failed]
    made["allowed"] = [not one for one in failed]
    made["refusal"] = pd.Series([one[0] if one else None for one in failed], index=made.index, dtype=object)


def _distance(points: NDArray[np.object_], layer: gpd.GeoDataFrame) -> NDArray[np.float64]:
    tree = shapely.STRtree(np.asarray(layer.geometry.array, dtype=object))
    (row, _), metres = tree.query_nearest(points, return_distance=True, all_matches=False)
    away = np.full(len(points), np.inf)
    away[row] = metres
    return away


def _said(rule: Rule) -> Text:
    name, read = rule.name, rule.confidence.text
    return Text(
        f"{name.zh}不小于 {_metres(rule):g} m（{document_text(rule)}，{read.zh}），化粪池位置未知，按候选点量取",
        f"{name.en}: at least {_metres(rule):g} m ({document_text(rule, 'en')}, {read.en}), from the place itself",
    )
